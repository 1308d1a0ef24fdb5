import ArgumentParser
import Foundation
import Logging

/// Options that every command has.
struct RunOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: "Threads (default: all processors). The results are the same for any number.")
  var threadChoice: Int?

  @Option(help: "Folder of the tables (default: $AIRSHOWER_TABLES, ./tables, beside the program).")
  var tables: String?

  @Option(help: "What to tell on standard error: debug, info, warning, error.")
  var logLevel: LogLevel = .info

  @Flag(name: [.long, .customShort("q")], help: "No progress and no messages but errors.")
  var quiet = false

  enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case debug, info, warning, error
  }

  /// A logger of a command.
  func logger(_ command: String) -> Logger {
    let level = quiet ? .error : Logger.Level(rawValue: logLevel.rawValue) ?? .info
    return Logger(label: command) { _ in StandardErrorLog(logLevel: level) }
  }

  /// The same without a word but errors: for processes beside the first.
  var silenced: RunOptions {
    var options = self
    options.quiet = true
    return options
  }

  /// The threads asked for, else all processors.
  var threads: Int { threadChoice ?? ProcessInfo.processInfo.activeProcessorCount }

  /// At least one thread.
  func checkThreads() throws {
    guard threads >= 1 else { throw ValidationError("--threads needs a number of at least 1") }
  }
}

/// Where a command writes.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.long, .customShort("o")], parsing: .unconditional,
    help: "File or folder to write. It must not exist...")
  var output: String

  @Flag(help: "...unless this is given; it is replaced when the new one is complete.")
  var overwrite = false

  func validate() throws { try checkOutputName(output) }
}

/// Refuses an option in the place of an output. A file may begin with one dash.
///
/// - Throws: `ValidationError`.
func checkOutputName(_ name: String) throws {
  guard !name.hasPrefix("--") else {
    throw ValidationError("--output is followed by \(name): write ./\(name) if that is a file")
  }
}
