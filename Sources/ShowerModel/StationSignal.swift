/// What a station with a waveform does in the joint fit.
///
/// The raw values are stored in files: never renumber, only append.
public enum StationRole: Int, Sendable, CaseIterable {
  /// In the cluster, unsaturated: timing and signal terms.
  case fitted = 0
  /// In the cluster, saturated: timing term only.
  case saturated = 1
  /// Out of time, but a large signal near the core: signal term only.
  case badTiming = 2
  /// Out of the cluster: no term.
  case excluded = 3

  /// The name stored in files.
  public var name: String { "\(self)" }
}

/// Signal and time of one station, from its waveforms, and its part in the fit.
public struct StationSignal: Sendable, Equatable {
  /// Index of the station in `DetectorArray.stations`.
  public var station: Int
  /// Leading edge, mean of the layers [ns], on the clock of the event.
  public var time: Double
  /// Uncertainty of the leading edge [ns].
  public var timeError: Double
  /// Integrated signal of each layer [VEM].
  public var upper: Double
  public var lower: Double
  /// Number of readout windows merged into the signal.
  public var windowCount: Int
  public var isSaturated: Bool
  public var role: StationRole
  /// Time minus fitted front time [ns]; NaN without a fit.
  public var timeResidual: Double
  /// Fitted lateral distribution at the station, S_fit [VEM/m2]; NaN without a fit.
  public var expectedSignal: Double

  public init(
    station: Int, time: Double, timeError: Double, upper: Double, lower: Double, windowCount: Int,
    isSaturated: Bool, role: StationRole = .excluded, timeResidual: Double = .nan,
    expectedSignal: Double = .nan
  ) {
    self.station = station
    self.time = time
    self.timeError = timeError
    self.upper = upper
    self.lower = lower
    self.windowCount = windowCount
    self.isSaturated = isSaturated
    self.role = role
    self.timeResidual = timeResidual
    self.expectedSignal = expectedSignal
  }

  /// Mean of both layers per area, S = (S_upper + S_lower) / 2 / 3 m2 [VEM/m2].
  public var signal: Double { 0.5 * (upper + lower) / Units.stationArea }
}
