internal import Foundation
internal import ShowerModel
internal import Synchronization

/// Runs one training from the first batch to the last; a checkpoint resumes it after any batch.
final class TrainingLoop {
  private let spec: NetworkSpec
  private let settings: TrainingSettings
  private let peers: (any TrainingPeers)?
  private let set: TrainingSet
  private let targets: StandardisedTargets
  private let module: TorchModule
  private let device: ComputeDevice
  private let batches: [MicroBatches]
  private let penalties: [Double]
  private let training: [Int]
  let validation: [Int]
  private let batchesAnEpoch: Int
  private let schedule: LearningRateSchedule

  private var state = TrainingState()
  /// Parts of each micro-batch: more than one after the device had too little memory.
  private let division = Atomic(1)
  /// Told when that happens.
  private var onDivision: (Int) -> Void = { _ in }
  /// Whether to stop, asked between micro-batches; never true of one process among several.
  private var isCancelled: () -> Bool = { false }
  private let gradient: BatchGradient
  private let parameterCount: Int

  /// - Parameters:
  ///   - spec: specification of the network.
  ///   - settings: settings of the training.
  ///   - peers: the other processes; nil for one process.
  ///   - set: the events.
  ///   - targets: standardised targets of the set.
  ///   - module: the network.
  ///   - device: where it is computed.
  ///   - batches: two batches or more, prepared in turn.
  ///   - penalties: L2 of each parameter, as in `TorchModule.beginTraining`.
  init(
    spec: NetworkSpec, settings: TrainingSettings, peers: (any TrainingPeers)?, set: TrainingSet,
    targets: StandardisedTargets, module: TorchModule,
    device: ComputeDevice, batches: [MicroBatches], penalties: [Double]
  ) {
    self.spec = spec
    self.settings = settings
    self.peers = peers
    self.set = set
    self.targets = targets
    self.module = module
    self.device = device
    self.batches = batches
    self.penalties = penalties
    training = set.rows(of: .training)
    validation = set.rows(of: .validation)
    batchesAnEpoch = max(1, training.count / settings.batchSize)
    schedule = LearningRateSchedule(
      largest: settings.effectiveLearningRate, steps: batchesAnEpoch * settings.epochs,
      oneCycle: settings.oneCycle)
    parameterCount = module.parameterCount
    gradient = BatchGradient(parameterCount: parameterCount)
  }

  var best: BestWeights? { state.best }

  /// Trains to the end, beginning at the checkpoint if there is one.
  ///
  /// - Returns: the batch at which the loss became infinite or not a number, or nil.
  func run(
    _ plan: CheckpointPlan?, _ listener: Trainer.Listener
  ) throws(NetworkError) -> NetworkError? {
    try module.beginTraining(
      settings.optimiser, loss: spec.loss, densities: spec.densityColumns,
      weightDecay: settings.weightDecay, gradientClip: settings.gradientClip,
      penalties: penalties)
    onDivision = listener.onDivision
    if peers == nil { isCancelled = listener.isCancelled }
    if let plan, try resume(plan) { try listener.onResume(state.reports, state.batch) }

    let (started, first) = (seconds(), state.epoch)
    while state.epoch <= settings.epochs, !isPatienceOver {
      let epochStarted = seconds()
      let firstBatch = state.batch
      if let divergence = try trainEpoch(plan, listener) { return divergence }
      let duration = seconds() - epochStarted
      let validationStarted = seconds()
      let outputs = try leaving(plan) { () throws(NetworkError) in try evaluate() }
      let validationDuration = seconds() - validationStarted
      let loss = targets.loss(outputs, rows: validation)
      let isBest = loss < state.best?.loss ?? .infinity
      if isBest {
        state.best = BestWeights(
          parameters: try module.parameters(), epoch: state.epoch, loss: loss)
      }
      let done = min((batchesAnEpoch - firstBatch) * settings.batchSize, training.count)
      let left = Double(settings.epochs - state.epoch) / Double(state.epoch - first + 1)
      let report = EpochReport(
        epoch: state.epoch, epochs: settings.epochs,
        trainingLoss: state.loss / Double(batchesAnEpoch), validationLoss: loss,
        explainedVariance: targets.explainedVariance(outputs.values, rows: validation, set: set),
        learningRate: schedule.rate(atStep: state.epoch * batchesAnEpoch - 1),
        samplesPerSecond: Double(done) / duration,
        validationPerSecond: Double(validation.count) / validationDuration,
        secondsLeft: (seconds() - started) * left, isBest: isBest)
      state.reports.append(report)
      try listener.onEpoch(report)
      if state.best == nil {
        return .diverged(epoch: state.epoch, batch: batchesAnEpoch, eventIDs: [])
      }
      (state.epoch, state.batch, state.loss) = (state.epoch + 1, 0, 0)
      try save(plan)
    }
    return nil
  }

  private var isPatienceOver: Bool {
    state.best.map { state.epoch - 1 - $0.epoch >= settings.patience } ?? false
  }

