internal import Glibc
public import ShowerModel

/// Why times of stations cannot be those of one shower in nanoseconds.
///
/// The front of a shower passes at the speed of light. So the times of two stations differ by less
/// than light takes from one to the other, and the times of many seldom agree.
public enum TimeFault: String, Sendable, CaseIterable {
  /// Differences near a second, and a shower if the later times are taken a second back.
  case secondWrap
  /// All nearly the same: seconds or microseconds.
  case tooClose
  /// Hardly two of them within a light crossing.
  case tooFar

  /// What is wrong, and what to do.
  public var explanation: String {
    switch self {
    case .secondWrap:
      "times wrap a second: some are 1e9 ns before the others. Count them from one moment"
    case .tooClose:
      "times are too close together for the distances of the stations, as seconds or microseconds "
        + "would be. They must be nanoseconds"
    case .tooFar:
      "hardly two stations have times within a light crossing of their distance. Times must be "
        + "nanoseconds, of one shower"
    }
  }

  /// One second [ns].
  private static let second = 1e9
  /// Smaller arrays say too little [m].
  private static let leastExtent = 100.0

  /// The fault of some times; nil for those that may be of a shower.
  ///
  /// - Parameters:
  ///   - times: of at least three stations [ns]; fewer have no fault.
  ///   - positions: of the same stations [m].
  public init?(times: [Double], positions: [Position]) {
    guard times.count >= 3, let first = times.min(), let last = times.max() else { return nil }
    var (low, high) = (positions[0], positions[0])
    for position in positions {
      low = pointwiseMin(low, position)
      high = pointwiseMax(high, position)
    }
    let extent = ((high - low) * (high - low)).sum().squareRoot()
    let spread = last - first
    if spread > 0.5 * Self.second {
      let unwrapped = times.map { $0 - first > 0.5 * Self.second ? $0 - Self.second : $0 }
      let size = (unwrapped.max() ?? 0) - (unwrapped.min() ?? 0)
      if size < 0.01 * Self.second {
        self = .secondWrap
        return
      }
    }
    let closest = max(1, extent / 500) / Units.speedOfLight
    if extent >= Self.leastExtent, spread < closest {
      self = .tooClose
      return
    }
    // A tenth of the pairs: some agree by chance.
    let least = max(1, times.count * (times.count - 1) / 20)
    var count = 0
    for a in times.indices {
      for b in 0..<a {
        let d = positions[a] - positions[b]
        let light = Units.speedOfLight * (times[a] - times[b])
        // An early station may be late by the scatter of its front and clock.
        let slack = 100 * Units.speedOfLight
        guard abs(light) <= (d * d).sum().squareRoot() + slack else { continue }
        count += 1
        if count >= least { return nil }
      }
    }
    self = .tooFar
  }
}
