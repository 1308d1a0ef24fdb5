import Foundation
import Logging
import Performance
import ResidualNetwork
import ShowerCalibration
import ShowerModel
import ShowerReport
import ShowerStore

/// Trains a network on the residuals of a parametric reconstruction.
package struct TrainingRun: Sendable {
  package var inputs: [String]
  package var output: OutputFile
  /// Name or file of the network's specification.
  package var spec = "set"
  /// Reconstruction whose residuals are learned.
  package var base = "standard"
  /// What is nil here is as the network's specification says.
  package var loss: String?
  package var optimiser: String?
  package var learningRate: Double?
  package var epochs: Int?
  package var batchSize: Int?
  package var patience: Int?
  /// Whether events are changed at random, as real detectors do.
  package var augments = false
  package var cuts = TableFolder.defaultSelection
  package var eventLimit: Int?
  /// By how much events count, as `TrainingWeights` reads it; nil where all count once.
  package var weights: String?
  package var seed: UInt64 = 1
  /// File of the learning curve.
  package var history: String?
  /// Picture of the learning curve.
  package var curves: String?
  package var checkpoints = CheckpointSettings()
  package var computing = ComputingSettings()

  package init(_ inputs: [String], output: OutputFile) {
    self.inputs = inputs
    self.output = output
  }

  package func run(in context: RunContext) throws { try run(in: context, nil) }

  /// Trains, with the other processes where there are some: the first one tells and writes.
  func run(in context: RunContext, _ group: TrainingGroup?) throws {
    try context.checkLimits("train")
    try checkpoints.check()
    let isFirst = group?.rank ?? 0 == 0
    let log = (isFirst ? context : context.silenced).logger("train")
    var record = ProvenanceRecord("train", seed: seed)
    let plan = try prepare(context, group, &record)
    tellBusyThreads(plan, group, log)
    let (set, readers) = try load(plan, context, group, &record, log)
    tellCounts(set, log)
    let curve = history.map { LearningHistory(path: $0, targets: plan.spec.targets) }
    let story = TrainingLog(curve: isFirst ? curve : nil)
    try story.begin(with: [])
    let checkpoint = checkpoints.plan(output, identity: identity(readers, plan.cuts))
    let trainer = Trainer(
      spec: plan.spec, settings: plan.settings, device: plan.device, peers: group)
    let listener = listener(story, log, showsBatches: isFirst && !context.isQuiet)
    let outcome = try train(trainer, set, checkpoint, listener)
    if isFirst {
      try plan.picture?.write(
        learningCurves(story.reports, plan.spec), overwrite: output.overwrites)
      try write(outcome, readers, provenance(readers, plan, group, record), log)
      try? FileManager.default.removeItem(atPath: checkpoint.path)
    }
    if let divergence = outcome.divergence { throw divergence }
  }

  /// How a network is trained.
  struct Plan {
    let cuts: QualityCuts
    /// Of the learning curve, where one is asked for.
    let picture: PictureFile?
    let spec: NetworkSpec
    let settings: TrainingSettings
    let device: ComputeDevice
  }

  private func prepare(
    _ context: RunContext, _ group: TrainingGroup?, _ record: inout ProvenanceRecord
  ) throws -> Plan {
    let tables = try context.tableFolder()
    let (qualityCuts, cutsFile) = try tables.selection(cuts)
    record.readHashed(cutsFile)
    let picture = try curvePicture()
    if group?.rank ?? 0 == 0 { try checkOutputs(picture) }
    group?.barrier()
    let spec = try networkSpec(tables, &record)
    return Plan(
      cuts: qualityCuts, picture: picture, spec: spec,
      settings: try trainingSettings(spec, threads: context.threads, group),
      device: try computing.computeDevice(process: group?.rank ?? 0))
  }

  private func train(
    _ trainer: Trainer, _ set: TrainingSet, _ plan: CheckpointPlan, _ listener: Trainer.Listener
  ) throws -> Trainer.Outcome {
    do {
      return try Interruption.withTrainingPatience {
        try trainer.run(set, checkpoint: plan, listener)
      }
    } catch NetworkError.tooFewEvents(_, let training, let validation, let needed) {
      throw NetworkError.tooFewEvents(
        files: inputs, training: training, validation: validation, needed: needed)
    } catch NetworkError.noTruth(_, let target, let known, let needed) {
      throw NetworkError.noTruth(files: inputs, target: target, known: known, needed: needed)
    } catch NetworkError.cancelled {
      throw Interrupted(
        description: "interrupted; \(plan.path) keeps what was learned. Continue with --resume")
    }
  }

  /// Writes the best network: to the output, or beside it where training failed at last.
  private func write(
    _ outcome: Trainer.Outcome, _ readers: [EventFileReader], _ provenance: [ProvenanceStep],
    _ log: Logger
  ) throws {
    let path = outcome.divergence == nil ? output.path : lastGoodPath
    guard let network = outcome.network?.with(base: base) else { return }
    try network.with(histories: readers.map(\.provenance)).with(provenance: provenance).write(
      to: path)
    let metadata = network.metadata
    log.info("\(path): \(metadata.weightCount) weights, best epoch \(metadata.bestEpoch)")
  }

  /// Where the best epoch's network goes when training fails: an output exists only after success.
  private var lastGoodPath: String {
    let url = URL(filePath: output.path)
    return url.deletingPathExtension().path + ".last-good." + url.pathExtension
  }

  /// The histories of all inputs and the training.
  private func provenance(
    _ readers: [EventFileReader], _ plan: Plan, _ group: TrainingGroup?,
    _ record: ProvenanceRecord
  ) -> [ProvenanceStep] {
    let histories = readers.flatMap(\.provenance)
    // By these `compare` knows the events again that the network saw.
    let learned = [plan.spec.name: Lineage(histories).simulations]
    let step = record.step(
      [
        "spec": plan.spec.name, "cuts": plan.cuts.json, "loss": plan.spec.loss.rawValue,
        "optimiser": plan.settings.optimiser.rawValue, "epochs": "\(plan.settings.epochs)",
        "batch_size": "\(plan.settings.batchSize)", "processes": "\(group?.size ?? 1)",
        "device": plan.device.description,
      ].merging(weights.map { ["weights": $0] } ?? [:]) { $1 }, learned: learned)
    return histories + [step]
  }

  // MARK: - Settings

  private func checkOutputs(_ picture: PictureFile?) throws {
    try output.check()
    // The curve of a run that goes on is there already.
    if let history {
      try OutputFile(history, overwrites: output.overwrites || checkpoints.resumes).check()
    }
    try picture?.check(overwrite: output.overwrites)
    try checkpoints.checkFile(output)
  }

  private func curvePicture() throws(WrongUse) -> PictureFile? {
    guard let curves else { return nil }
    guard let picture = PictureFile(path: curves) else {
      throw WrongUse("--curves: the name \(curves) must end in .png, .svg or .pdf")
    }
    return picture
  }

  private func networkSpec(
    _ tables: TableFolder, _ record: inout ProvenanceRecord
  ) throws -> NetworkSpec {
    let file = try tables.file(.networkDescription, spec)
    record.readHashed(file)
    var networkSpec = try NetworkSpec(contentsOf: file.path)
    if let loss { networkSpec.loss = try named(loss, "--loss") }
    return networkSpec
  }

  /// What the user says, over what the network's specification says.
  private func trainingSettings(
    _ spec: NetworkSpec, threads: Int, _ group: TrainingGroup?
  ) throws(WrongUse) -> TrainingSettings {
    var settings = spec.training
    if let optimiser { settings.use(try named(optimiser, "--optimiser")) }
    settings.learningRate = learningRate ?? settings.learningRate
    settings.epochs = epochs ?? settings.epochs
    settings.batchSize = batchSize ?? settings.batchSize
    settings.patience = patience ?? settings.patience
    if augments { settings.augmentation = .detector }
    settings.seed = seed
    settings.threads = threads
    if let (key, remedy) = settings.problem { throw WrongUse("\(key) \(remedy)") }
    if let group, settings.batchSize < group.size {
      throw WrongUse("--batch-size: \(group.size) processes need at least as many events")
    }
    return settings
  }

  private func named<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ option: String
  ) throws(WrongUse) -> Choice {
    guard let choice = Choice(rawValue: name) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw WrongUse("\(option): \(name) is not one of \(known)")
    }
    return choice
  }

  /// What the training is made of, beside its specification and settings.
  private func identity(
    _ readers: [EventFileReader], _ cuts: QualityCuts
  ) -> [String: String] {

    var identity = [
      "base": base, "cuts": cuts.json,
      "weights": weights ?? "none",
      "events of each file": eventLimit.map(String.init) ?? "all",
      "device": "\(computing.device) \(computing.precision)",
    ]
    for (number, reader) in readers.enumerated() {
      identity["input \(number + 1)"] = CheckpointSettings.identity(of: reader)
    }
    return identity
  }
}
