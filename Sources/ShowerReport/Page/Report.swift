internal import Foundation
package import Performance
package import ShowerModel

/// A folder that shows a comparison: report.html, summary.json, summary.csv, and the figures with
/// their scripts.
package struct Report: Sendable {
  package let summary: Summary
  let content: ReportContent
  let figures: [Figure]
  let assets: PageAssets
  /// Numbers of the plots that a reader can turn over, as JSON; nil with too few events.
  let plots: String?
  /// Figures for a paper, in the folder `paper`.
  let paperFigures: [Figure]
  private let flow: EventFlow
  private let threads: Int

  /// The report of methods against the truth.
  ///
  /// - Parameters:
  ///   - comparison: the numbers.
  ///   - sample: the events they were made from, for distributions.
  ///   - files: the compared files, as commands name them.
  ///   - condition: `--where` of the comparison, nil without one.
  ///   - assets: script and style of the page.
  ///   - provenance: the steps that made the data, oldest first.
  ///   - histories: learning curves to show.
  ///   - choice: which figures to draw.
  ///   - paper: width of figures for a paper; nil for none.
  ///   - title: heading of the report.
  package init(
    comparison: Comparison, sample: ComparisonSample, files: [String], condition: String? = nil,
    assets: PageAssets, provenance: [ProvenanceStep],
    histories: [TrainingHistory] = [], choice: FigureChoice = .all, paper: PaperSize? = nil,
    title: String? = nil
  ) {
    summary = Summary(
      title: title ?? "Baseline \(comparison.baseline.name) against \(comparison.headline.name)",
      comparison: comparison, provenance: provenance)
    content = ReportContent(comparison)
    let context = FigureContext(sample: sample, comparison: comparison)
    self.assets = assets
    plots = ReportPlots(context: context, isData: false, files: files, condition: condition).json
    paperFigures = paper.map(context.paperFigures) ?? []
    figures =
      switch choice {
      case .none: []
      case .main: context.mainFigures + Self.learningCurves(histories)
      case .all: context.figures + Self.learningCurves(histories)
      }
    flow = comparison.flow
    threads = comparison.settings.threads
  }

  /// The report of methods on data, which have no truth.
  package init(
    shifts: ShiftComparison, files: [String], condition: String? = nil, assets: PageAssets,
    provenance: [ProvenanceStep], choice: FigureChoice = .all, title: String? = nil
  ) {
    self.assets = assets
    plots =
      ReportPlots(
        context: FigureContext(sample: shifts.sample, comparison: shifts.comparison), isData: true,
        files: files, condition: condition
      ).json
    summary = Summary(
      title: title
        ?? "Data: \(shifts.comparison.headline.name) against the standard reconstruction",
      shifts: shifts, provenance: provenance)
    content = ReportContent(shifts)
    paperFigures = []
    figures =
      switch choice {
      case .none: []
      case .main: Array(shifts.figures.prefix(1))
      case .all: shifts.figures
      }
    flow = shifts.flow
    threads = shifts.comparison.settings.threads
  }

  private static func learningCurves(_ histories: [TrainingHistory]) -> [Figure] {
    histories.enumerated().map { $0.element.figure(number: $0.offset + 1) }
  }

  /// Whether a report with figures could be written there; to ask before any work.
  ///
  /// - Throws: `ReportError.outputExists`, `.notAReport`, `.gnuplotMissing`.
  package static func check(
    folder: String, overwrite: Bool, choice: FigureChoice = .all
  ) throws(ReportError) {
    if choice != .none { _ = try Gnuplot() }
    let files = FileManager.default
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: folder, isDirectory: &isFolder) else { return }
    guard overwrite else { throw .outputExists(folder) }
    // What is replaced is deleted: only a report may be, or an empty folder.
    let content = (try? files.contentsOfDirectory(atPath: folder)) ?? [folder]
    guard isFolder.boolValue, content.isEmpty || content.contains("summary.json") else {
      throw .notAReport(folder)
    }
  }

  /// Writes the report beside its place and then moves it there.
  ///
  /// - Throws: `ReportError`; what was in the folder before is then as it was.
  package func write(to folder: String, overwrite: Bool = false) throws(ReportError) {
    try Report.check(
      folder: folder, overwrite: overwrite, choice: figures.isEmpty ? .none : .all)
    guard flow.kept > 0 else { throw .noEvents(flow.sentence) }
    do {
      let output = try ReplacedFolder(URL(fileURLWithPath: folder).standardizedFileURL)
      try writeContent(to: output.workingFolder)
      try output.complete()
    } catch let error as WorkingFileError {
      throw .cannotWrite(folder, error.description)
    } catch {
      throw error as? ReportError ?? .cannotWrite(folder, "\(error.localizedDescription)")
    }
  }

  private func writeContent(to part: URL) throws {
    let drawings = figures.isEmpty ? [] : try drawings(in: part)
    if !paperFigures.isEmpty {
      let folder = part.appendingPathComponent("paper", isDirectory: true)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      try Gnuplot().draw(paperFigures, in: folder, threads: threads)
    }
    try summary.json().write(to: part.appendingPathComponent("summary.json"))
    try Data(summary.csv.utf8).write(to: part.appendingPathComponent("summary.csv"))
    try Data(page(drawings: drawings).utf8).write(to: part.appendingPathComponent("report.html"))
  }

  /// Draws all figures in the folder `figures` and gives their parts of the page.
  private func drawings(in part: URL) throws -> [String] {
    let folder = part.appendingPathComponent("figures", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    try Gnuplot().draw(figures, in: folder, threads: threads)
    return try figures.map { figure in
      let drawing = folder.appendingPathComponent("\(figure.name).svg")
      return inlineDrawing(
        try Data(contentsOf: drawing), name: figure.name, title: figure.title)
    }
  }
}

extension FigureContext {
  /// The figures of `FigureChoice.main`.
  fileprivate var mainFigures: [Figure] {
    let group = PrimaryGroup.allCases.first { comparison.whole($0) != nil }
    let ofGroup = group.map {
      [resolutionFigure($0, along: .energy), biasFigure($0, along: .energy)]
    }
    return ([improvementFigure(), ladderFigure()] + (ofGroup ?? [])).compactMap(\.self)
  }

  /// All figures of a report, the most telling first.
  fileprivate var figures: [Figure] {
    let groups = PrimaryGroup.allCases.filter { comparison.whole($0) != nil }
    let ofGroups = groups.flatMap { group -> [Figure?] in
      [
        lectureFigure(group, .cosZenith),
        group == .nuclei ? lectureFigure(group, .relativeEnergy) : nil,
        resolutionFigure(group, along: .energy), biasFigure(group, along: .energy),
        explainedFigure(group), errorsFigure(group), pullFigure(group),
        resolutionFigure(group, along: .zenith), biasFigure(group, along: .zenith),
        resolutionFigure(group, along: .stations), resolutionFigure(group, along: .border),
        correctionFigure(group),
      ]
    }
    return
      ([improvementFigure(), ladderFigure()] + ofGroups
      + [primaryFigure(), reconstructedFigure(), efficiencyFigure(), eventFlowFigure()])
      .compactMap(\.self)
  }
}
