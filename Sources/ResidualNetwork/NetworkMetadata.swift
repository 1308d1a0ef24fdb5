public import ShowerModel

/// Everything about a network but its weights; kept as JSON (`spec.json`) inside the network file.
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
  public var normalisation: NetworkNormalisation
  /// By target, in the order of `spec.targets`.
  public var scaling: [TargetScaling]
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

  init(
    spec: NetworkSpec, normalisation: NetworkNormalisation, scaling: [TargetScaling],
    settings: TrainingSettings, counts: TrainingSet.Counts
  ) {
    self.spec = spec
    self.normalisation = normalisation
    self.scaling = scaling
    self.settings = settings
    self.counts = counts
    func columns<View>(_ inputs: [ImageInput<View>]) -> [String] {
      inputs.flatMap { $0.kind == .vector ? [$0.name + "_x", $0.name + "_y"] : [$0.name] }
    }
    self.columns = NetworkSpec.Inputs(
      cell: columns(CellInput.all.named(spec.inputs.cell)),
      station: columns(StationInput.all.named(spec.inputs.station)),
      event: columns(EventInput.all.named(spec.inputs.event)))
    bestEpoch = 0
    validationLoss = .infinity
    explainedVariance = [:]
    weightCount = 0
  }
}