  /// Computes the outputs for the validation split with the current weights.
  ///
  /// Processes and threads share the batches. The result is that of `Network.outputs`.
  func evaluate() throws(NetworkError) -> NetworkOutputs {
    let (size, width) = (Network.batchSize, spec.outputCount)
    let own = peers?.part(of: validation.count, blockSize: size) ?? 0..<validation.count
    let starts = Array(stride(from: own.lowerBound, to: own.upperBound, by: size))
    let threads = settings.threads
    /// Batches that threads compute concurrently.
    func batches(_ turn: Int) -> [Range<Int>] {
      starts[turn * threads..<min((turn + 1) * threads, starts.count)].map {
        $0..<min($0 + size, own.upperBound)
      }
    }
    let turns = (starts.count + threads - 1) / threads
    let prefetcher = BatchPrefetcher(0..<turns, self.batches) {
      [validation, targets] turn, batch throws(NetworkError) in
      try batch.fill(
        batches(turn).map { validation[$0].map { TrainingRow(event: $0) } }, targets: targets)
    }
    defer { prefetcher.finish() }
    try module.setTraining(false)
    var outputs = [Float](repeating: 0, count: validation.count * width)
    for turn in 0..<turns {
      let batch = try prefetcher.next()
      let ranges = batches(turn)
      var failure: NetworkError?
      outputs.withUnsafeMutableBufferPointer { buffer in
        do throws(NetworkError) {
          try concurrentForEach(ranges.count, threads: threads) { part throws(NetworkError) in
            if isCancelled() { throw .cancelled }
            let range = ranges[part]
            try batch.parts[part].outputs(
              module,
              into: .init(rebasing: buffer[range.lowerBound * width..<range.upperBound * width]))
          }
        } catch { failure = error }
      }
      if let failure { throw failure }
    }
    // The others' parts are zero here, so that the sum is exact.
    if let peers { outputs.withUnsafeMutableBufferPointer { peers.sum($0) } }
    return NetworkOutputs(outputs, spec)
  }

  // MARK: - Batches

  private func trainEpoch(
    _ plan: CheckpointPlan?, _ listener: Trainer.Listener
  ) throws(NetworkError) -> NetworkError? {
    let order = TrainingOrder(
      count: training.count, seed: settings.seed, epoch: state.epoch,
      turning: settings.symmetries)
    let readAhead = ReadAhead(order, set, training)
    let prefetcher = BatchPrefetcher(state.batch..<batchesAnEpoch, batches) {
      [self] number, batch throws(NetworkError) in
      readAhead.reach(range(ofBatch: number).upperBound)
      try fill(batch, number, order)
    }
    defer { prefetcher.finish() }
    try module.setTraining(true)
    var saved = seconds()
    while state.batch < batchesAnEpoch {
      let number = state.batch
      if peers == nil, listener.isCancelled() { try leave(plan) }
      let isDue = plan.map { seconds() - saved > $0.interval } ?? false
      let batch = try prefetcher.next()
      let step = try leaving(plan) { () throws(NetworkError) in
        try self.step(
          batch, atStep: (state.epoch - 1) * batchesAnEpoch + number,
          wishes: (isDue, peers != nil && listener.isCancelled())
        ) { batch throws(NetworkError) in try self.fill(batch, number, order) }
      }
      guard step.loss.isFinite else {
        let ids = set.ids(of: rows(range(ofBatch: number), order).map(\.event))
        return .diverged(epoch: state.epoch, batch: number + 1, eventIDs: ids.sorted())
      }
      state.loss += step.loss
      state.batch += 1
      listener.onBatch(
        BatchProgress(
          epoch: state.epoch, epochs: settings.epochs, batch: state.batch,
          batches: batchesAnEpoch, loss: state.loss / Double(state.batch)))
      if step.isCancelled { try leave(plan) }
      if step.isDue {
        try save(plan)
        saved = seconds()
      }
    }
    return nil
  }

  /// Positions of a batch in the order of an epoch.
  ///
  /// Events beyond the last whole batch are left out of the epoch.
  private func range(ofBatch number: Int) -> Range<Int> {
    let first = number * settings.batchSize
    return first..<min(first + settings.batchSize, training.count)
  }

  /// Fills the micro-batches of a batch that belong to this process.
  private func fill(
    _ batch: MicroBatches, _ number: Int, _ order: TrainingOrder
  ) throws(NetworkError) {
    let rows = rows(range(ofBatch: number), order)
    let plan = MicroBatches.Plan(
      events: rows.count, gpu: device.gpu != nil, processes: peers?.size ?? 1)
    let dealt = plan.dealt { set.size(of: rows[$0].event) }
    let own = peers?.part(of: plan.count) ?? 0..<plan.count
    try batch.fill(
      dealt[own].map { $0.map { rows[$0] } }, firstNumber: own.lowerBound,
      division: division.load(ordering: .relaxed), targets: targets)
  }

