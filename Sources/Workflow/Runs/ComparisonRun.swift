import Foundation
import Logging
import Performance
import ShowerCalibration
import ShowerModel
import ShowerReport
import ShowerStore

/// Compares the errors of the standard reconstruction with those of all others in a file.
package struct ComparisonRun: Sendable {
  package var input: String
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
  /// JSON file of thresholds on keys of the summary.
  package var thresholds: String?
  package var replicas = 1000
  package var seed: UInt64 = 1
  package var eventLimit: Int?

  package init(_ input: String, output: OutputFile) {
    self.input = input
    self.output = output
  }

  package func run(in context: RunContext) throws {
    try context.checkThreads()
    guard replicas >= 10 else { throw WrongUse("--replicas needs at least 10") }
    let log = context.logger("compare")
    var record = ProvenanceRecord("compare", seed: seed)
    let sources = try open(context, &record)
    let made =
      sources.reader.hasTruth
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
    let reader: EventFileReader
    let methods: ComparedMethods
    let cuts: QualityCuts
    let settings: ComparisonSettings
    let curves: [TrainingHistory]
    let thresholds: Thresholds?
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
    let reader = try EventFileReader(path: input)
    let chosen = try ComparedMethods(
      of: reader, headline: method, methods: methods, against: against)
    try Report.check(folder: output.path, overwrite: output.overwrites)
    record.read(input)
    let settings = ComparisonSettings(
      replicas: replicas, seed: seed, against: chosen.against(against), headline: chosen.headline,
      threads: context.threads)
    return Sources(
      reader: reader, methods: chosen, cuts: qualityCuts, settings: settings, curves: curves,
      thresholds: limits, isQuiet: context.isQuiet)
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
    let reader = sources.reader
    let split = try EvaluationSplit(reader.lineage, path: input, choice: split)
    if split.isTestOnly {
      log.info("a network learned from this simulation: only its test split is compared")
    }
    let gatherer = ComparisonGatherer(
      reader: reader, methods: sources.methods.all, cuts: sources.cuts, split: split,
      spectrum: try spectrum.map { try SpectrumWeight(to: $0, from: reader) }, limit: eventLimit,
      isQuiet: sources.isQuiet)
    let sample = try gatherer.sample(calibratingOn: calibration)
    if let calibration { record.read(calibration) }
    let comparison = Comparison(sample, settings: sources.settings)
    let step = record.step([
      "methods": sources.methods.names, "cuts": sources.cuts.json,
      "split": split.isTestOnly ? "test" : "all", "replicas": "\(replicas)",
      "control": comparison.controlSource.map { "\($0)" } ?? "none",
    ])
    return Made(
      report: Report(
        comparison: comparison, sample: sample, provenance: reader.provenance + [step],
        histories: sources.curves),
      text: comparison.terminalText(isColoured: Terminal.isColoured))
  }

  /// Shifts between the methods on data, which have no truth.
  private func onData(
    _ sources: Sources, _ record: inout ProvenanceRecord, _ log: Logger
  ) throws -> Made {
    guard spectrum == nil, calibration == nil else {
      throw WrongUse("\(input) has no truth. --spectrum and --calibrate need simulated events")
    }
    log.info("\(input): no truth. The report shows shifts between the methods instead of errors")
    let gatherer = ShiftGatherer(
      reader: sources.reader, methods: sources.methods.all, cuts: sources.cuts,
      limit: eventLimit, isQuiet: sources.isQuiet)
    let shifts = ShiftComparison(try gatherer.sample(), settings: sources.settings)
    let step = record.step([
      "methods": sources.methods.names, "cuts": sources.cuts.json, "replicas": "\(replicas)",
    ])
    return Made(
      report: Report(shifts: shifts, provenance: sources.reader.provenance + [step]),
      text: shifts.terminalText(isColoured: Terminal.isColoured))
  }

  private func write(_ report: Report) throws {
    do {
      try report.write(to: output.path, overwrite: output.overwrites)
    } catch ReportError.noEvents(let flow) {
      throw InputError(
        description:
          "\(input): no events to compare: \(flow). Try --cuts none, or another file")
    } catch {
      // Ctrl-C ends gnuplot too, which is no failure of the drawing.
      try Interruption.check()
      throw error
    }
  }
}
