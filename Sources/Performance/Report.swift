internal import Foundation
public import ShowerModel

/// A folder that shows a comparison: report.html, summary.json, and the figures with their scripts.
public struct Report: Sendable {
  public let comparison: Comparison
  public let summary: Summary
  let figures: [Figure]

  /// - Parameters:
  ///   - comparison: the numbers.
  ///   - sample: the events they were made from, for distributions.
  ///   - provenance: the steps that made the data, oldest first.
  ///   - methodName: name of the method that is compared with the standard reconstruction.
  ///   - title: heading of the report.
  public init(
    comparison: Comparison, sample: ComparisonSample, provenance: [ProvenanceStep],
    methodName: String, title: String = "Standard against corrected reconstruction"
  ) {
    self.comparison = comparison
    summary = Summary(
      title: title, method: methodName, comparison: comparison, provenance: provenance)
    let context = FigureContext(sample: sample, comparison: comparison, methodName: methodName)
    let groups = EventSubset.Group.allCases.filter { comparison.whole($0) != nil }
    figures =
      ([context.improvementFigure()]
      + groups.flatMap { group in
        [
          context.resolutionFigure(group, along: .energy),
          context.biasFigure(group, along: .energy),
          context.errorsFigure(group),
          context.resolutionFigure(group, along: .zenith),
          context.biasFigure(group, along: .zenith),
          context.correctionFigure(group),
        ]
      } + [context.primaryFigure(), context.energyFigure(), context.eventFlowFigure()])
      .compactMap { $0 }
  }

  /// Whether a report could be written there; to ask before any work.
  ///
  /// - Throws: `ReportError.outputExists`, `.notAReport`, `.gnuplotMissing`.
  public static func check(folder: String, overwrite: Bool) throws(ReportError) {
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
  public func write(to folder: String, overwrite: Bool = false) throws(ReportError) {
    try Report.check(folder: folder, overwrite: overwrite)
    guard comparison.flow.kept > 0 else { throw .noEvents(comparison.flow.sentence) }
    let gnuplot = try Gnuplot()
    let place = URL(fileURLWithPath: folder, isDirectory: true).standardizedFileURL
    let part = place.deletingLastPathComponent().appendingPathComponent(
      place.lastPathComponent + ".part", isDirectory: true)
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
    for figure in figures { try gnuplot.draw(figure, in: figureFolder) }
    let drawings = try figures.map { figure in
      let drawing = figureFolder.appendingPathComponent("\(figure.name).svg")
      return inlineDrawing(
        try String(contentsOf: drawing, encoding: .utf8), name: figure.name, title: figure.title)
    }
    try summary.json().write(to: part.appendingPathComponent("summary.json"))
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
