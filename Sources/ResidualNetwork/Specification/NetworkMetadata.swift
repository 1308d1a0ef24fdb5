public import ShowerModel

/// Everything about a network but its weights; kept as JSON (`spec.json`) inside the network file.
///
/// `Documentation/networks.md` says which keys a network made by another program must have.
public struct NetworkMetadata: Sendable, Equatable, Codable {
  /// 2 since the layers of the specification are lists.
  public static let currentFormat = 2

  public var format = "airshower-network"
  public var formatVersion = NetworkMetadata.currentFormat
  public var spec: NetworkSpec
  /// Parametric reconstruction whose residuals the network predicts; nil for the standard one.
  public var base: String?
  /// Inputs in the order of their columns, a vector as two, for users of the file in Python.
  public var columns: NetworkSpec.Inputs
  /// Number of outputs for an event: one for each target. A network that predicts errors has one
  /// more for each target, ln of its error in units of the size.
  public var outputCount: Int
  public var normalisation: NetworkNormalisation
  /// By target, in the order of `spec.targets`.
  public var scaling: [TargetScaling]
  /// By target; how outputs become corrections and errors.
  public var combination: [TargetCombination]
  /// By density, which parts its regions hold; empty where there are none, or too few validation
  /// events.
  public var densityMasses: [String: DensityMasses] = [:]
  /// Outputs of the network for some validation events; nil where it was not made by `train`.
  public var validation: ValidationSample?
  /// Events like those it learned from; nil where it does not say.
  public var domain: TrainingDomain?
  /// Arrays of the events it learned from, and the samples of their windows; empty where it does
  /// not say.
  public var arrays: [ArrayDescription]
  public var windowSamples: [Int]
  /// How the reconstructions that it learned from were made. Empty where it does not say.
  public var reconstructions: [ReconstructionConditions]
  /// Major versions of the simulations that it learned from. Empty where it does not say, and for
  /// showers of CORSIKA alone.
  public var simulationVersions: [Int]
  public var splitSalt = Split.salt
  public var settings: TrainingSettings
  public var counts: TrainingSet.Counts
  /// Epoch of the weights kept.
  public var bestEpoch: Int
  public var validationLoss: Double
  /// 1 - Var(y - predicted) / Var(y) by target on the validation split, after shrinking.
  public var explainedVariance: [String: Double]
  public var weightCount: Int
  public var provenance: [ProvenanceStep] = []

  private enum CodingKeys: String, CodingKey {
    case format, formatVersion, spec, base, columns, outputCount, normalisation, scaling,
      combination
    case validation, domain, arrays, windowSamples, splitSalt, settings, counts, bestEpoch
    case reconstructions, simulationVersions, validationLoss, explainedVariance, weightCount,
      provenance, densityMasses
  }

  init(
    spec: NetworkSpec, normalisation: NetworkNormalisation, scaling: [TargetScaling],
    settings: TrainingSettings, counts: TrainingSet.Counts
  ) {
    self.spec = spec
    self.normalisation = normalisation
    self.scaling = scaling
    self.settings = settings
    self.counts = counts
    columns = Self.columns(of: spec)
    outputCount = spec.targets.count
    combination = spec.targets.map { _ in .added }
    arrays = []
    windowSamples = []
    reconstructions = []
    simulationVersions = []
    bestEpoch = 0
    validationLoss = .infinity
    explainedVariance = [:]
    weightCount = 0
  }

  private static func columns(of spec: NetworkSpec) -> NetworkSpec.Inputs {
    func columns<View>(_ inputs: [ImageInput<View>]) -> [String] {
      inputs.flatMap { $0.kind == .vector ? [$0.name + "_x", $0.name + "_y"] : [$0.name] }
    }
    return NetworkSpec.Inputs(
      cell: columns(CellInput.all.named(spec.inputs.cell)),
      station: columns(StationInput.all.named(spec.inputs.station)),
      event: columns(EventInput.all.named(spec.inputs.event)))
  }

