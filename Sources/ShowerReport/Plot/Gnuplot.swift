internal import CRestrictedProcess
internal import Dispatch
internal import Foundation
internal import Glibc
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

  /// Writes scripts and data of figures into a folder and draws them there, by several processes
  /// at a time.
  ///
  /// A process draws its share of the figures: to start it takes as long as to draw one.
  /// - Throws: `ReportError.cannotWrite`, `ReportError.gnuplotFailed`.
  func draw(_ figures: [Figure], in folder: URL, threads: Int) throws(ReportError) {
    guard !figures.isEmpty else { return }
    let failure = Mutex<ReportError?>(nil)
    let workers = max(min(threads, figures.count), 1)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      let share = stride(from: worker, to: figures.count, by: workers).map { figures[$0] }
      do throws(ReportError) {
        try draw(share, in: folder)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Writes scripts and data of figures into a folder and draws them there, in one process for all
  /// figures and formats.
  ///
  /// - Throws: `ReportError.cannotWrite`, `ReportError.gnuplotFailed`.
  func draw(
    _ figures: [Figure], in folder: URL, as formats: [String] = ["png", "svg", "pdf"]
  ) throws(ReportError) {
    for figure in figures { try write(figure, in: folder) }
    // Not a bare name: one that begins with "-" would be an option.
    let (message, status) = try run(
      ["-d"]
        + figures.flatMap { figure in
          formats.flatMap { ["-e", "reset; format='\($0)'", "./\(figure.name).gp"] }
        }, in: folder)
    for figure in figures {
      for format in formats {
        let product = folder.appendingPathComponent("\(figure.name).\(format)")
        guard FileManager.default.fileExists(atPath: product.path) else {
          throw .gnuplotFailed(figure.name, message.isEmpty ? "no \(format) was made" : message)
        }
      }
    }
    guard status == 0 else {
      throw .gnuplotFailed(
        figures.last?.name ?? "", message.isEmpty ? "it ended with wait status \(status)" : message)
    }
  }

  private func write(_ figure: Figure, in folder: URL) throws(ReportError) {
    // The name is a part of paths and of the script, which it must not leave.
    guard Figure.isName(figure.name) else {
      throw .cannotWrite(figure.name, "no name of a figure")
    }
    do {
      try Data(figure.script.utf8).write(to: folder.appendingPathComponent("\(figure.name).gp"))
      try Data(figure.data.utf8).write(to: folder.appendingPathComponent("\(figure.name).dat"))
    } catch {
      throw .cannotWrite(folder.path, "\(error.localizedDescription)")
    }
  }

  /// Runs gnuplot to its end and returns what it wrote to stderr, and its wait status.
  private func run(
    _ arguments: [String], in folder: URL
  ) throws(ReportError) -> (message: String, status: Int32) {
    let errors = Pipe()
    let process = try start(arguments, in: folder, errors: errors.fileHandleForWriting)
    try? errors.fileHandleForWriting.close()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let message = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
      .joined(separator: "; ")
    return (message, status)
  }

  /// Starts gnuplot so that no script can start a program: it may not create processes, and its
  /// search path is empty.
  private func start(
    _ arguments: [String], in folder: URL, errors: FileHandle
  ) throws(ReportError) -> pid_t {
    let nowhere = "/nonexistent"
    let variables = ProcessInfo.processInfo.environment.merging(
      ["PATH": nowhere, "SHELL": nowhere]
    ) { $1 }
    var process = pid_t()
    let failure = withCStrings([executable.path] + arguments) { arguments in
      withCStrings(variables.map { "\($0.key)=\($0.value)" }) { environment in
        restricted_process_start(
          executable.path, arguments, environment, folder.path, errors.fileDescriptor, &process)
      }
    }
    guard failure == 0 else {
      throw .gnuplotFailed(executable.path, String(cString: strerror(failure)))
    }
    return process
  }
}

/// Calls a function with strings as C has them, with nil at the end.
private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { copies.forEach { free($0) } }
  return body(copies + [nil])
}
