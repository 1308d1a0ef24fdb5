internal import Foundation
internal import ShowerModel

/// A station as the picture of an event shows it.
struct DrawnStation: Sendable {
  /// How it is marked.
  enum Part: Int, Sendable, CaseIterable {
    case fitted, saturated, badTiming, excluded
    /// Alive, near the shower, and without a waveform.
    case silent
    /// Alive, without a waveform, and too far to count.
    case away
    case dead

    init(_ role: StationRole) {
      self =
        switch role {
        case .fitted: .fitted
        case .saturated: .saturated
        case .badTiming: .badTiming
        case .excluded: .excluded
        }
    }
  }

  let id: Int
  let position: Position
  let part: Part
  /// What the waveforms gave; nil for the last three parts.
  let signal: StationSignal?
  /// Distance from the fitted axis [m]; NaN without a fit.
  let distance: Double
  /// Time behind the fitted plane front [ns], `t - t0 - t_plane`; NaN without a fit or a waveform.
  let delay: Double

  /// Largest signal that a silent station may have had [VEM/m2].
  ///
  /// The expectation that gives no particle in the area [m2] with 5 % probability, `-ln 0.05 / A`.
  static func silentLimit(area: Double) -> Double { -log(0.05) / area }

  /// Whether the time of the station is used.
  var hasTime: Bool { part == .fitted || part == .saturated }

  /// All stations of an array, as an event left them.
  static func all(
    of reconstructed: ReconstructedEvent, in array: DetectorArray, silentDistance: Double
  ) -> [DrawnStation] {
    let signals = Dictionary(
      reconstructed.stations.map { ($0.station, $0) },
      uniquingKeysWith: { $0.signal > $1.signal ? $0 : $1 })
    let dead = Set(reconstructed.event.deadStations)
    let largest = reconstructed.stations
      .filter { $0.role == .fitted || $0.role == .saturated }
      .max { $0.signal < $1.signal }
    let shower = reconstructed.standard.shower
    let axis = shower.isDrawable ? shower.axis : nil
    return array.stations.enumerated().map { index, station in
      let signal = signals[index]
      var part = Part.away
      if let signal {
        part = Part(signal.role)
      } else if dead.contains(index) {
        part = .dead
      } else if let largest {
        let d = station.position - array.stations[largest.station].position
        if (d * d).sum().squareRoot() < silentDistance { part = .silent }
      }
      let plane = axis.map { shower.time + $0.planeDelay(at: station.position) }
      return DrawnStation(
        id: station.id, position: station.position, part: part, signal: signal,
        distance: axis.map { $0.distance(of: station.position) } ?? .nan,
        delay: signal.flatMap { signal in plane.map { signal.time - $0 } } ?? .nan)
    }
  }
}
