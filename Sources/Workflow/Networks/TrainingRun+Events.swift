import Foundation
import Logging
import Performance
import ResidualNetwork
import ShowerCalibration
import ShowerModel
import ShowerReport
import ShowerStore

extension TrainingRun {
  /// All events of the inputs, and their files. Of several processes each reads a part.
  func load(
    _ plan: Plan, _ context: RunContext, _ group: TrainingGroup?,
    _ record: inout ProvenanceRecord, _ log: Logger
  ) throws -> (TrainingSet, [EventFileReader]) {
    let set = try TrainingSet(
      spec: plan.spec, limits: checkpoints.storageLimits(output), peers: group)
    let readers = try inputs.map { path in
      let reader = try EventFileReader(path: path)
      try reader.requireTruth(" to learn from. Train on simulated events")
      try reader.requireFit(base)
      try reader.requireGrid(for: plan.spec)
      try reader.checkEvents(log)
      return reader
    }
    for reader in readers.dropFirst() { try reader.requireStations(of: readers[0]) }
    let weights = try self.weights.map { try TrainingWeights($0) }
    try weights?.check(readers)
    let (rank, size) = (group?.rank ?? 0, group?.size ?? 1)
    let total = readers.reduce(0) { $0 + min($1.eventCount, eventLimit ?? .max) }
    var progress = Progress("read", total: total, isQuiet: context.isQuiet || rank > 0)
    var (done, part) = (0, 0)
    for reader in readers {
      record.read(reader.path)
      for rows in reader.chunks(of: 1024, limit: eventLimit) {
        try Interruption.check()
        if part % size == rank {
          let events = try reader.reconstructedEvents(rows, base: base)
          let own = try weights?.values(rows, of: reader, events) ?? []
          try set.append(events, weights: own, array: reader.array, part: part) {
            plan.cuts.verdict($0.standard) == .passed
          }
        }
        (done, part) = (done + rows.count, part + 1)
        progress.update(done)
      }
    }
    try set.join()
    return (set, readers)
  }

  // MARK: - What training tells

  func tellBusyThreads(_ plan: Plan, _ group: TrainingGroup?, _ log: Logger) {
    let settings = plan.settings
    guard plan.device.gpu == nil,
      settings.threads * (group?.size ?? 1) > settings.microBatchCount
    else { return }
    log.info(
      """
      a batch of \(settings.batchSize) events keeps only \(settings.microBatchCount) threads busy. \
      Use a larger --batch-size for more
      """)
  }

  func tellCounts(_ set: TrainingSet, _ log: Logger) {
    let counts = set.counts
    log.info(
      """
      \(counts.training) training, \(counts.validation) validation and \(counts.test) test \
      events; images: \(set.memory >> 20) MiB in memory, \(set.fileSize >> 20) MiB in a file
      """)
  }

  func listener(
    _ story: TrainingLog, _ log: Logger, showsBatches: Bool
  ) -> Trainer.Listener {
    var listener = Trainer.Listener()
    if showsBatches {
      var progress = EpochProgress(isTerminal: isatty(STDERR_FILENO) == 1)
      listener.onBatch = { batch in
        let seconds = Double(DispatchTime.now().uptimeNanoseconds) / 1e9
        guard let text = progress.text(batch, at: seconds) else { return }
        FileHandle.standardError.write(Data(text.utf8))
      }
    }
    listener.onEpoch = { report throws(NetworkError) in
      try story.append(report)
      log.info("\(line(report))")
    }
    listener.onResume = { earlier, batches throws(NetworkError) in
      try story.begin(with: earlier)
      log.info("continues after \(earlier.count) epochs and \(batches) batches")
    }
    listener.onDivision = { events in
      log.warning(
        """
        the device has too little memory for a whole batch. From now on its gradient is summed \
        over parts of at most \(events) events: the same but for rounding, and slower. \
        --batch-size \(events) trains with smaller batches
        """)
    }
    listener.isCancelled = { Interruption.isPending }
    return listener
  }

  private func line(_ report: EpochReport) -> String {
    let explained = report.explainedVariance.sorted { $0.key < $1.key }.map {
      "\($0.key) \(String(format: "%.3f", $0.value))"
    }.joined(separator: ", ")
    return String(
      format: "epoch %d/%d: loss %.4f, validation %.4f%@; "
        + "explained variance %@; %.0f events/s, %@ left",
      report.epoch, report.epochs, report.trainingLoss, report.validationLoss,
      report.isBest ? " (best)" : "", explained, report.samplesPerSecond,
      duration(report.secondsLeft))
  }

  func learningCurves(_ reports: [EpochReport], _ spec: NetworkSpec) -> LearningCurves {
    LearningCurves(
      network: spec.name, targets: spec.targets,
      lossName: spec.loss == .gaussian
        ? "Gaussian negative log-likelihood" : "mean square error",
      epochs: reports.map { report in
        .init(
          trainingLoss: report.trainingLoss, validationLoss: report.validationLoss,
          explainedVariance: spec.targets.map { report.explainedVariance[$0] ?? .nan })
      })
  }
}
