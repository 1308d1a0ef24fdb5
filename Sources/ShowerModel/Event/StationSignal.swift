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

/// How far a station with a waveform came in the selection, the roles 0 ... 5 of the Utah chain.
///
/// Stations of level 4 and 5 are counted as stations of the event. Never renumber, only append.
public enum SelectionLevel: Int, Sendable, CaseIterable {
  /// Too small a signal, or far from the shower.
  case outside = 0
  /// Above threshold, without a neighbour above threshold.
  case alone = 1
  /// In the largest cluster in space, but not in time with it.
  case spaceCluster = 2
  /// In the cluster in space and time, but cleaned away as out of time with the front.
  case spaceTimeCluster = 3
  /// Survived the cleaning.
  case cleaned = 4
  /// Survived the cleaning, and saturated.
  case saturated = 5

  /// The name stored in files.
  public var name: String { "\(self)" }
}

/// The term that the signal of a station has in chi2 of the joint fit.
///
/// The raw values are stored in files: never renumber, only append.
public enum SignalTerm: Int, Sendable, CaseIterable {
  /// Saturated, out of time, or excluded.
  case none = 0
  /// `((S - S_fit) / sigma_S)^2`, where the expected signal is above 12 VEM, 4 VEM/m2 in 3 m2.
  case gaussian = 1
  /// `0.4 D(A S, A S_fit)` with the area A, the deviance of few particles.
  case poisson = 2

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
  /// Integrated signal of each layer [VEM]; NaN for a bad one.
  public var upper: Double
  public var lower: Double
  /// Area of a layer [m2].
  public var area: Double
  /// Layers that the monitoring has excluded: time and signal are those of the other one.
  public var badLayers: LayerSet
  /// Number of readout windows merged into the signal.
  public var windowCount: Int
  public var isSaturated: Bool
  public var level: SelectionLevel
  public var role: StationRole
  public var signalTerm: SignalTerm
  /// Errors of time [ns] and signal [VEM/m2] in the last pass of the fit; NaN where the station has
  /// no such term.
  public var timeSigma: Double
  public var signalSigma: Double
  /// Studentised residuals r / sqrt(1 - h), r = (data - model) / sigma or the signed root of the
  /// deviance, h the leverage; NaN where the station has no such term.
  public var timePull: Double
  public var signalPull: Double
  /// Time minus fitted front time [ns]; NaN without a fit.
  public var timeResidual: Double
  /// Fitted lateral distribution at the station, S_fit [VEM/m2]; NaN without a fit.
  public var expectedSignal: Double

  public init(
    station: Int, time: Double, timeError: Double, upper: Double, lower: Double,
    area: Double = DetectorDescription.telescopeArray.stationArea, badLayers: LayerSet = [],
    windowCount: Int = 1, isSaturated: Bool = false,
    level: SelectionLevel = .outside,
    role: StationRole = .excluded,
    signalTerm: SignalTerm = .none, timeSigma: Double = .nan, signalSigma: Double = .nan,
    timePull: Double = .nan, signalPull: Double = .nan, timeResidual: Double = .nan,
    expectedSignal: Double = .nan
  ) {
    self.station = station
    self.time = time
    self.timeError = timeError
    self.upper = upper
    self.lower = lower
    self.area = area
    self.badLayers = badLayers
    self.windowCount = windowCount
    self.isSaturated = isSaturated
    self.level = level
    self.role = role
    self.signalTerm = signalTerm
    self.timeSigma = timeSigma
    self.signalSigma = signalSigma
    self.timePull = timePull
    self.signalPull = signalPull
    self.timeResidual = timeResidual
    self.expectedSignal = expectedSignal
  }

  /// Mean of the good layers per area, S = (S_upper + S_lower) / 2 A [VEM/m2].
  public var signal: Double { badLayers.meanOfOthers(upper: upper, lower: lower) / area }
}
