internal import CTorch
internal import Numerics
internal import ShowerModel

/// Trains a network on the residuals of the standard reconstruction.
public struct Trainer {
  public let spec: NetworkSpec
  public let settings: TrainingSettings
  public let device: ComputeDevice
  private let peers: (any TrainingPeers)?
  /// The functions that compute the network; nil for those of libtorch.
  var engine: ctorch_functions?
  /// Threads that prepare batches for a GPU. Each makes 140,000 events/s.
  private static let mostThreadsForBatches = 8
  /// Fewest events of each split.
  static let fewestEvents = 50

  /// - Parameters:
  ///   - spec: of the network.
  ///   - settings: of the training.
  ///   - device: where the network is computed, and with which precision.
  ///   - peers: the processes that each take a part of every batch; the set is joined from theirs.
  public init(
    spec: NetworkSpec, settings: TrainingSettings, device: ComputeDevice = ComputeDevice(),
    peers: (any TrainingPeers)? = nil
  ) {
    self.spec = spec
    self.settings = settings
    self.device = device
    self.peers = peers
  }

  /// A network, and why training ended before its time where it did.
  public struct Outcome {
    /// With the weights of the best epoch; nil where none was completed.
    public let network: Network?
    /// The batch at which the loss became infinite or not a number.
    public let divergence: NetworkError?
  }

  /// What a caller is told while training goes on. With peers, `isCancelled` of one ends all of
  /// them.
  public struct Listener {
    public var onBatch: (BatchProgress) -> Void
    /// After each epoch.
    public var onEpoch: (EpochReport) throws(NetworkError) -> Void
    /// Before all, where training goes on from a checkpoint: the epochs that are done.
    public var onResume: ([EpochReport], _ batches: Int) throws(NetworkError) -> Void
    public var isCancelled: () -> Bool
    /// The device has too little memory; from now on a micro-batch has at most so many events.
    public var onDivision: (Int) -> Void = { _ in }

    public init(
      onBatch: @escaping (BatchProgress) -> Void = { _ in },
      onEpoch: @escaping (EpochReport) throws(NetworkError) -> Void = { _ throws(NetworkError) in },
      onResume: @escaping ([EpochReport], Int) throws(NetworkError) -> Void = {
        _, _ throws(NetworkError) in
      },
      isCancelled: @escaping () -> Bool = { false }
    ) {
      self.onBatch = onBatch
      self.onEpoch = onEpoch
      self.onResume = onResume
      self.isCancelled = isCancelled
    }
  }

  /// Trains until the last epoch or until the validation loss stops to fall; the best weights win.
  ///
  /// The same set and settings give the same weights, bit for bit, for any number of threads.
  /// - Throws: `tooFewEvents`, `diverged`, `cancelled`, `invalidSpecification`, `engine`.
  public func train(
    _ set: TrainingSet, checkpoint: CheckpointPlan? = nil, _ listener: Listener = Listener()
  ) throws(NetworkError) -> Network {
    let outcome = try run(set, checkpoint: checkpoint, listener)
    if let divergence = outcome.divergence { throw divergence }
    guard let network = outcome.network else { throw .engine("no network") }
    return network
  }

  /// The same, but a loss that is no longer a number ends training with the last good network.
  ///
  /// - Throws: also `notThisTraining` for a checkpoint that is no earlier part of this training,
  ///   and `notWritable`. Cancelled with a checkpoint planned, it writes one first.
  public func run(
    _ set: TrainingSet, checkpoint: CheckpointPlan? = nil, _ listener: Listener = Listener()
  ) throws(NetworkError) -> Outcome {
    try spec.validate()
    precondition(set.spec == spec, "a training set belongs to its specification")
    guard min(set.counts.training, set.counts.validation) >= Self.fewestEvents else {
      throw .tooFewEvents(
        training: set.counts.training, validation: set.counts.validation,
        needed: Self.fewestEvents)
    }
    let targets = try StandardisedTargets(set)
    let normalisation = set.normalisation()
    var metadata = NetworkMetadata(
      spec: spec, normalisation: normalisation, scaling: targets.scaling, settings: settings,
      counts: set.counts)
    let program = try NetworkProgram(spec: spec, seed: settings.seed)
    let module = try TorchModule.compile(
      program.source, parameters: program.parameters, device: device, engine: engine)
    // A GPU needs batches faster than one thread makes them; a processor is busy with the network.
    let ahead =
      device.gpu == nil ? 1 : min(max(settings.threads - 1, 1), Self.mostThreadsForBatches)
    let batches = (0...ahead).map { _ in
      MicroBatches {
        PreparedBatch(
          set,
          Batch(
            spec: spec, normalisation: normalisation, augmentation: settings.augmentation,
            seed: settings.seed))
      }
    }
    let loop = TrainingLoop(
      spec: spec, settings: settings, peers: peers, set: set, targets: targets, module: module,
      device: device, batches: batches, penalties: penalties(of: module, program.parameters))
    let divergence = try loop.run(checkpoint, listener)
    guard let best = loop.best else { return Outcome(network: nil, divergence: divergence) }

    try module.setParameters(best.parameters)
    let outputs = try loop.evaluate()
    try metadata.learn(
      fromOutputs: outputs.values, rows: loop.validation, targets: targets, set: set)
    metadata.bestEpoch = best.epoch
    metadata.validationLoss = best.loss
    metadata.weightCount = program.parameters.reduce(0) { $0 + $1.values.count }
    return Outcome(network: Network(metadata: metadata, module: module), divergence: divergence)
  }

  /// L2 of each parameter in the order of the module; empty where no layer has its own.
  private func penalties(
    of module: TorchModule, _ parameters: [TorchModule.Parameter]
  ) -> [Double] {
    guard parameters.contains(where: { $0.penalty > 0 }) else { return [] }
    let byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.penalty) })
    return module.parameterSizes.map { byName[$0.name] ?? 0 }
  }
}

/// Where training stands, after every batch.
public struct BatchProgress: Sendable {
  /// Counted from 1.
  public let epoch: Int
  public let epochs: Int
  /// Counted from 1.
  public let batch: Int
  public let batches: Int
  /// Loss of the standardised targets, mean of this epoch so far.
  public let loss: Double
}

/// What an epoch of training achieved.
public struct EpochReport: Sendable, Codable {
  /// Counted from 1.
  public let epoch: Int
  public let epochs: Int
  /// Loss of the standardised targets, with the weights as they changed.
  public let trainingLoss: Double
  public let validationLoss: Double
  /// 1 - Var(y - predicted) / Var(y) by target, on the validation split.
  public let explainedVariance: [String: Double]
  public let learningRate: Double
  /// Training events a second.
  public let samplesPerSecond: Double
  /// Validation events a second, without learning.
  public let validationPerSecond: Double
  /// Time for the remaining epochs [s].
  public let secondsLeft: Double
  /// Whether these weights are the best so far.
  public let isBest: Bool
}
