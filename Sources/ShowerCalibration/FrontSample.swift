internal import Glibc
package import ShowerModel

/// Delays of simulated stations behind the true plane front: what a tuned front is fitted to.
///
/// 48 bytes a station: 100,000 events need some 80 MB.
package struct FrontSample: Sendable {
  /// One station with a time in the fit.
  package struct Station: Sendable, Equatable {
    /// About the true axis.
    package var place: TunedFront.StationCoordinates
    /// Leading edge less the arrival of the true plane front [ns].
    package var delay: Double
    /// Number of the event.
    package var event: Int32
  }

  package private(set) var stations: [Station] = []
  package private(set) var eventCount = 0

  package init() {}

  /// Adds the stations of an event that have a timing term in its standard fit, saturated ones
  /// included.
  ///
  /// Distances are softened as the fit does, r^2 + (10 m)^2.
  package mutating func append(
    truth: Truth, stations signals: [StationSignal], array: DetectorArray
  ) {
    let (shower, softening) = (truth.shower, 10.0)
    let (axis, secant) = (shower.axis, 1 / cos(shower.zenith))
    let before = stations.count
    for signal in signals where signal.role == .fitted || signal.role == .saturated {
      let position = array.stations[signal.station].position
      let (r, l) = (axis.distance(of: position), axis.upstream(of: position))
      let place = TunedFront.StationCoordinates(
        distance: (r * r + softening * softening).squareRoot(), logSignal: log(signal.signal),
        secant: secant, upstream: l)
      let delay = signal.time - shower.time - axis.planeDelay(at: position)
      guard delay.isFinite, place.logSignal.isFinite, secant.isFinite else { continue }
      stations.append(Station(place: place, delay: delay, event: Int32(eventCount)))
    }
    if stations.count > before { eventCount += 1 }
  }
}
