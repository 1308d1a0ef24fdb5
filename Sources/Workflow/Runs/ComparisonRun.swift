import Foundation
import Logging
import Performance
import ShowerCalibration
import ShowerModel
package import ShowerReport
import ShowerStore

/// Compares the errors of the standard reconstruction with those of all others in some files.
package struct ComparisonRun: Sendable {
  /// Files with the same methods and array.
  package var inputs: [String]
  /// Folder of the report.
  package var output: OutputFile
  /// The method that verdict and figures are about, nil for the network written last.
  package var method: String?
  /// Methods to compare, nil for all of the file.
  package var methods: [String]?
  /// A method that gains are also given against.
  package var against: String?
  package var cuts = TableFolder.defaultSelection
  package var split = EvaluationSplit.Choice.auto
  /// Index of the spectrum that events are weighted to, nil for no weights.
  package var spectrum: Double?
  /// File to fit the polynomial control on.
  package var calibration: String?
  /// Learning curves to show.
  package var histories: [String] = []
  /// Which figures the report has.
  package var figures = FigureChoice.all
  /// Width of figures for a paper, nil for none.
  package var figureSize: PaperSize?
  /// JSON file of thresholds on keys of the summary.
  package var thresholds: String?
  package var replicas = 1000
  package var seed: UInt64 = 1
  package var eventLimit: Int?
  /// Events to compare, before all cuts.
  package var choice = EventChoice()

  package init(_ inputs: [String], output: OutputFile) {
    self.inputs = inputs
    self.output = output
  }

  package func run(in context: RunContext) throws {
    try context.checkLimits("compare")
    guard (10...100_000).contains(replicas) else {
      throw WrongUse(
        "--replicas \(replicas): 10 to 100000. 1000 give intervals whose ends scatter by 3 %")
    }
    let log = context.logger("compare")
    var record = ProvenanceRecord("compare", seed: seed)
    let sources = try open(context, &record)
    let made =
      sources.files.first.hasTruth
      ? try againstTruth(sources, &record, log) : try onData(sources, &record, log)
    try Interruption.check()
    try write(made.report)
    // Not print: what is buffered would come after the log.
    FileHandle.standardOutput.write(Data(made.text.utf8))
    log.info("\(output.path)/report.html")
    if let thresholds {
      try sources.thresholds?.check(made.report.summary, file: thresholds)
    }
  }

  /// What is compared.
  private struct Sources {
    let files: JoinedFiles
    let methods: ComparedMethods
    let cuts: QualityCuts
    let settings: ComparisonSettings
    let curves: [TrainingHistory]
    let thresholds: Thresholds?
    let assets: PageAssets
    let isQuiet: Bool
  }

  private func open(_ context: RunContext, _ record: inout ProvenanceRecord) throws -> Sources {
    let (qualityCuts, cutsFile) = try context.tableFolder().selection(cuts)
    record.readHashed(cutsFile)
    let limits = try thresholds.map { try Thresholds(ofFile: $0) }
    let curves = try histories.map { try TrainingHistory(ofFile: $0) }
    for path in histories + [thresholds].compactMap(\.self) {
      record.readHashed(URL(filePath: path))
    }
    let files = try JoinedFiles(inputs)
    for reader in files.readers { try reader.checkEvents(context.logger("compare")) }
    let chosen = try ComparedMethods(
      of: files.first, headline: method, methods: methods, against: against)
    try Report.check(
      folder: output.path, overwrite: output.overwrites,
      choice: figureSize == nil ? figures : .all)
    inputs.forEach { record.read($0) }
    let settings = ComparisonSettings(
      replicas: replicas, seed: seed, against: chosen.against(against), headline: chosen.headline,
      threads: context.threads)
    return Sources(
      files: files, methods: chosen, cuts: qualityCuts, settings: settings, curves: curves,
      thresholds: limits, assets: try context.tableFolder().pageAssets("report"),
      isQuiet: context.isQuiet)
  }

  /// What the run shows of a comparison.
  private struct Made {
    let report: Report
    let text: String
  }

  /// Errors of all methods on simulated events.
  private func againstTruth(
    _ sources: Sources, _ record: inout ProvenanceRecord, _ log: Logger
  ) throws -> Made {
    let files = sources.files
    let split = try EvaluationSplit(files.lineage, path: names, choice: split)
    if split.isTestOnly {
      log.info("a network learned from this simulation: only its test split is compared")
    }
    let gatherer = ComparisonGatherer(
      readers: files.readers, methods: sources.methods.all, cuts: sources.cuts, split: split,
      spectrum: try spectrum.map { try files.spectrumWeight(to: $0) }, limit: eventLimit,
      choice: choice, isQuiet: sources.isQuiet)
    noteChoice(log)
    let sample = try gatherer.sample(calibratingOn: calibration)
    if let calibration { record.read(calibration) }
    let comparison = Comparison(sample, settings: sources.settings)
    let step = record.step(
      [
        "methods": sources.methods.names, "cuts": sources.cuts.json,
        "split": split.isTestOnly ? "test" : "all", "replicas": "\(replicas)",
        "control": comparison.controlSource.map { "\($0)" } ?? "none",
      ].merging(choice.settings) { $1 })
    return Made(
      report: Report(
        comparison: comparison, sample: sample, files: inputs, condition: choice.condition,
        assets: sources.assets, provenance: files.provenance + [step],
        histories: sources.curves, choice: figures, paper: figureSize,
        title: title(comparison.baseline.name, comparison.headline.name)),
      text: comparison.terminalText(isColoured: Terminal.isColoured))
  }

  /// Shifts between the methods on data, which have no truth.
  private func onData(
    _ sources: Sources, _ record: inout ProvenanceRecord, _ log: Logger
  ) throws -> Made {
    guard spectrum == nil, calibration == nil else {
      throw WrongUse("\(names) has no truth. --spectrum and --calibrate need simulated events")
    }
    if figureSize != nil {
      throw WrongUse("\(names) has no truth. --figure-size needs simulated events")
    }
    log.info("\(names): no truth. The report shows shifts between the methods instead of errors")
    let gatherer = ShiftGatherer(
      readers: sources.files.readers, methods: sources.methods.all, cuts: sources.cuts,
      limit: eventLimit, choice: choice, isQuiet: sources.isQuiet)
    noteChoice(log)
    let shifts = ShiftComparison(try gatherer.sample(), settings: sources.settings)
    let step = record.step(
      [
        "methods": sources.methods.names, "cuts": sources.cuts.json, "replicas": "\(replicas)",
      ].merging(choice.settings) { $1 })
    return Made(
      report: Report(
        shifts: shifts, files: inputs, condition: choice.condition, assets: sources.assets,
        provenance: sources.files.provenance + [step], choice: figures,
        title: title("data: standard reconstruction", shifts.comparison.headline.name)),
      text: shifts.terminalText(isColoured: Terminal.isColoured))
  }

  /// The heading of a report on chosen events, which says so; nil for the usual one.
  private func title(_ baseline: String, _ headline: String) -> String? {
    choice.text.map { "Baseline \(baseline) against \(headline), only events with \($0)" }
  }

  private func noteChoice(_ log: Logger) {
    guard let text = choice.text else { return }
    log.warning("only events with \(text) are compared, which may favour one method")
  }

  /// What messages call the files.
  private var names: String {
    inputs.count == 1 ? inputs[0] : "\(inputs[0]) and \(inputs.count - 1) more"
  }

  private func write(_ report: Report) throws {
    do {
      try report.write(to: output.path, overwrite: output.overwrites)
    } catch ReportError.noEvents(let flow) {
      throw InputError(
        description:
          "\(names): no events to compare: \(flow). Try --cuts none, or another file")
    } catch {
      // Ctrl-C ends gnuplot too, which is no failure of the drawing.
      try Interruption.check()
      throw error
    }
  }
}
