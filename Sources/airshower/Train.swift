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
      seed gives the same weights, bit for bit on one thread.

        airshower train reco.h5 --output network.pt
        airshower train reco.h5 more.h5 --spec lecture --optimiser adadelta --output network.pt
      """)

  @Argument(help: "Reconstructed event files with truth.")
  var inputs: [String]

  @Option(help: "Network: a name in tables/networks, or a JSON file.")
  var spec = "grid"

  @Option(help: "Optimiser: adadelta, adam, adamW.")
  var optimiser = "adamW"

  @Option(help: "Learning rate (default 1 for adadelta, else 0.002).")
  var learningRate: Double?

  @Option(help: "Epochs at most.")
  var epochs = 20

  @Option(help: "Events in a batch.")
  var batchSize = 256

  @Option(help: "Epochs without a better validation loss before training ends.")
  var patience = 10

  @Option(help: "Quality cuts of the events to learn from: a name in tables/selections, or a file.")
  var cuts = "standard"

  @Option(help: "Events to read from each file at most.")
  var maxEvents: Int?

  @Option(help: "Seed of initial weights, order and dropout.")
  var seed: UInt64 = 1

  @Option(help: "Learning curve: a CSV file, one row an epoch.")
  var history: String?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("train")
    var record = ProvenanceRecord("train", seed: seed)
    let settings = try trainingSettings()
    let tables = try TableFolder(option: running.tables)
    let (qualityCuts, cutsFile) = try tables.selection(cuts)
    record.readHashed(cutsFile)
    try checkOutput(output.output, overwrite: output.overwrite)

    let specFile = try tables.file("networks", spec, suffix: ".json")
    record.readHashed(specFile)
    let networkSpec = try NetworkSpec(contentsOf: specFile.path)
    let (set, history) = try load(networkSpec, qualityCuts, &record)
    let counts = set.counts
    log.info(
      "\(counts.training) events to train, \(counts.validation) to validate, \(counts.test) kept back, \(set.memory / 1_048_576) MiB"
    )
    var curve = "epoch,training_loss,validation_loss,learning_rate\n"
    let network = try Trainer(spec: networkSpec, settings: settings).train(
      set, onBatch: showBatch,
      onEpoch: { report in
        curve +=
          "\(report.epoch),\(report.trainingLoss),\(report.validationLoss),\(report.learningRate)\n"
        log.info("\(line(report))")
      }, isCancelled: { Interruption.isPending })
    let step = record.step([
      "spec": networkSpec.name, "cuts": qualityCuts.json, "optimiser": optimiser,
      "epochs": "\(epochs)",
      "batch_size": "\(batchSize)", Self.simulationSeedsKey: simulationSeeds(history),
    ])
    try network.with(provenance: history + [step]).write(to: output.output)
    if let path = self.history { try write(curve, to: path) }
    log.info(
      "\(output.output): \(network.metadata.weightCount) weights, best epoch \(network.metadata.bestEpoch)"
    )
  }

  private func trainingSettings() throws -> TrainingSettings {
    guard let optimiser = TrainingSettings.Optimiser(rawValue: optimiser) else {
      let known = TrainingSettings.Optimiser.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--optimiser: \(optimiser) is not one of \(known)")
    }
    guard epochs >= 1, batchSize >= 1, patience >= 1 else {
      throw ValidationError("--epochs, --batch-size and --patience need numbers of at least 1")
    }
    let isAdadelta = optimiser == .adadelta
    return TrainingSettings(
      epochs: epochs, batchSize: batchSize, optimiser: optimiser, learningRate: learningRate,
      weightDecay: isAdadelta ? 1e-5 : 1e-3, oneCycle: !isAdadelta, patience: patience,
      seed: seed, threads: running.threadChoice ?? 1)
  }

  /// All events of the inputs, and the histories of the files.
  private func load(
    _ spec: NetworkSpec, _ cuts: QualityCuts, _ record: inout ProvenanceRecord
  ) throws -> (TrainingSet, [ProvenanceStep]) {
    let set = try TrainingSet(spec: spec)
    let readers = try inputs.map { path in
      let reader = try EventFileReader(path: path)
      try reader.needTruth(" to learn from. Train on simulated events")
      try reader.needStandardReconstruction()
      return reader
    }
    let total = readers.reduce(0) { $0 + min($1.eventCount, maxEvents ?? .max) }
    var progress = Progress("read", total: total, isQuiet: running.quiet)
    var done = 0
    for reader in readers {
      record.read(reader.path)
      for rows in reader.chunks(of: 2048, limit: maxEvents) {
        try Interruption.check()
        set.append(try reader.reconstructedEvents(rows), array: reader.array) {
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
