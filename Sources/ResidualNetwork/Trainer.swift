import Glibc
internal import LinearAlgebra
internal import ShowerModel

/// Trains a network on the residuals of the standard reconstruction.
public struct Trainer: Sendable {
  public let spec: NetworkSpec
  public let settings: TrainingSettings
  /// Fewest events of each split.
  static let fewestEvents = 50

  public init(spec: NetworkSpec, settings: TrainingSettings) {
    self.spec = spec
    self.settings = settings
  }

  /// A network, and why training ended before its time where it did.
  public struct Outcome {
    /// With the weights of the best epoch; nil where none was completed.
    public let network: Network?
    /// The batch at which the loss became infinite or not a number.
    public let divergence: NetworkError?
  }

  /// Trains until the last epoch or until the validation loss stops to fall; the best weights win.
  ///
  /// The same set, settings and number of threads give the same weights, bit for bit on one thread.
  /// - Throws: `tooFewEvents`, `diverged`, `cancelled`, `invalidSpecification`, `engine`.
  public func train(
    _ set: TrainingSet, onBatch: (BatchProgress) -> Void = { _ in },
    onEpoch: (EpochReport) -> Void = { _ in }, isCancelled: () -> Bool = { false }
  ) throws(NetworkError) -> Network {
    let outcome = try run(set, onBatch: onBatch, onEpoch: onEpoch, isCancelled: isCancelled)
    if let divergence = outcome.divergence { throw divergence }
    guard let network = outcome.network else { throw .engine("no network") }
    return network
  }

  /// The same, but a loss that is no longer a number ends training with the last good network.
  public func run(
    _ set: TrainingSet, onBatch: (BatchProgress) -> Void = { _ in },
    onEpoch: (EpochReport) -> Void = { _ in }, isCancelled: () -> Bool = { false }
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
    let module = try TorchModule.compile(program.source, parameters: program.parameters)
    let batch = Batch(
      spec: spec, normalisation: normalisation, augmentation: settings.augmentation,
      seed: settings.seed)

    let (best, divergence) = try learn(
      module, program.parameters, set: set, targets: targets, batch: batch, onBatch: onBatch,
      onEpoch: onEpoch, isCancelled: isCancelled)
    guard let best else { return Outcome(network: nil, divergence: divergence) }
    try module.setParameters(best.parameters)

    let validation = set.rows(of: .validation)
    let outputs = try evaluate(module, rows: validation, set: set, batch: batch)
    try metadata.learn(
      fromOutputs: outputs.values, rows: validation, targets: targets, set: set)
    metadata.bestEpoch = best.epoch
    metadata.validationLoss = best.loss
    metadata.weightCount = program.parameters.reduce(0) { $0 + $1.values.count }
    return Outcome(network: Network(metadata: metadata, module: module), divergence: divergence)
  }

  private struct Best {
    var parameters: [Float]
    var epoch: Int
    var loss: Double
  }

