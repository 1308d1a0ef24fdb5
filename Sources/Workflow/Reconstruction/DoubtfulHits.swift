import Logging
import ShowerModel
import StandardReconstruction

/// Hits of events that cannot be what they say: counted while the events are read, and told once.
struct DoubtfulHits {
  /// Without a usable calibration.
  private var uncalibrated = 0
  /// More than a millisecond from most hits of their event, in which light crosses 300 km.
  private var elsewhere = 0
  private static let longest = 1e6

  init() {}

  init(_ events: [Event], detector: DetectorDescription) {
    for event in events {
      uncalibrated += event.hits.reduce(0) { $0 + ($1.isCalibrated(detector) ? 0 : 1) }
      let starts = event.hits.map(\.windowStart)
      guard let first = starts.min(), let last = starts.max(), last - first > Self.longest else {
        continue
      }
      let median = starts.sorted()[starts.count / 2]
      elsewhere += starts.reduce(0) { $0 + (abs($1 - median) > Self.longest ? 1 : 0) }
    }
  }

  static func += (sum: inout Self, more: Self) {
    sum.uncalibrated += more.uncalibrated
    sum.elsewhere += more.elsewhere
  }

  func warn(of input: String, _ log: Logger) {
    if uncalibrated > 0 {
      log.warning("\(input): \(uncalibrated) hits have no usable calibration and were left out")
    }
    if elsewhere > 0 {
      log.warning(
        """
        \(input): \(elsewhere) hits begin more than 1 ms from the others of their event, and \
        belong to no shower. Times are in ns
        """)
    }
  }
}
