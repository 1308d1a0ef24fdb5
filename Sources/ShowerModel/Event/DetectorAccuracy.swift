/// How well the stations measure during an event, as the monitoring of an experiment knows it.
///
/// The fit has its own model of errors and does not use it. Networks may: one that learned from
/// events with good and bad clocks trusts times as far as the clocks allow.
public struct DetectorAccuracy: Sendable, Equatable {
  /// Standard deviation of the clocks of stations [ns].
  public var clockError: Double
  /// Relative standard deviation of the counts of one VEM, as the calibration gives them.
  public var calibrationError: Double

  /// Of the Telescope Array where nothing else is said, as the nominal simulation has it.
  public init(clockError: Double = 15, calibrationError: Double = 0.03) {
    self.clockError = clockError
    self.calibrationError = calibrationError
  }

  /// Columns of /events.
  public static let columns: [Column<DetectorAccuracy>] = [
    Column(
      "clock_error", unit: "ns", "Standard deviation of the clocks of stations",
      \DetectorAccuracy.clockError
    ).within(0...1e6).since(minorVersion: 6),
    Column(
      "calibration_error", unit: "1",
      "Relative standard deviation of the counts of one VEM that the calibration gives",
      \DetectorAccuracy.calibrationError
    ).within(0...10).since(minorVersion: 6),
  ]
}
