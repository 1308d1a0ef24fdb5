import ArgumentParser
import Foundation
import Logging
import Performance
import ShowerModel
import ShowerReport
import ShowerStore

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Compare the errors of the standard reconstruction with those of all others in a file.",
    discussion: """
      Writes a folder with report.html (opens offline), summary.json, summary.csv and the figures as PNG, SVG and \
      PDF, each beside its gnuplot script. All methods are judged on the same events; cuts use the standard \
      reconstruction only. Controls are methods like others: polynomial, event, scalars, tuned.

        airshower compare corrected.h5 --output report

      Explained variance is split in what a polynomial in sec theta and log10 S800 explains (EV_calib) and what is \
      explained beyond it (EV_net). The polynomial is that of the file, else it is fitted: on the training split \
      where the file has it, on --calibrate FILE, or on either half of the showers for the other.

      Of data, which have no truth, it shows shifts between the methods instead of errors.

      Guard a network in CI by thresholds on any key of summary.json (below "results"), exit code 1 where one falls \
      short:

        {"nuclei/whole/space_angle/grid/gain/width68": 0.35,
         "nuclei/whole/ln_energy/grid/score/net_explained_variance/low95": 0.3,
         "nuclei/whole/pull_zenith/grid/width68": {"at_least": 0.9, "at_most": 1.1}}

        airshower compare corrected.h5 --output report --fail-below thresholds.json
      """)

  @Argument(help: "Corrected event file.")
  var input: String

  @Option(help: "Method that verdict and figures are about (default: the network written last).")
  var method: String?

  @Option(help: "Methods to compare, as in grid,tuned (default: all of the file).")
  var methods: String?

  @Option(help: "A method that gains are also given against, beside the standard one, as tuned.")
  var against: String?

  @Option(help: "Quality cuts: a name in tables/selections, or a file.")
  var cuts = "standard"

  @Option(
    help:
      "Events to use: all, test (those no network learns from), or auto: test where a network was trained on this simulation."
  )
  var split = SplitChoice.auto

  @Option(
    help:
      "Weight events to a spectrum E^INDEX, as -2.7; write --spectrum=-2.7 (default: as thrown)."
  )
  var spectrum: Double?

  @Option(
    help: "Reconstructed simulated events to fit the polynomial control on, if the file has none.")
  var calibrate: String?

  @Option(help: "Learning curve of airshower train --history to show. May be repeated.")
  var history: [String] = []

  @Option(help: "JSON file of thresholds on keys of summary.json; exit 1 where one falls short.")
  var failBelow: String?

  @Option(help: "Bootstrap replicas for the intervals.")
  var replicas = 1000

  @Option(help: "Seed of the bootstrap.")
  var seed: UInt64 = 1

  @Option(help: "Use the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  enum SplitChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, all, test
  }

  func validate() throws {
    try checkMethodNames([method].compactMap(\.self), option: "--method")
    try checkMethodNames([against].compactMap(\.self), option: "--against")
    if let methods {
      try checkMethodNames(Self.names(in: methods), option: "--methods")
    }
  }

  /// Names between commas.
  private static func names(in list: String) -> [String] {
    list.split(separator: ",").map(String.init)
  }

  mutating func run() throws {
    try running.checkThreads()
    guard replicas >= 10 else { throw ValidationError("--replicas needs at least 10") }
    let log = running.logger("compare")
    var record = ProvenanceRecord("compare", seed: seed)
    let (qualityCuts, cutsFile) = try TableFolder(option: running.tables).selection(cuts)
    record.readHashed(cutsFile)
    let thresholds = try failBelow.map { try readThresholds($0) }
    let histories = try history.map { try readHistory($0) }
    for path in history + [failBelow].compactMap(\.self) { record.readHashed(URL(filePath: path)) }
    let reader = try EventFileReader(path: input)
    let chosen = try chosenMethods(reader)
    try Report.check(folder: output.output, overwrite: output.overwrite)
    record.read(input)

    let settings = ComparisonSettings(
      replicas: replicas, seed: seed, against: against, headline: method ?? lastNetwork(reader),
      threads: running.threads)
    let made =
      reader.hasTruth
      ? try againstTruth(reader, chosen, qualityCuts, settings, histories, &record, log)
      : try onData(reader, chosen, qualityCuts, settings, &record, log)
    try Interruption.check()
    do {
      try made.report.write(to: output.output, overwrite: output.overwrite)
    } catch ReportError.noEvents(let flow) {
      throw InputError(
        description: "\(input): no events to compare: \(flow). Try --cuts none, or another file")
    } catch {
      // Ctrl-C ends gnuplot too, which is no failure of the drawing.
      try Interruption.check()
      throw error
    }
    // Not print: what is buffered would come after the log.
    FileHandle.standardOutput.write(Data(made.text.utf8))
    log.info("\(output.output)/report.html")
    if let thresholds, let failBelow {
      try check(thresholds, made.report.summary, file: failBelow)
    }
  }

  /// What the command shows of a comparison.
  private struct Made {
    let report: Report
    let text: String
  }

  private func againstTruth(
    _ reader: EventFileReader, _ chosen: [Method], _ cuts: QualityCuts,
    _ settings: ComparisonSettings, _ histories: [TrainingHistory],
    _ record: inout ProvenanceRecord, _ log: Logger
  ) throws -> Made {
    let use = try EventUse(reader, split: split)
    if use.isTestOnly {
      log.info("a network learned from this simulation: only its test split is compared")
    }
    let gatherer = ComparisonGatherer(
      reader: reader, methods: chosen, cuts: cuts, use: use,
      spectrum: try spectrum.map { try weight(to: $0, reader) }, limit: maxEvents,
      isQuiet: running.quiet)
    let sample = try gatherer.sample(calibratingOn: calibrate)
    if let calibrate { record.read(calibrate) }
    let comparison = Comparison(sample, settings: settings)
    let step = record.step([
      "methods": chosen.map(\.name).joined(separator: ","), "cuts": cuts.json,
      "split": use.isTestOnly ? "test" : "all", "replicas": "\(replicas)",
      "control": comparison.controlSource.map { "\($0)" } ?? "none",
    ])
    return Made(
      report: Report(
        comparison: comparison, sample: sample, provenance: reader.provenance + [step],
        histories: histories),
      text: comparison.terminalText(isColoured: Terminal.isColoured))
  }

  private func onData(
    _ reader: EventFileReader, _ chosen: [Method], _ cuts: QualityCuts,
    _ settings: ComparisonSettings, _ record: inout ProvenanceRecord, _ log: Logger
  ) throws -> Made {
    guard spectrum == nil, calibrate == nil else {
      throw ValidationError(
        "\(input) has no truth: --spectrum and --calibrate are for simulated events")
    }
    log.info("\(input): no truth, so shifts between the methods are shown instead of errors")
    let shifts = ShiftComparison(
      try ShiftGatherer(
        reader: reader, methods: chosen, cuts: cuts, limit: maxEvents, isQuiet: running.quiet
      ).sample(), settings: settings)
    let step = record.step([
      "methods": chosen.map(\.name).joined(separator: ","), "cuts": cuts.json,
      "replicas": "\(replicas)",
    ])
    return Made(
      report: Report(shifts: shifts, provenance: reader.provenance + [step]),
      text: shifts.terminalText(isColoured: Terminal.isColoured))
  }

  // MARK: - Choices

  /// The methods beside the standard one, in the order of a table.
  private func chosenMethods(_ reader: EventFileReader) throws -> [Method] {
    try reader.needStandardReconstruction()
    // A control that is asked for anew takes the place of the stored one.
    let known = namesInOrder(reader).filter { $0 != Method.polynomialName || calibrate == nil }
    guard !known.isEmpty else {
      throw InputError(
        description: "\(input): has no corrected reconstruction. Run airshower correct first")
    }
    let asked = methods.map(Self.names)
    for name in (asked ?? []) + [method, against].compactMap(\.self) {
      guard known.contains(name) || (name == Method.polynomialName && reader.hasTruth) else {
        throw InputError(
          description:
            "\(input): has no reconstruction \(name), but \(known.joined(separator: ", "))")
      }
    }
    let names = asked.map { asked in
      known.filter { asked.contains($0) || $0 == method || $0 == against }
    }
    return try Method.ordered(
      (names ?? known).map { name in
        Method(name, explanation: try reader.networkDescription(of: name))
      })
  }

  /// All methods but the standard one, those written by `correct` in the order in which they were written.
  private func namesInOrder(_ reader: EventFileReader) -> [String] {
    let written = reader.provenance.filter { $0.activity == "correct" }
      .flatMap { ($0.settings["name"] ?? "").split(separator: " ").map(String.init) }
    return reader.reconstructionNames.enumerated().sorted {
      (written.lastIndex(of: $0.element) ?? -1, $0.offset)
        < (written.lastIndex(of: $1.element) ?? -1, $1.offset)
    }.map(\.element)
  }

  private func lastNetwork(_ reader: EventFileReader) -> String? {
    namesInOrder(reader).last { Method($0).kind == .network }
  }

  private func weight(to index: Double, _ reader: EventFileReader) throws -> SpectrumWeight {
    guard index.isFinite, (-10...10).contains(index) else {
      throw ValidationError("--spectrum needs an index between -10 and 10, as in --spectrum=-2.7")
    }
    let thrown = Set(
      reader.provenance.filter { $0.activity == "simulate" }.compactMap { spectralIndex(of: $0) })
    guard let only = thrown.first, thrown.count == 1 else {
      throw InputError(
        description: thrown.isEmpty
          ? "\(input): its provenance does not say with which spectrum it was simulated, so --spectrum cannot be used"
          : "\(input): was simulated with several spectra, so --spectrum cannot be used")
    }
    return SpectrumWeight(index: index, thrown: only)
  }

  /// The index of a step's `configuration`; nil where it states none.
  private func spectralIndex(of step: ProvenanceStep) -> Double? {
    struct Spectrum: Decodable { var spectralIndex: Double }
    return step.settings["configuration"].flatMap {
      try? JSONDecoder().decode(Spectrum.self, from: Data($0.utf8)).spectralIndex
    }
  }

  private func readThresholds(_ path: String) throws -> Thresholds {
    do {
      return try Thresholds(json: try data(of: path), file: path)
    } catch let error as Thresholds.Unusable {
      throw InputError(description: error.description)
    }
  }

  private func readHistory(_ path: String) throws -> TrainingHistory {
    do {
      return try TrainingHistory(
        parsing: String(decoding: try data(of: path), as: UTF8.self), file: path)
    } catch let error as TrainingHistory.Unusable {
      throw InputError(description: error.description)
    }
  }

  private func data(of path: String) throws -> Data {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputError(description: "\(path): cannot be read")
    }
    return data
  }

  private func check(_ thresholds: Thresholds, _ summary: Summary, file: String) throws {
    let shortfalls: [String]
    do {
      shortfalls = try thresholds.shortfalls(of: summary.results, file: file)
    } catch {
      throw InputError(description: error.description)
    }
    guard shortfalls.isEmpty else { throw BelowThreshold(shortfalls: shortfalls, file: file) }
  }
}

/// Numbers that fall short of what was asked of them.
struct BelowThreshold: SeveralLinesError {
  let shortfalls: [String]
  let file: String

  var lines: [String] {
    ["\(shortfalls.count) of the thresholds of \(file) are not kept:"]
      + shortfalls.map { "  \($0)" }
  }
}
