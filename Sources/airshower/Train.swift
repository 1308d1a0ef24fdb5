import ArgumentParser
import Foundation
import Logging
import Performance
import ResidualNetwork
import ShowerModel
import ShowerStore

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network on the residuals of the standard reconstruction.",
    discussion: """
      Learns true minus standard (direction, energy, core) from the raw waveforms. Events are split by \
      parent shower, 80 % to train, 10 % to validate, 10 % never seen. The best epoch is kept. The same \
      seed gives the same weights, bit for bit on one thread. A loss that is no longer a number ends the run \
      (exit 1) and names the events; the best weights until then go to NAME.last-good.pt.

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

  @Option(help: "Learning curve: a CSV file, one row an epoch.")
  var history: String?

  @Option(help: "Learning curve as a picture: a .png, .svg or .pdf file.")
  var curves: String?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("train")
    var record = ProvenanceRecord("train", seed: seed)
    let tables = try TableFolder(option: running.tables)
    let (qualityCuts, cutsFile) = try tables.selection(cuts)
    record.readHashed(cutsFile)
    try checkOutput(output.output, overwrite: output.overwrite)
    if let history { try checkOutput(history, overwrite: output.overwrite) }
    let picture = try curvePicture()

    let specFile = try tables.file("networks", spec, suffix: ".json")
    record.readHashed(specFile)
    var networkSpec = try NetworkSpec(contentsOf: specFile.path)
    if let loss { networkSpec.loss = try named(loss, "--loss") }
    let settings = try trainingSettings(networkSpec)
    let (set, history) = try load(networkSpec, qualityCuts, &record)
    let counts = set.counts
    log.info(
      "\(counts.training) events to train, \(counts.validation) to validate, \(counts.test) kept back, \(set.memory / 1_048_576) MiB"
    )
    var reports: [EpochReport] = []
    let outcome = try Trainer(spec: networkSpec, settings: settings).run(
      set, onBatch: showBatch,
      onEpoch: { report in
        reports.append(report)
        log.info("\(line(report))")
      }, isCancelled: { Interruption.isPending })
    if let path = self.history { try write(curve(reports), to: path) }
    try picture?.write(learningCurves(reports, networkSpec), overwrite: output.overwrite)
    let step = record.step([
      "spec": networkSpec.name, "cuts": qualityCuts.json, "loss": networkSpec.loss.rawValue,
      "optimiser": settings.optimiser.rawValue, "epochs": "\(settings.epochs)",
      "batch_size": "\(settings.batchSize)", Self.simulationSeedsKey: simulationSeeds(history),
    ])
    let path = outcome.divergence == nil ? output.output : lastGoodPath
    if let network = outcome.network?.with(base: base).with(provenance: history + [step]) {
      try network.write(to: path)
      log.info(
        "\(path): \(network.metadata.weightCount) weights, best epoch \(network.metadata.bestEpoch)"
      )
    }
    if let divergence = outcome.divergence { throw divergence }
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
    settings.threads = running.threadChoice ?? 1
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
    try picture.check(overwrite: output.overwrite)
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

  private func curve(_ reports: [EpochReport]) -> String {
    let targets = targets(of: reports)
    let head = [
      "epoch", "training_loss", "validation_loss", "learning_rate", "events_per_second",
      "validation_events_per_second",
    ]
    let rows = reports.map { report in
      let numbers =
        [
          report.trainingLoss, report.validationLoss, report.learningRate,
          report.samplesPerSecond, report.validationPerSecond,
        ]
        + targets.map { report.explainedVariance[$0] ?? .nan }
      return (["\(report.epoch)"] + numbers.map { "\($0)" }).joined(separator: ",")
    }
    return
      ([(head + targets.map { "explained_variance_" + $0 }).joined(separator: ",")] + rows)
      .joined(separator: "\n") + "\n"
  }

  /// Targets of the reports, in order of their names.
  private func targets(of reports: [EpochReport]) -> [String] {
    reports.first?.explainedVariance.keys.sorted() ?? []
  }

  /// All events of the inputs, and the histories of the files.
  private func load(
    _ spec: NetworkSpec, _ cuts: QualityCuts, _ record: inout ProvenanceRecord
  ) throws -> (TrainingSet, [ProvenanceStep]) {
    let set = try TrainingSet(spec: spec)
    let readers = try inputs.map { path in
      let reader = try EventFileReader(path: path)
      try reader.needTruth(" to learn from. Train on simulated events")
      try reader.needFit(base)
      return reader
    }
    let total = readers.reduce(0) { $0 + min($1.eventCount, maxEvents ?? .max) }
    var progress = Progress("read", total: total, isQuiet: running.quiet)
    var done = 0
    for reader in readers {
      record.read(reader.path)
      for rows in reader.chunks(of: 2048, limit: maxEvents) {
        try Interruption.check()
        set.append(try reader.reconstructedEvents(rows, base: base), array: reader.array) {
          cuts.verdict($0.standard) == .passed
        }
        done += rows.count
        progress.update(done)
      }
    }
    return (set, readers.flatMap(\.provenance))
  }

  /// Under which the provenance holds the simulations that a network learned from.
  static let simulationSeedsKey = "simulation_seeds"

  /// Seeds of the simulations that the network saw, by which `compare` knows them again.
  private func simulationSeeds(_ history: [ProvenanceStep]) -> String {
    Set(history.compactMap(\.simulatedShowers)).sorted().joined(separator: ",")
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

  private func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw OutputError(description: "\(path): cannot be written")
    }
  }
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