  private func learn(
    _ module: TorchModule, _ parameters: [TorchModule.Parameter], set: TrainingSet,
    targets: StandardisedTargets, batch: Batch, onBatch: (BatchProgress) -> Void,
    onEpoch: (EpochReport) -> Void, isCancelled: () -> Bool
  ) throws(NetworkError) -> (Best?, NetworkError?) {
    try TorchModule.seed(settings.seed)
    module.setThreads(settings.threads)
    try module.beginTraining(
      settings.optimiser, loss: spec.loss, weightDecay: settings.weightDecay,
      gradientClip: settings.gradientClip, penalties: penalties(of: module, parameters))
    var rows = set.rows(of: .training)
    let validation = set.rows(of: .validation)
    let batches = max(1, rows.count / settings.batchSize)
    let schedule = LearningRateSchedule(
      largest: settings.effectiveLearningRate, steps: batches * settings.epochs,
      oneCycle: settings.oneCycle)
    var best: Best?
    let started = seconds()

    for epoch in 1...max(settings.epochs, 1) {
      var random = CounterRandom(seed: settings.seed, event: epoch, stream: 201)
      rows = shuffled(rows, epoch: epoch, with: &random)
      let epochStarted = seconds()
      var loss = 0.0
      for index in 0..<batches {
        if isCancelled() { throw .cancelled }
        // The rest of an epoch, less than a batch, waits for the next shuffle.
        let part = rows[
          index * settings.batchSize..<min((index + 1) * settings.batchSize, rows.count)]
        let step = (epoch - 1) * batches + index
        let error = try self.step(
          module, rows: part, set: set, targets: targets, batch: batch,
          learningRate: schedule.rate(atStep: step))
        guard error.isFinite else {
          return (
            best, .diverged(epoch: epoch, batch: index + 1, eventIDs: set.ids(of: part).sorted())
          )
        }
        loss += error
        onBatch(
          BatchProgress(
            epoch: epoch, epochs: settings.epochs, batch: index + 1, batches: batches,
            loss: loss / Double(index + 1)))
      }
      let duration = seconds() - epochStarted
      let validationStarted = seconds()
      let outputs = try evaluate(module, rows: validation, set: set, batch: batch)
      let validationDuration = seconds() - validationStarted
      let validationLoss = targets.loss(outputs, rows: validation)
      let isBest = validationLoss < best?.loss ?? .infinity
      if isBest {
        best = Best(parameters: try module.parameters(), epoch: epoch, loss: validationLoss)
      }
      onEpoch(
        EpochReport(
          epoch: epoch, epochs: settings.epochs, trainingLoss: loss / Double(batches),
          validationLoss: validationLoss,
          explainedVariance: targets.explainedVariance(
            outputs.values, rows: validation, set: set),
          learningRate: schedule.rate(atStep: epoch * batches - 1),
          samplesPerSecond: Double(min(batches * settings.batchSize, rows.count)) / duration,
          validationPerSecond: Double(validation.count) / validationDuration,
          secondsLeft: (seconds() - started) / Double(epoch) * Double(settings.epochs - epoch),
          isBest: isBest))
      guard let best else {
        return (nil, .diverged(epoch: epoch, batch: batches, eventIDs: []))
      }
      if epoch - best.epoch >= settings.patience { break }
    }
    return (best, nil)
  }

  /// L2 of each parameter in the order of the module; empty where no layer has its own.
  private func penalties(
    of module: TorchModule, _ parameters: [TorchModule.Parameter]
  ) -> [Double] {
    guard parameters.contains(where: { $0.penalty > 0 }) else { return [] }
    let byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.penalty) })
    return module.parameterSizes.map { byName[$0.name] ?? 0 }
  }

  private func step(
    _ module: TorchModule, rows: ArraySlice<Batch.Row>, set: TrainingSet,
    targets: StandardisedTargets, batch: Batch, learningRate: Double
  ) throws(NetworkError) -> Double {
    batch.fill(rows, from: set.blocks)
    var values = targets.values(of: rows)
    var result: Result<Double, NetworkError> = .success(.nan)
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      do throws(NetworkError) {
        let target = TorchModule.Input.floats(base, [rows.count, targets.count])
        result = .success(
          try module.step(batch.inputs, target: target, learningRate: learningRate))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }

  private func evaluate(
    _ module: TorchModule, rows: [Batch.Row], set: TrainingSet, batch: Batch
  ) throws(NetworkError) -> NetworkOutputs {
    NetworkOutputs(
      try module.outputs(
        of: rows, in: set.blocks, batch: batch, outputCount: spec.outputCount,
        threads: settings.threads, batchSize: 512),
      targets: spec.targets.count, loss: spec.loss)
  }

  /// Fisher-Yates, then a symmetry and a number of random changes for each event.
  private func shuffled(
    _ rows: [Batch.Row], epoch: Int, with random: inout CounterRandom
  ) -> [Batch.Row] {
    var rows = rows
    for index in stride(from: rows.count - 1, to: 0, by: -1) {
      let other = min(index, Int(random.uniform() * Double(index + 1)))
      rows.swapAt(index, other)
    }
    for index in rows.indices {
      rows[index] = Batch.Row(
        block: rows[index].block, row: rows[index].row,
        symmetry: settings.symmetries ? min(7, Int(random.uniform() * 8)) : 0,
        variation: settings.augmentation.isNone ? nil : (epoch - 1) * rows.count + index)
    }
    return rows
  }
}

/// Seconds of a clock that only runs forward.
private func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
