internal import Dispatch
internal import Foundation
internal import Synchronization

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

  /// Writes scripts and data of figures into a folder and draws them there, some at a time.
  ///
  /// - Throws: `ReportError.cannotWrite`, `ReportError.gnuplotFailed`.
  func draw(_ figures: [Figure], in folder: URL, threads: Int) throws(ReportError) {
    let failure = Mutex<ReportError?>(nil)
    let workers = max(min(threads, figures.count), 1)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for number in stride(from: worker, to: figures.count, by: workers) {
        guard failure.withLock({ $0 == nil }) else { return }
        do throws(ReportError) {
          try draw(figures[number], in: folder)
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Writes script and data of a figure into a folder and draws it there, in one process for all formats.
  ///
  /// - Throws: `ReportError.cannotWrite`, `ReportError.gnuplotFailed`.
  func draw(
    _ figure: Figure, in folder: URL, as formats: [String] = ["png", "svg", "pdf"]
  ) throws(ReportError) {
    let script = "\(figure.name).gp"
    do {
      try Data(figure.script.utf8).write(to: folder.appendingPathComponent(script))
      try Data(figure.data.utf8).write(to: folder.appendingPathComponent("\(figure.name).dat"))
    } catch {
      throw .cannotWrite(folder.path, "\(error.localizedDescription)")
    }
    let message = try run(
      ["-d"] + formats.flatMap { ["-e", "reset; format='\($0)'", script] }, in: folder)
    for format in formats {
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