  private func rows(_ positions: Range<Int>, _ order: TrainingOrder) -> [TrainingRow] {
    positions.map { position in
      TrainingRow(
        event: training[Int(order.positions[position])], symmetry: Int(order.symmetries[position]),
        variation: settings.augmentation.isNone
          ? nil : (order.epoch - 1) * training.count + position)
    }
  }

  /// One step with the gradient of the whole batch. A loss that is not finite changes nothing.
  ///
  /// Where the device has too little memory for the micro-batches, `refill` fills the batch again,
  /// with micro-batches half as large. They stay so until training ends.
  private func step(
    _ batch: MicroBatches, atStep number: Int, wishes: (isDue: Bool, isCancelled: Bool),
    refill: (MicroBatches) throws(NetworkError) -> Void
  ) throws(NetworkError) -> BatchGradient.Total {
    var total: BatchGradient.Total?
    while total == nil {
      do throws(NetworkError) { total = try sum(batch, atStep: number, wishes) } catch {
        guard case .outOfMemory = error, batch.largest > 1 else { throw error }
        // The other batch may have been filled before.
        if batch.division == division.load(ordering: .relaxed) {
          division.store(2 * batch.division, ordering: .relaxed)
          onDivision((batch.largest + 1) / 2)
        }
        try refill(batch)
      }
    }
    guard let total else { throw .engine("no gradient") }
    if total.loss.isFinite {
      try module.update(gradient.values, learningRate: schedule.rate(atStep: number))
    }
    return total
  }

  private func sum(
    _ batch: MicroBatches, atStep number: Int, _ wishes: (isDue: Bool, isCancelled: Bool)
  ) throws(NetworkError) -> BatchGradient.Total {
    try gradient.sum(
      // A GPU has one stream, and memory for one micro-batch at a time.
      batch, module, threads: device.gpu == nil ? settings.threads : 1, peers: peers,
      wishes: (wishes.isDue && peers?.rank ?? 0 == 0, wishes.isCancelled), isCancelled: isCancelled
    ) { part in
      var random = CounterRandom(
        seed: settings.seed, event: number, station: part, stream: .dropout)
      return random.next()
    }
  }

  // MARK: - Checkpoints

  /// Does work that may be cancelled before it changes anything; then writes a checkpoint.
  private func leaving<Value>(
    _ plan: CheckpointPlan?, _ work: () throws(NetworkError) -> Value
  ) throws(NetworkError) -> Value {
    do throws(NetworkError) { return try work() } catch {
      if case .cancelled = error { try save(plan) }
      throw error
    }
  }

  private func leave(_ plan: CheckpointPlan?) throws(NetworkError) {
    try save(plan)
    throw .cancelled
  }

  /// Writes a checkpoint. Errors are thrown, since the run could not be resumed otherwise.
  private func save(_ plan: CheckpointPlan?) throws(NetworkError) {
    guard let plan else { return }
    guard peers?.rank ?? 0 == 0 else { return }
    state.parameters = try module.parameters()
    state.optimizer = try module.optimizerState()
    try Checkpoint.write(
      try Checkpoint(identity: try identity(plan), state: state).bytes(), to: plan.path)
  }

  /// Restores the state of a checkpoint; false where there is none.
  private func resume(_ plan: CheckpointPlan) throws(NetworkError) -> Bool {
    guard plan.resumes else { return false }
    var bytes: [UInt8] = []
    if peers?.rank ?? 0 == 0, FileManager.default.fileExists(atPath: plan.path) {
      do { bytes = [UInt8](try Data(contentsOf: URL(filePath: plan.path))) } catch {
        throw .notThisTraining(path: plan.path, differences: ["the checkpoint cannot be read"])
      }
    }
    peers?.broadcast(&bytes, from: 0)
    guard !bytes.isEmpty else { return false }
    let checkpoint = try Checkpoint(bytes, path: plan.path)
    try checkpoint.check(is: try identity(plan), path: plan.path)
    state = checkpoint.state
    guard state.parameters.count == parameterCount,
      state.optimizer.values.count == 2 * parameterCount,
      state.batch <= batchesAnEpoch
    else {
      throw .notThisTraining(
        path: plan.path, differences: ["the checkpoint has arrays of another network"])
    }
    try module.setParameters(state.parameters)
    try module.restore(state.optimizer)
    return true
  }

  /// Identity of this training; `resume` refuses a checkpoint with another one.
  private func identity(_ plan: CheckpointPlan) throws(NetworkError) -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var settings = settings
    // The weights are the same for any number.
    settings.threads = 1
    do {
      let own = [
        "specification": String(decoding: try encoder.encode(spec), as: UTF8.self),
        "settings": String(decoding: try encoder.encode(settings), as: UTF8.self),
        "events": "\(training.count) to train and \(validation.count) to validate",
      ]
      return own.merging(plan.identity) { first, _ in first }
    } catch { throw .engine("checkpoint: \(error)") }
  }
}

/// Seconds of a clock that only runs forward.
private func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
