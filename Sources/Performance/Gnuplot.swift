internal import Foundation

/// The plotting program, as a process of its own.
struct Gnuplot {
  let executable: URL

  /// Looks for gnuplot where the shell would.
  ///
  /// - Throws: `ReportError.gnuplotMissing`.
  init(searchPath: String? = ProcessInfo.processInfo.environment["PATH"]) throws(ReportError) {
    let folders = (searchPath ?? "").split(separator: ":").map(String.init)
    let candidates = folders.map { URL(fileURLWithPath: $0).appendingPathComponent("gnuplot") }
    guard
      let found = candidates.first(where: {
        FileManager.default.isExecutableFile(atPath: $0.path)
      })
    else { throw .gnuplotMissing }
    executable = found
  }

  /// Writes script and data of a figure into a folder and draws it there.
  ///
  /// - Throws: `ReportError.cannotWrite`, `ReportError.gnuplotFailed`.
  func draw(
    _ figure: Figure, in folder: URL, as formats: [String] = ["png", "svg"]
  ) throws(ReportError) {
    let script = "\(figure.name).gp"
    do {
      try Data(figure.script.utf8).write(to: folder.appendingPathComponent(script))
      try Data(figure.data.utf8).write(to: folder.appendingPathComponent("\(figure.name).dat"))
    } catch {
      throw .cannotWrite(folder.path, "\(error.localizedDescription)")
    }
    for format in formats {
      let message = try run(["-d", "-e", "format='\(format)'", script], in: folder)
      let product = folder.appendingPathComponent("\(figure.name).\(format)")
      guard FileManager.default.fileExists(atPath: product.path) else {
        throw .gnuplotFailed(figure.name, message.isEmpty ? "no \(format) was made" : message)
      }
    }
  }

  /// Runs to the end and gives what was said on stderr.
  private func run(_ arguments: [String], in folder: URL) throws(ReportError) -> String {
    let process = Process()
    let errors = Pipe()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw .gnuplotFailed(executable.path, "\(error.localizedDescription)")
    }
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let message = String(decoding: said, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    guard process.terminationStatus == 0 else {
      throw .gnuplotFailed(
        arguments.last ?? "",
        message.isEmpty ? "exit status \(process.terminationStatus)" : message)
    }
    return message
  }
}
