import ArgumentParser
import Foundation
import Logging
import ResidualNetwork
import ShowerModel
import ShowerReport
import ShowerStore

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network on the residuals of the standard reconstruction.",
    discussion: """
      Learns true minus standard (direction, energy, core) from the raw waveforms. Events are split by \
      parent shower, 80 % to train, 10 % to validate, 10 % never seen. The best epoch is kept. The same \
      seed gives the same weights, bit for bit with any number of threads. A loss that is no longer a number ends \
      the run (exit 1) and names the events; the best weights until then go to NAME.last-good.pt.

      Memory is about 300 MiB + 0.2 kB an event + --memory + 120 MiB for each thread but the first; the rest of the images, \
      8 to 13 kB an event, lies in a file that goes with the run. Threads compute parts of 32 events of each batch; one more prepares the next.

      A run that was ended goes on with --resume. Under mpirun every process takes a part of each batch, and the \
      loss is that of one process:

        mpirun -n 4 airshower train reco.h5 --spec set --resume --output network.pt

      Networks shipped: grid, set, attention, lecture, aixnet, and the controls features, scalars, event.

        airshower train reco.h5 --output network.pt
        airshower train reco.h5 more.h5 --spec set --loss gaussian --curves curves.png --output network.pt
      """)

  @Argument(help: "Reconstructed event files with truth.")
  var inputs: [String]

  @Option(help: "Network: a name in tables/networks, or a JSON file.")
  var spec = "set"

  @Option(help: "Reconstruction whose residuals to learn: standard, or tuned.")
  var base = "standard"

  @Option(
    help: "Loss: meanSquare, or gaussian, which predicts errors too (default: as the network says)."
  )
  var loss: String?

  @Option(help: "Optimiser: adadelta, adam, adamW (default: as the network says, else adamW).")
  var optimiser: String?

  @Option(help: "Learning rate (default 1 for adadelta, else 0.002).")
  var learningRate: Double?

  @Option(help: "Epochs at most (default 20).")
  var epochs: Int?

  @Option(help: "Events in a batch (default 256).")
  var batchSize: Int?

  @Option(help: "Epochs without a better validation loss before training ends (default 10).")
  var patience: Int?

  @Flag(help: "Change events at random: 2 % dead stations, 1 % bad layers, 3 % gain, 15 ns clocks.")
  var augment = false

  @Option(help: "Quality cuts of the events to learn from: a name in tables/selections, or a file.")
  var cuts = "standard"

  @Option(help: "Events to read from each file at most.")
  var maxEvents: Int?

  @Option(help: "Seed of initial weights, order and dropout.")
  var seed: UInt64 = 1

  @Option(help: "Learning curve: a CSV file that grows by a row an epoch.")
  var history: String?

  @Option(help: "Learning curve as a picture: a .png, .svg or .pdf file.")
  var curves: String?

  @OptionGroup(title: "Going on, and memory") var checkpoints: CheckpointOptions
  @OptionGroup(title: "Computing") var computing: ComputingOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws { try run(in: nil) }

  /// Trains, with the other processes where there are some: the first one tells and writes.
  func run(in group: TrainingGroup?) throws {
    try running.checkThreads()
    try checkpoints.check()
    let isFirst = group?.rank ?? 0 == 0
    let log = (isFirst ? running : running.silenced).logger("train")
    var record = ProvenanceRecord("train", seed: seed)
    let tables = try TableFolder(option: running.tables)
    let (qualityCuts, cutsFile) = try tables.selection(cuts)
    record.readHashed(cutsFile)
    let picture = try curvePicture()
    if isFirst { try checkOutputs(picture) }
    group?.barrier()

    let specFile = try tables.file("networks", spec, suffix: ".json")
    record.readHashed(specFile)
    var networkSpec = try NetworkSpec(contentsOf: specFile.path)
    if let loss { networkSpec.loss = try named(loss, "--loss") }
    let settings = try trainingSettings(networkSpec)
    if let group, settings.batchSize < group.size {
      throw ValidationError("--batch-size: \(group.size) processes need as many events in a batch")
    }
    let computing = try computing.computing(process: group?.rank ?? 0)
    if computing.gpu == nil, settings.threads * (group?.size ?? 1) > settings.partsOfBatch {
      log.info(
        "a batch of \(settings.batchSize) events keeps \(settings.partsOfBatch) threads busy; a larger --batch-size keeps more"
      )
    }
    let (set, readers) = try load(networkSpec, qualityCuts, group, &record)
    let counts = set.counts
    log.info(
      "\(counts.training) events to train, \(counts.validation) to validate, \(counts.test) kept back, \(set.memory >> 20) MiB and \(set.fileSize >> 20) MiB in a file"
    )
    let curve = self.history.map { LearningHistory(path: $0, targets: networkSpec.targets) }
    let story = TrainingStory(curve: isFirst ? curve : nil)
    try story.curve?.begin(with: [])
    let plan = checkpoints.plan(output.output, identity: identity(readers, qualityCuts))
    let trainer = Trainer(
      spec: networkSpec, settings: settings, computing: computing, peers: group)
    let outcome = try train(trainer, set, plan, listener(story, log, isFirst))
    guard isFirst else {
      if let divergence = outcome.divergence { throw divergence }
      return
    }
    try picture?.write(learningCurves(story.reports, networkSpec), overwrite: output.overwrite)
    let histories = readers.flatMap(\.provenance)
    let step = record.step(
      [
        "spec": networkSpec.name, "cuts": qualityCuts.json, "loss": networkSpec.loss.rawValue,
        "optimiser": settings.optimiser.rawValue, "epochs": "\(settings.epochs)",
        "batch_size": "\(settings.batchSize)", "processes": "\(group?.size ?? 1)",
        "device": computing.description,
      ], learned: [networkSpec.name: Lineage(histories).simulations])
    let path = outcome.divergence == nil ? output.output : lastGoodPath
    if let network = outcome.network?.with(base: base).with(provenance: histories + [step]) {
      try network.write(to: path)
      log.info(
        "\(path): \(network.metadata.weightCount) weights, best epoch \(network.metadata.bestEpoch)"
      )
    }
    try? FileManager.default.removeItem(atPath: plan.path)
    if let divergence = outcome.divergence { throw divergence }
  }

  private func train(
    _ trainer: Trainer, _ set: TrainingSet, _ plan: CheckpointPlan, _ listener: Trainer.Listener
  ) throws -> Trainer.Outcome {
    do {
      return try trainer.run(set, checkpoint: plan, listener)
    } catch {
      guard error == .cancelled else { throw error }
      throw Interrupted(
        description: "interrupted; \(plan.path) keeps what was learned, and --resume goes on")
    }
  }

  private func listener(
    _ story: TrainingStory, _ log: Logger, _ isFirst: Bool
  ) -> Trainer.Listener {
    var listener = Trainer.Listener()
    if isFirst { listener.onBatch = showBatch }
    listener.onEpoch = { report throws(NetworkError) in
      story.reports.append(report)
      try story.curve?.append(report)
      log.info("\(line(report))")
    }
    listener.onResume = { earlier, batches throws(NetworkError) in
      story.reports = earlier
      try story.curve?.begin(with: earlier)
      log.info("goes on after \(earlier.count) epochs and \(batches) batches")
    }
    listener.isCancelled = { Interruption.isPending }
    return listener
  }

  private func checkOutputs(_ picture: PictureFile?) throws {
    try checkOutput(output.output, overwrite: output.overwrite)
    // The curve of a run that goes on is there already.
    if let history { try checkOutput(history, overwrite: output.overwrite || checkpoints.resume) }
    try picture?.check(overwrite: output.overwrite)
    try checkpoints.checkFile(output)
  }

  /// What the training is made of, beside its specification and settings.
  private func identity(_ readers: [EventFileReader], _ cuts: QualityCuts) -> [String: String] {
    var identity = [
      "base": base, "cuts": cuts.json, "events of each file": maxEvents.map(String.init) ?? "all",
      "device": "\(computing.device) \(computing.precision)",
    ]
    for (number, reader) in readers.enumerated() {
      identity["input \(number + 1)"] = CheckpointOptions.identity(of: reader)
    }
    return identity
  }

  /// Where the best epoch's network goes when training fails: an output exists only if the run succeeded.
  private var lastGoodPath: String {
    let url = URL(filePath: output.output)
    return url.deletingPathExtension().path + ".last-good." + url.pathExtension
  }

  /// What the command line says, over what the network's specification says.
  private func trainingSettings(_ spec: NetworkSpec) throws -> TrainingSettings {
    var settings = spec.training
    if let optimiser { settings.use(try named(optimiser, "--optimiser")) }
    settings.learningRate = learningRate ?? settings.learningRate
    settings.epochs = epochs ?? settings.epochs
    settings.batchSize = batchSize ?? settings.batchSize
    settings.patience = patience ?? settings.patience
    if augment { settings.augmentation = .detector }
    settings.seed = seed
    settings.threads = running.threads
    if let (key, remedy) = settings.problem { throw ValidationError("\(key) \(remedy)") }
    return settings
  }

  private func named<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ option: String
  ) throws -> Choice {
    guard let choice = Choice(rawValue: name) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("\(option): \(name) is not one of \(known)")
    }
    return choice
  }

  private func curvePicture() throws -> PictureFile? {
    guard let curves else { return nil }
    guard let picture = PictureFile(path: curves) else {
      throw ValidationError("--curves: \(curves) is not the name of a .png, .svg or .pdf file")
    }
    return picture
  }

  private func learningCurves(_ reports: [EpochReport], _ spec: NetworkSpec) -> LearningCurves {
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

  /// All events of the inputs, and their files. Of several processes each reads a part.
  private func load(
    _ spec: NetworkSpec, _ cuts: QualityCuts, _ group: TrainingGroup?,
    _ record: inout ProvenanceRecord
  ) throws -> (TrainingSet, [EventFileReader]) {
    let set = try TrainingSet(spec: spec, room: checkpoints.room(output.output), peers: group)
    let readers = try inputs.map { path in
      let reader = try EventFileReader(path: path)
      try reader.needTruth(" to learn from. Train on simulated events")
      try reader.needFit(base)
      return reader
    }
    let (rank, size) = (group?.rank ?? 0, group?.size ?? 1)
    let total = readers.reduce(0) { $0 + min($1.eventCount, maxEvents ?? .max) }
    var progress = Progress("read", total: total, isQuiet: running.quiet || rank > 0)
    var (done, part) = (0, 0)
    for reader in readers {
      record.read(reader.path)
      for rows in reader.chunks(of: 1024, limit: maxEvents) {
        try Interruption.check()
        if part % size == rank {
          let events = try reader.reconstructedEvents(rows, base: base)
          try set.append(events, array: reader.array, part: part) {
            cuts.verdict($0.standard) == .passed
          }
        }
        (done, part) = (done + rows.count, part + 1)
        progress.update(done)
      }
    }
    try set.join()
    return (set, readers)
  }

  private func showBatch(_ batch: BatchProgress) {
    guard !running.quiet, isatty(STDERR_FILENO) == 1, batch.batch.isMultiple(of: 10) else { return }
    let text =
      "\repoch \(batch.epoch)/\(batch.epochs), batch \(batch.batch)/\(batch.batches), loss "
      + String(format: "%.4f", batch.loss) + "\u{1B}[K"
    FileHandle.standardError.write(Data(text.utf8))
  }

  private func line(_ report: EpochReport) -> String {
    let explained = report.explainedVariance.sorted { $0.key < $1.key }.map {
      "\($0.key) \(String(format: "%.3f", $0.value))"
    }.joined(separator: ", ")
    return String(
      format:
        "epoch %d/%d: loss %.4f, validation %.4f%@; explained variance %@; %.0f events/s, %@ left",
      report.epoch, report.epochs, report.trainingLoss, report.validationLoss,
      report.isBest ? " (best)" : "", explained, report.samplesPerSecond,
      duration(report.secondsLeft))
  }
}

/// The epochs of a training as they come.
private final class TrainingStory {
  let curve: LearningHistory?
  var reports: [EpochReport] = []

  /// - Parameter curve: the file that shows them, where there is one.
  init(curve: LearningHistory?) { self.curve = curve }
}

/// Refuses an output that exists or has no folder, before any work.
func checkOutput(_ path: String, overwrite: Bool) throws {
  let files = FileManager.default
  if files.fileExists(atPath: path) && !overwrite {
    throw OutputError(description: "\(path): exists. Choose another name, or give --overwrite")
  }
  let folder = URL(filePath: path).deletingLastPathComponent().path
  guard files.isWritableFile(atPath: folder) else {
    throw OutputError(description: "\(path): the folder \(folder) does not exist or is read-only")
  }
}