  /// Reads what a network of another program need not have with a default.
  ///
  /// A file must have `combination`, `domain` and `columns`, because they decide the corrected
  /// values. `domain` is null if none is known. Files of earlier versions of `train` lack some of
  /// them. Those files hold slopes beside the scaling, or no domain after too few events.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys, _ absent: Value) throws -> Value {
      try values.decodeIfPresent(Value.self, forKey: key) ?? absent
    }
    format = try values.decode(String.self, forKey: .format)
    formatVersion = try values.decode(Int.self, forKey: .formatVersion)
    let spec = try values.decode(NetworkSpec.self, forKey: .spec)
    self.spec = spec
    base = try values.decodeIfPresent(String.self, forKey: .base)
    columns = try values.decode(NetworkSpec.Inputs.self, forKey: .columns)
    outputCount = try value(.outputCount, spec.targets.count)
    normalisation = try values.decode(NetworkNormalisation.self, forKey: .normalisation)
    scaling = try values.decode([TargetScaling].self, forKey: .scaling)
    let earlier = try values.decode([EarlierCombination].self, forKey: .scaling)
    let isEarlier = !values.contains(.combination) && earlier.allSatisfy { $0.shrink != nil }
    combination =
      isEarlier
      ? earlier.map(\.current) : try values.decode([TargetCombination].self, forKey: .combination)
    densityMasses = try value(.densityMasses, [:])
    validation = try values.decodeIfPresent(ValidationSample.self, forKey: .validation)
    let mayLackDomain = isEarlier || validation != nil
    domain =
      values.contains(.domain) || mayLackDomain
      ? try values.decodeIfPresent(TrainingDomain.self, forKey: .domain)
      : try values.decode(TrainingDomain.self, forKey: .domain)
    arrays = try value(.arrays, [])
    windowSamples = try value(.windowSamples, [])
    splitSalt = try value(.splitSalt, Split.salt)
    settings = try value(.settings, TrainingSettings())
    counts = try value(.counts, TrainingSet.Counts())
    bestEpoch = try value(.bestEpoch, 0)
    validationLoss = try value(.validationLoss, 0)
    explainedVariance = try value(.explainedVariance, [:])
    weightCount = try value(.weightCount, 0)
    let steps = try value(.provenance, [ProvenanceStep]())
    provenance = steps
    reconstructions = try value(
      .reconstructions, steps.allConditions(of: base ?? MethodIdentity.standard.name))
    simulationVersions = try value(.simulationVersions, steps.simulationVersions.sorted())
  }
}

extension NetworkMetadata {
  /// `domain` is null where there is none, since a file must say so.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(format, forKey: .format)
    try values.encode(formatVersion, forKey: .formatVersion)
    try values.encode(spec, forKey: .spec)
    try values.encodeIfPresent(base, forKey: .base)
    try values.encode(columns, forKey: .columns)
    try values.encode(outputCount, forKey: .outputCount)
    try values.encode(normalisation, forKey: .normalisation)
    try values.encode(scaling, forKey: .scaling)
    try values.encode(combination, forKey: .combination)
    if !densityMasses.isEmpty { try values.encode(densityMasses, forKey: .densityMasses) }
    try values.encodeIfPresent(validation, forKey: .validation)
    try values.encode(domain, forKey: .domain)
    try values.encode(arrays, forKey: .arrays)
    try values.encode(windowSamples, forKey: .windowSamples)
    try values.encode(reconstructions, forKey: .reconstructions)
    try values.encode(simulationVersions, forKey: .simulationVersions)
    try values.encode(splitSalt, forKey: .splitSalt)
    try values.encode(settings, forKey: .settings)
    try values.encode(counts, forKey: .counts)
    try values.encode(bestEpoch, forKey: .bestEpoch)
    try values.encode(validationLoss, forKey: .validationLoss)
    try values.encode(explainedVariance, forKey: .explainedVariance)
    try values.encode(weightCount, forKey: .weightCount)
    try values.encode(provenance, forKey: .provenance)
  }
}

/// Slope and error as the first network files held them, beside the scaling.
private struct EarlierCombination: Decodable {
  var shrink: Double?
  var spread: Double?

  var current: TargetCombination {
    var combination = TargetCombination.added
    combination.slopes[1] = shrink ?? 1
    combination.variance[0] = (spread ?? 1) * (spread ?? 1)
    return combination
  }
}

/// What identifies an array for a network.
public struct ArrayDescription: Sendable, Equatable, Codable, CustomStringConvertible {
  public var name: String
  /// Grid spacing [m].
  public var spacing: Double
  public var stationCount: Int
  /// What its stations are.
  public var detector: DetectorDescription

  public init(_ array: DetectorArray) {
    name = array.name
    spacing = array.spacing
    stationCount = array.stations.count
    detector = array.detector
  }

  /// Networks without a detector are older than its description: only stations of the Telescope
  /// Array could be reconstructed then.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    spacing = try values.decode(Double.self, forKey: .spacing)
    stationCount = try values.decode(Int.self, forKey: .stationCount)
    detector =
      try values.decodeIfPresent(DetectorDescription.self, forKey: .detector) ?? .telescopeArray
  }

  /// Whether the stations stand as those of another one, whatever they are.
  func isLaidOut(as other: ArrayDescription) -> Bool {
    (name, spacing, stationCount) == (other.name, other.spacing, other.stationCount)
  }

  public var description: String {
    "\(name) (\(stationCount) stations, \(spacing.formattedMetres) m apart)"
  }
}

extension Double {
  fileprivate var formattedMetres: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}
