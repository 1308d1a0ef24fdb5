internal import ShowerModel

/// Everything that can be chosen about a simulation. The defaults are the nominal model.
///
/// The numbers of judgement (muon number, hadronic fraction, delays, layer classes, ...) are knobs,
/// to be varied as systematics. What each means, may be, and is called in files says
/// `SimulationSetting.all`.
public struct SimulationConfiguration: Sendable, Equatable {
  /// Major version of the model. It grows when signals or times change so much that energy tables,
  /// fronts and networks must be made again.
  ///
  /// 1 had deposits made by hand. 2 has the response of a station by Geant4, and the particles of
  /// CORSIKA. 3 has delays of the early and the late side as CORSIKA has them.
  public static let modelVersion = 3

  /// Where cores fall.
  public enum CoreArea: String, Sendable, CaseIterable {
    /// Uniform in the cells of all stations.
    case wholeArray
    /// Uniform in the cell of the station nearest to the middle of the array.
    case centralCell
    /// Uniform in a disc about the middle of the array, `coreRadius` wide.
    case disc
  }

  // MARK: - Showers

  public var minimumLogEnergy = 18.0
  public var maximumLogEnergy = 20.5
  public var spectralIndex = -1.0
  public var primaryWeights = ["H": 1.0, "He": 1.0, "N": 1.0, "Fe": 1.0]
  /// Angles in radians.
  public var minimumZenith = 0.0
  public var maximumZenith = 45 * Units.degree
  public var minimumAzimuth = 0.0
  public var maximumAzimuth = 360 * Units.degree
  public var interactionModel = InteractionModel.qgsjetII04
  public var coreArea = CoreArea.wholeArray
  public var coreRadius = 25_000.0
  public var photonPreshower = false

  // MARK: - Shower model

  public var muonScaleFactor = 1.0
  public var muonEnergyExponent = 0.92
  public var muonDepthCorrelation = -0.2
  public var muonDelayFactor = 1.0
  public var electromagneticFactor = 1.0
  public var hadronicFractionOffset = 0.0
  public var invisibleEnergyFraction = 0.10
  public var electromagneticDelayFactor = 1.0
  public var electromagneticWidthFactor = 1.0
  public var delayScatter = 0.0
  public var neutronRate = 0.004
  public var neutronDeposit = 10.0

  // MARK: - Detector

  public var bothLayersOffset = 0.0
  public var photoElectronsPerMeV = 12.0
  public var photoElectronSpread = 0.15
  public var countsPerMeV = 19.2
  public var gainSpread = 0.10
  public var calibrationError = 0.03
  public var pedestal = 6.0
  public var pedestalSpread = 1.0
  public var noise = 0.75
  public var nonLinearity = true
  public var saturation = true
  public var timeJitter = 15.0
  public var deadFraction = 0.015
  public var badLayerFraction = 0.01
  public var badLayerGainSpread = 0.5
  public var badLayerNoiseFactor = 2.0
  public var backgroundMuonRate = 700.0
  public var backgroundSingleRate = 830.0

  // MARK: - Readout

  public var windowSamples = 128
  public var recordHalfWidth = 32_000.0

  // MARK: - Array

  public var altitudeSpread = 0.0

  /// Settings of which every shower has a value of its own, by name: ranges to draw from, uniform.
  ///
  /// Only settings that `mayBeDrawn`, none of which has a unit of its own in files.
  public var drawn: [String: ClosedRange<Double>] = [:]

  public init() {}

  /// R_mu of the mean proton shower with these settings.
  var nominalMuonNumber: Double { interactionModel.muonNumber * muonScaleFactor }
}

/// A configuration has a value without meaning, or an unknown key.
public struct SimulationConfigurationError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

extension SimulationConfiguration {
  /// The configuration of one shower: what is to be drawn is drawn, in the order of
  /// `SimulationSetting.all`.
  func drawingSettings(using random: inout CounterRandom) -> SimulationConfiguration {
    var configuration = self
    configuration.drawn = [:]
    for setting in SimulationSetting.all {
      guard let range = drawn[setting.name], case .number(let path, _, _) = setting.kind else {
        continue
      }
      let fraction = random.uniform()
      configuration[keyPath: path] =
        range.lowerBound + (range.upperBound - range.lowerBound) * fraction
    }
    return configuration
  }
}
