internal import Foundation
internal import ShowerModel

/// One training from its first batch to its last, which can be left after any batch and taken up again.
final class TrainingCourse {
  private let spec: NetworkSpec
  private let settings: TrainingSettings
  private let peers: (any TrainingPeers)?
  private let set: TrainingSet
  private let targets: StandardisedTargets
  private let module: TorchModule
  private let computing: Computing
  private let batches: [DividedBatch]
  private let penalties: [Double]
  private let training: [Int]
  let validation: [Int]
  private let batchesAnEpoch: Int
  private let schedule: LearningRateSchedule

  private var state = TrainingState()
  private let gradient: BatchGradient
  private let parameterCount: Int

  /// Batches are two, to be prepared in turn; penalties are those of `TorchModule.beginTraining`.
  init(
    spec: NetworkSpec, settings: TrainingSettings, peers: (any TrainingPeers)?, set: TrainingSet,
    targets: StandardisedTargets, module: TorchModule,
    computing: Computing, batches: [DividedBatch], penalties: [Double]
  ) {
    self.spec = spec
    self.settings = settings
    self.peers = peers
    self.set = set
    self.targets = targets
    self.module = module
    self.computing = computing
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

  /// Trains to the end, from the checkpoint where there is one to go on from.
  ///
  /// - Returns: the batch at which the loss became infinite or not a number, or nil.
  func run(
    _ plan: CheckpointPlan?, _ listener: Trainer.Listener
  ) throws(NetworkError) -> NetworkError? {
    try module.beginTraining(
      settings.optimiser, loss: spec.loss, weightDecay: settings.weightDecay,
      gradientClip: settings.gradientClip, penalties: penalties)
    if let plan, try resume(plan) { try listener.onResume(state.reports, state.batch) }

    let (started, first) = (seconds(), state.epoch)
    while state.epoch <= settings.epochs, !isPatienceOver {
      let epochStarted = seconds()
      let firstBatch = state.batch
      if let divergence = try trainEpoch(plan, listener) { return divergence }
      let duration = seconds() - epochStarted
      let validationStarted = seconds()
      let outputs = try evaluate()
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

  /// Outputs for the validation split with the weights as they are, each process and thread computing some batches, the
  /// same as `Network.outputs` would.
  func evaluate() throws(NetworkError) -> NetworkOutputs {
    let (size, width) = (Network.batchSize, spec.outputCount)
    let own = peers?.part(of: validation.count, blockSize: size) ?? 0..<validation.count
    let starts = Array(stride(from: own.lowerBound, to: own.upperBound, by: size))
    let threads = settings.threads
    /// Batches that are computed side by side.
    func batches(_ turn: Int) -> [Range<Int>] {
      starts[turn * threads..<min((turn + 1) * threads, starts.count)].map {
        $0..<min($0 + size, own.upperBound)
      }
    }
    let turns = (starts.count + threads - 1) / threads
    let ahead = BatchesAhead(0..<turns, self.batches) {
      [validation, targets] turn, batch throws(NetworkError) in
      try batch.fill(
        batches(turn).map { validation[$0].map { TrainingRow(event: $0) } }, targets: targets)
    }
    defer { ahead.finish() }
    try module.setTraining(false)
    var outputs = [Float](repeating: 0, count: validation.count * width)
    for turn in 0..<turns {
      let batch = try ahead.next()
      let ranges = batches(turn)
      var failure: NetworkError?
      outputs.withUnsafeMutableBufferPointer { buffer in
        do throws(NetworkError) {
          try sideBySide(ranges.count, threads: threads) { part throws(NetworkError) in
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
    return NetworkOutputs(outputs, targets: spec.targets.count, loss: spec.loss)
  }

  // MARK: - Batches

  private func trainEpoch(
    _ plan: CheckpointPlan?, _ listener: Trainer.Listener
  ) throws(NetworkError) -> NetworkError? {
    let order = TrainingOrder(
      count: training.count, seed: settings.seed, epoch: state.epoch,
      turning: settings.symmetries)
    let announcer = Announcer(order, set, training)
    let ahead = BatchesAhead(state.batch..<batchesAnEpoch, batches) {
      [self] number, batch throws(NetworkError) in
      announcer.reach(range(ofBatch: number).upperBound)
      try fill(batch, number, order)
    }
    defer { ahead.finish() }
    try module.setTraining(true)
    var saved = seconds()
    while state.batch < batchesAnEpoch {
      let number = state.batch
      if peers == nil, listener.isCancelled() { try leave(plan) }
      let isDue = plan.map { seconds() - saved > $0.interval } ?? false
      let step = try self.step(
        try ahead.next(), atStep: (state.epoch - 1) * batchesAnEpoch + number,
        wishes: (isDue, peers != nil && listener.isCancelled()))
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

  /// Places of a batch in the order of an epoch. The rest of an epoch, less than a batch, waits for the next one.
  private func range(ofBatch number: Int) -> Range<Int> {
    let first = number * settings.batchSize
    return first..<min(first + settings.batchSize, training.count)
  }

  /// Fills the parts of a batch that this process takes part with.
  private func fill(
    _ batch: DividedBatch, _ number: Int, _ order: TrainingOrder
  ) throws(NetworkError) {
    let rows = rows(range(ofBatch: number), order)
    let parts = BatchParts(
      events: rows.count, gpu: computing.gpu != nil, processes: peers?.size ?? 1)
    let dealt = parts.dealt { set.size(of: rows[$0].event) }
    let own = peers?.part(of: parts.count) ?? 0..<parts.count
    try batch.fill(
      dealt[own].map { $0.map { rows[$0] } }, firstNumber: own.lowerBound, targets: targets)
  }

  private func rows(_ places: Range<Int>, _ order: TrainingOrder) -> [TrainingRow] {
    places.map { place in
      TrainingRow(
        event: training[Int(order.positions[place])], symmetry: Int(order.symmetries[place]),
        variation: settings.augmentation.isNone
          ? nil : (order.epoch - 1) * training.count + place)
    }
  }

  /// One step with the gradient of the whole batch. A loss that is not finite changes nothing.
  private func step(
    _ batch: DividedBatch, atStep number: Int, wishes: (isDue: Bool, isCancelled: Bool)
  ) throws(NetworkError) -> BatchGradient.Total {
    let total = try gradient.sum(
      batch, module, threads: settings.threads, peers: peers,
      wishes: (wishes.isDue && peers?.rank ?? 0 == 0, wishes.isCancelled)
    ) { part in
      var random = CounterRandom(
        seed: settings.seed, event: number, station: part, stream: 203)
      return random.next()
    }
    if total.loss.isFinite {
      try module.update(gradient.values, learningRate: schedule.rate(atStep: number))
    }
    return total
  }

  // MARK: - Checkpoints

  private func leave(_ plan: CheckpointPlan?) throws(NetworkError) {
    try save(plan)
    throw .cancelled
  }

  /// Writes all that changes; what fails says so, since the run could not be taken up again.
  private func save(_ plan: CheckpointPlan?) throws(NetworkError) {
    guard let plan else { return }
    guard peers?.rank ?? 0 == 0 else { return }
    state.parameters = try module.parameters()
    state.memory = try module.optimiserMemory()
    try Checkpoint.write(
      try Checkpoint(identity: try identity(plan), state: state).bytes(), to: plan.path)
  }

  /// Whether there is a checkpoint to go on from; then this is where it was.
  private func resume(_ plan: CheckpointPlan) throws(NetworkError) -> Bool {
    guard plan.resumes else { return false }
    var bytes: [UInt8] = []
    if peers?.rank ?? 0 == 0, FileManager.default.fileExists(atPath: plan.path) {
      do { bytes = [UInt8](try Data(contentsOf: URL(filePath: plan.path))) } catch {
        throw .notThisTraining(path: plan.path, differences: ["it cannot be read"])
      }
    }
    peers?.broadcast(&bytes, from: 0)
    guard !bytes.isEmpty else { return false }
    let checkpoint = try Checkpoint(bytes, path: plan.path)
    try checkpoint.check(is: try identity(plan), path: plan.path)
    state = checkpoint.state
    guard state.parameters.count == parameterCount,
      state.memory.values.count == 2 * parameterCount,
      state.batch <= batchesAnEpoch
    else {
      throw .notThisTraining(
        path: plan.path, differences: ["its arrays are those of another network"])
    }
    try module.setParameters(state.parameters)
    try module.restore(state.memory)
    return true
  }

  /// What makes this training: a checkpoint of another one must not be taken up.
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

/// Tells the system which pool of events comes next, when the one before is begun.
private final class Announcer {
  private let order: TrainingOrder
  private let set: TrainingSet
  private let training: [Int]
  private var nextPool = 0

  init(_ order: TrainingOrder, _ set: TrainingSet, _ training: [Int]) {
    self.order = order
    self.set = set
    self.training = training
  }

  func reach(_ place: Int) {
    let pool = place / (TrainingOrder.chunk * TrainingOrder.pool)
    while nextPool <= pool + 1 {
      let first = nextPool * TrainingOrder.pool
      nextPool += 1
      guard first < order.chunks.count else { return }
      for chunk in order.chunks[first..<min(first + TrainingOrder.pool, order.chunks.count)] {
        set.announce(
          training[TrainingOrder.positions(of: chunk, count: training.count)])
      }
    }
  }
}

/// Seconds of a clock that only runs forward.
private func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
