internal import Foundation
internal import Glibc
internal import ShowerModel

/// A picture as a file: PNG, SVG or PDF, by the end of its name.
package struct PictureFile: Sendable, Equatable {
  package let path: String
  /// Whether gnuplot script and data are kept beside the picture, as NAME.gp and NAME.dat.
  package let keepsScript: Bool

  /// Formats by the ends of names.
  package static let formats = ["png", "svg", "pdf"]

  /// nil where the name ends otherwise, or cannot be the name of a script.
  ///
  /// - Parameters:
  ///   - path: of the picture, in a folder that exists.
  ///   - keepsScript: needs a name of letters, digits, `-`, `_` and `.`.
  package init?(path: String, keepsScript: Bool = false) {
    self.path = path
    self.keepsScript = keepsScript
    guard PictureFile.formats.contains(format), !stem.isEmpty, !keepsScript || Figure.isName(stem)
    else {
      return nil
    }
  }

  private var url: URL { URL(fileURLWithPath: path).standardizedFileURL }
  private var folder: URL { url.deletingLastPathComponent() }
  private var format: String { url.pathExtension.lowercased() }
  private var stem: String { url.deletingPathExtension().lastPathComponent }
  /// Files that are made: the picture last.
  private var names: [String] {
    (keepsScript ? ["\(stem).gp", "\(stem).dat"] : []) + [url.lastPathComponent]
  }

  /// Whether the files can be made; to ask before any work.
  ///
  /// - Throws: `ReportError.outputExists`, `.cannotWrite`, `.gnuplotMissing`.
  package func check(overwrite: Bool) throws(ReportError) {
    _ = try Gnuplot()
    for name in names {
      let place = folder.appendingPathComponent(name).path
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else { continue }
      guard !isFolder.boolValue else { throw .cannotWrite(place, "it is a folder") }
      guard overwrite else { throw .outputExists(name == names.last ? path : place) }
    }
    guard FileManager.default.isWritableFile(atPath: folder.path) else {
      throw .cannotWrite(path, "no such folder, or it cannot be written")
    }
  }

  /// Draws the picture in a folder NAME.part beside its place and then moves it there.
  ///
  /// - Throws: `ReportError`; what was there before is then as it was.
  package func write(_ picture: EventPicture, overwrite: Bool = false) throws(ReportError) {
    try write(overwrite) { picture.figure(name: $0) }
  }

  /// The same with many events.
  package func write(_ sheet: ContactSheet, overwrite: Bool = false) throws(ReportError) {
    try write(overwrite) { sheet.figure(name: $0) }
  }

  /// The same with a map of the sky.
  package func write(_ map: SkyMap, overwrite: Bool = false) throws(ReportError) {
    try write(overwrite) { map.figure(name: $0) }
  }

  /// The same with curves of learning.
  package func write(_ curves: LearningCurves, overwrite: Bool = false) throws(ReportError) {
    try write(overwrite) { curves.figure(name: $0) }
  }

  private func write(_ overwrite: Bool, figure: (String) -> Figure) throws(ReportError) {
    try check(overwrite: overwrite)
    let gnuplot = try Gnuplot()
    // gnuplot reads the name: one that needs no quoting, unless the user is to see it.
    let figure = figure(keepsScript ? stem : "picture")
    let work: WorkingName
    do {
      work = try WorkingName(of: folder.appendingPathComponent(url.lastPathComponent).path, .folder)
      try work.empty()
    } catch {
      throw .cannotWrite(
        path, (error as? WorkingFileError)?.description ?? error.localizedDescription)
    }
    defer { work.discard() }
    let part = URL(fileURLWithPath: work.workingPath, isDirectory: true)
    try gnuplot.draw([figure], in: part, as: [format])
    do throws(WorkingFileError) {
      try work.complete { _, _ in rename(from: part, as: figure.name) }
    } catch {
      throw .cannotWrite(path, error.description)
    }
    try? FileManager.default.removeItem(at: part)
  }

  /// Gives all files their names, the picture last; returns 0, or -1 with errno.
  private func rename(from part: URL, as made: String) -> Int32 {
    for name in names {
      let source = name == names.last ? "\(made).\(format)" : name
      let status = Glibc.rename(
        part.appendingPathComponent(source).path, folder.appendingPathComponent(name).path)
      guard status == 0 else { return -1 }
    }
    return 0
  }
}
