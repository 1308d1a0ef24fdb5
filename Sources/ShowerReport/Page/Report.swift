internal import Foundation
package import Performance
package import ShowerModel

/// A folder that shows a comparison: report.html, summary.json, summary.csv, and the figures with
/// their scripts.
package struct Report: Sendable {
  package let summary: Summary
  let content: ReportContent
  let figures: [Figure]
  private let flow: EventFlow
  private let threads: Int

  /// The report of methods against the truth.
  ///
  /// - Parameters:
  ///   - comparison: the numbers.
  ///   - sample: the events they were made from, for distributions.
  ///   - provenance: the steps that made the data, oldest first.
  ///   - histories: learning curves to show.
  ///   - title: heading of the report.
  package init(
    comparison: Comparison, sample: ComparisonSample, provenance: [ProvenanceStep],
    histories: [TrainingHistory] = [], title: String? = nil
  ) {
    summary = Summary(
      title: title ?? "Baseline \(comparison.baseline.name) against \(comparison.headline.name)",
      comparison: comparison, provenance: provenance)
    content = ReportContent(comparison)
    let context = FigureContext(sample: sample, comparison: comparison)
    figures =
      context.figures + histories.enumerated().map { $0.element.figure(number: $0.offset + 1) }
    flow = comparison.flow
    threads = comparison.settings.threads
  }

  /// The report of methods on data, which have no truth.
  package init(shifts: ShiftComparison, provenance: [ProvenanceStep], title: String? = nil) {
    summary = Summary(
      title: title
        ?? "Data: \(shifts.comparison.headline.name) against the standard reconstruction",
      shifts: shifts, provenance: provenance)
    content = ReportContent(shifts)
    figures = shifts.figures
    flow = shifts.flow
    threads = shifts.comparison.settings.threads
  }

  /// Whether a report could be written there; to ask before any work.
  ///
  /// - Throws: `ReportError.outputExists`, `.notAReport`, `.gnuplotMissing`.
  package static func check(folder: String, overwrite: Bool) throws(ReportError) {
    _ = try Gnuplot()
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
    try Report.check(folder: folder, overwrite: overwrite)
    guard flow.kept > 0 else { throw .noEvents(flow.sentence) }
    let gnuplot = try Gnuplot()
    let place = URL(fileURLWithPath: folder, isDirectory: true).standardizedFileURL
    let part = place.deletingLastPathComponent().appendingPathComponent(
      WorkingFile.path(of: place.lastPathComponent), isDirectory: true)
    do {
      try writeContent(to: part, gnuplot)
      try move(part, to: place)
    } catch {
      try? FileManager.default.removeItem(at: part)
      throw error as? ReportError ?? .cannotWrite(folder, "\(error.localizedDescription)")
    }
  }

  private func writeContent(to part: URL, _ gnuplot: Gnuplot) throws {
    let files = FileManager.default
    if files.fileExists(atPath: part.path) { try files.removeItem(at: part) }
    let figureFolder = part.appendingPathComponent("figures", isDirectory: true)
    try files.createDirectory(at: figureFolder, withIntermediateDirectories: true)
    try gnuplot.draw(figures, in: figureFolder, threads: threads)
    let drawings = try figures.map { figure in
      let drawing = figureFolder.appendingPathComponent("\(figure.name).svg")
      return inlineDrawing(
        try Data(contentsOf: drawing), name: figure.name, title: figure.title)
    }
    try summary.json().write(to: part.appendingPathComponent("summary.json"))
    try Data(summary.csv.utf8).write(to: part.appendingPathComponent("summary.csv"))
    try Data(page(drawings: drawings).utf8).write(to: part.appendingPathComponent("report.html"))
  }

  /// Puts the new folder in place; the old one is deleted only when that has worked.
  private func move(_ part: URL, to place: URL) throws {
    let files = FileManager.default
    guard files.fileExists(atPath: place.path) else {
      return try files.moveItem(at: part, to: place)
    }
    let old = place.deletingLastPathComponent().appendingPathComponent(
      place.lastPathComponent + ".old", isDirectory: true)
    if files.fileExists(atPath: old.path) { try files.removeItem(at: old) }
    try files.moveItem(at: place, to: old)
    do {
      try files.moveItem(at: part, to: place)
    } catch {
      try files.moveItem(at: old, to: place)
      throw error
    }
    try files.removeItem(at: old)
  }
}

extension FigureContext {
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
