import Foundation
import Logging
import ShowerModel

/// What a run gets beside its settings: threads, the folder of the tables, how much it tells.
package struct RunContext: Sendable {
  /// Messages of less importance than this are not shown.
  package enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, warning, error
  }

  /// Threads asked for, nil for all processors.
  package var threadChoice: Int?
  /// Folder of the tables, nil to look in the usual places.
  package var tables: String?
  package var logLevel: LogLevel
  /// No progress, no printed results and no messages but errors.
  package var isQuiet: Bool

  package init(
    threads: Int? = nil, tables: String? = nil, logLevel: LogLevel = .info, isQuiet: Bool = false
  ) {
    threadChoice = threads
    self.tables = tables
    self.logLevel = logLevel
    self.isQuiet = isQuiet
  }

  /// Environment variable with the processors that a run may count on.
  static let processorsKey = "AIRSHOWER_PROCESSORS"

  /// Most threads of a run: the processors of the machine, or those that the environment names.
  static func mostThreads(_ environment: [String: String]) -> Int {
    environment[processorsKey].flatMap { Int($0) }.map { min(max($0, 1), 1024) }
      ?? ProcessInfo.processInfo.processorCount
  }

  private static let mostThreads = mostThreads(ProcessInfo.processInfo.environment)

  /// The threads asked for, else all processors: never more than the machine has.
  package var threads: Int {
    let most = Self.mostThreads
    return min(threadChoice ?? min(ProcessInfo.processInfo.activeProcessorCount, most), most)
  }

  /// Refuses a number of threads below one and a machine with too little memory, and says where
  /// there will be fewer threads than were asked for.
  ///
  /// - Parameter command: its name; nil where the run that follows says so.
  /// - Throws: `WrongUse`, `MemoryError`.
  package func checkLimits(_ command: String? = nil) throws {
    guard threads >= 1 else { throw WrongUse("--threads needs a number of at least 1") }
    if let command, let threadChoice, threadChoice > threads {
      logger(command).warning(
        "--threads \(threadChoice): the machine has \(threads) processors, so \(threads) are used")
    }
    try MemoryCheck.require(threads: threads)
  }

  /// The folder of the tables.
  ///
  /// - Throws: `InputError` where there is none.
  package func tableFolder() throws -> TableFolder { try TableFolder(option: tables) }

  /// A logger of a command, to standard error.
  func logger(_ command: String) -> Logger {
    let level = isQuiet ? .error : Logger.Level(rawValue: logLevel.rawValue) ?? .info
    return Logger(label: command) { _ in StandardErrorLog(logLevel: level) }
  }

  /// The same without a word but errors: for processes beside the first.
  var silenced: RunContext {
    var context = self
    context.isQuiet = true
    return context
  }
}

/// Log lines on standard error: "airshower: message key=value".
struct StandardErrorLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let level = event.level >= .warning ? "\(event.level): " : ""
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    // One message is one line, whatever names it holds.
    let text = EscapedText.terminal("\(event.message)\(pairs)")
    FileHandle.standardError.write(Data("airshower: \(level)\(text)\n".utf8))
  }
}

extension Logger {
  /// Warns of what the copy of an event file does not hold (`EventFileWriter.leftOut`).
  func warnOfLeftOut(_ names: [String], from source: String, in copy: String) {
    guard let first = names.first else { return }
    let others = names.count == 1 ? "" : " and \(names.count - 1) more"
    warning(
      """
      \(copy): is without \(first)\(others) of \(source): \
      only numbers and texts of fixed length are copied
      """)
  }
}
