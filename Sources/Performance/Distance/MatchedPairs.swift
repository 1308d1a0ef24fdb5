internal import Glibc
internal import ShowerModel

/// Events of two samples, each with the nearest one of the other at the same zenith angle and S800.
///
/// Data and a simulation have other spectra. Within a pair both events have the same place, so that
/// nothing but what is asked for differs. No event is in two pairs. Events of the data are taken in
/// random order; each gets the nearest free event of the reference within `reach`.
struct MatchedPairs {
  /// Row of the data and row of the reference, pair by pair, in random order.
  private(set) var pairs: [(data: Int, reference: Int)] = []

  /// Largest difference in ln S800 and in sec theta: half axes of an ellipse.
  static let reach = SIMD2(0.1, 0.02)

  /// - Parameters:
  ///   - data: ln S800 and sec theta of each event.
  ///   - reference: the same of the other sample.
  ///   - seed: of the order.
  init(data: [SIMD2<Double>], reference: [SIMD2<Double>], seed: UInt64) {
    var free: [SIMD2<Int>: [Int]] = [:]
    for (row, place) in reference.enumerated() where Self.isFinite(place) {
      free[Self.cell(place), default: []].append(row)
    }
    var random = CounterRandom(seed: seed, event: 0, stream: .pairOrder)
    for row in data.indices.shuffled(using: &random) where Self.isFinite(data[row]) {
      let home = Self.cell(data[row])
      var best: (cell: SIMD2<Int>, index: Int, distance: Double)?
      for offset in 0..<9 {
        let cell = home &+ SIMD2(offset / 3 - 1, offset % 3 - 1)
        for (index, other) in (free[cell] ?? []).enumerated() {
          let difference = (data[row] - reference[other]) / Self.reach
          let distance = (difference * difference).sum()
          if distance < best?.distance ?? 1 { best = (cell, index, distance) }
        }
      }
      guard let best, let other = free[best.cell]?.remove(at: best.index) else { continue }
      pairs.append((row, other))
    }
  }

  private static func isFinite(_ place: SIMD2<Double>) -> Bool {
    abs(place.x) < 1e6 && abs(place.y) < 1e6
  }

  private static func cell(_ place: SIMD2<Double>) -> SIMD2<Int> {
    let scaled = place / reach
    return SIMD2(Int(scaled.x.rounded(.down)), Int(scaled.y.rounded(.down)))
  }
}
