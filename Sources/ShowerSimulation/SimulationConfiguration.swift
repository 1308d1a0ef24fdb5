internal import ShowerModel

/// Everything that can be chosen about a simulation. The defaults are the nominal model.
///
/// The numbers of judgement (muon number, hadronic fraction, time scale, layer classes, ...) are knobs,
/// to be varied as systematics. Decoding takes the default for a missing key and refuses unknown ones.
public struct SimulationConfiguration: Sendable, Equatable {
  /// Where cores fall.
  public enum CoreArea: String, Sendable, Codable, CaseIterable {
    /// Uniform in the cells of all stations.
    case wholeArray
    /// Uniform in the cell of the station nearest to the middle of the array.
    case centralCell
  }

  // MARK: - Showers

  /// Range of log10(E/eV), on the Monte Carlo energy scale.
  public var minimumLogEnergy = 18.0
  public var maximumLogEnergy = 20.5
  /// gamma of dN/dE ~ E^gamma.
  public var spectralIndex = -1.0
  /// Relative numbers of primaries by symbol: H, He, N, Fe, photon.
  public var primaryWeights = ["H": 1.0, "He": 1.0, "N": 1.0, "Fe": 1.0]
  /// Largest zenith angle [rad], at most 60 degrees; directions are uniform in sin^2 theta.
  public var maximumZenith = 45 * Units.degree
  public var interactionModel = InteractionModel.qgsjetII04
  public var coreArea = CoreArea.wholeArray
  /// Whether photons may convert in the geomagnetic field before the atmosphere (crude).
  public var photonPreshower = false

  // MARK: - Shower model

  /// Factor on the muon number R_mu; systematic +-20 %.
  public var muonScaleFactor = 1.0
  /// Correlation of the muon number with the depth of the maximum, rho.
  public var muonDepthCorrelation = -0.2
  /// Added to the hadronic fraction f_h of the electromagnetic signal; systematic +-0.1.
  public var hadronicFractionOffset = 0.0
  /// Factor on all times of the electromagnetic component, t_f and m; systematic +-10 %.
  public var timeScale = 1.0
  /// Scatter of t_f between stations, relative (0.15 as a systematic).
  public var frontScatter = 0.0
  /// Delayed neutrons per VEM/m2 at 1 km; uncertain by a factor 3.
  public var neutronRate = 0.004

  // MARK: - Detector

  /// Fraction of electromagnetic hits that cross both layers; systematic +-0.10.
  public var bothLayersFraction = 0.50
  /// Photo-electrons per MeV deposited; systematic +-20 %.
  public var photoElectronsPerMeV = 12.0
  /// Relative spread of the photo-electron yield between layers.
  public var photoElectronSpread = 0.15
  /// FADC counts per MeV deposited.
  public var countsPerMeV = 19.2
  /// Relative spread of the gain between layers (known from the calibration).
  public var gainSpread = 0.10
  /// Relative error of the calibration: what the event says against the true gain.
  public var calibrationError = 0.03
  /// Mean and spread of the pedestals [counts].
  public var pedestal = 6.0
  public var pedestalSpread = 1.0
  /// Standard deviation of the noise of a sample, before rounding [counts].
  public var noise = 0.75
  /// Standard deviation of a station's clock [ns].
  public var timeJitter = 15.0
  /// Fraction of stations that do not work, drawn for every event.
  public var deadFraction = 0.015
  /// Rate of background muons, through both layers [Hz].
  public var backgroundMuonRate = 700.0
  /// Rate of background hits in one layer [Hz].
  public var backgroundSingleRate = 830.0

  // MARK: - Readout

  /// Samples of a readout window, 128...256.
  public var windowSamples = 128
  /// Half the time around the event's trigger in which windows are recorded [ns].
  public var recordHalfWidth = 32_000.0

  public init() {}

  /// R_mu of the mean proton shower of this world.
  var nominalMuonNumber: Double { interactionModel.muonNumber * muonScaleFactor }

  /// Throws for values without meaning.
  public func validate() throws {
    func require(_ condition: Bool, _ reason: String) throws {
      if !condition { throw SimulationConfigurationError(description: reason) }
    }
    try require(
      minimumLogEnergy >= 17 && maximumLogEnergy <= 20.8 && minimumLogEnergy <= maximumLogEnergy,
      "log energies must be in order, between 17 and 20.8")
    try require(
      maximumZenith > 0 && maximumZenith <= 60.01 * Units.degree,
      "maximumZenith must be in 0...60 degrees (given in rad)")
    try require(
      (128...256).contains(windowSamples), "windowSamples must be between 128 and 256")
    try require(
      (1000...32_000).contains(recordHalfWidth), "recordHalfWidth must be in 1000...32000 ns")
    for (symbol, weight) in primaryWeights {
      try require(Primary(symbol: symbol) != nil, "unknown primary \(symbol)")
      try require(weight >= 0 && weight.isFinite, "weight of \(symbol) must not be negative")
    }
    try require(primaryWeights.values.reduce(0, +) > 0, "no primary has a weight")
    try require((0...1).contains(bothLayersFraction), "bothLayersFraction must be in 0...1")
    try require((0..<1).contains(deadFraction), "deadFraction must be in 0..<1")
    try require(abs(muonDepthCorrelation) <= 1, "muonDepthCorrelation must be in -1...1")
    let positive: [(Double, String)] = [
      (muonScaleFactor, "muonScaleFactor"), (timeScale, "timeScale"),
      (photoElectronsPerMeV, "photoElectronsPerMeV"), (countsPerMeV, "countsPerMeV"),
    ]
    for (value, name) in positive {
      try require(value > 0 && value.isFinite, "\(name) must be positive")
    }
    let notNegative: [(Double, String)] = [
      (frontScatter, "frontScatter"), (neutronRate, "neutronRate"),
      (photoElectronSpread, "photoElectronSpread"), (gainSpread, "gainSpread"),
      (calibrationError, "calibrationError"), (pedestal, "pedestal"),
      (pedestalSpread, "pedestalSpread"), (noise, "noise"), (timeJitter, "timeJitter"),
      (backgroundMuonRate, "backgroundMuonRate"), (backgroundSingleRate, "backgroundSingleRate"),
    ]
    for (value, name) in notNegative {
      try require(value >= 0 && value.isFinite, "\(name) must not be negative")
    }
  }
}

/// A configuration has a value without meaning, or an unknown key.
public struct SimulationConfigurationError: Error, Equatable, CustomStringConvertible {
  public let description: String
}
