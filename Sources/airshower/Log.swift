import Foundation
import Logging
import ShowerModel

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
      "\(copy): is without \(first)\(others) of \(source): only numbers and texts of fixed length are copied"
    )
  }
}
