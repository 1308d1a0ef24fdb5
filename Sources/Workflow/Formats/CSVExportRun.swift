import Foundation
import Logging
import ShowerModel
import ShowerStore

/// Writes a table with a row an event: truth and the results of all methods.
package struct CSVExportRun: Sendable {
  package var input: String
  package var output: OutputFile
  /// Names of columns, `*` at an end for any; nil for all.
  package var columns: [String]?
  package var eventLimit: Int?
  package var choice = EventChoice()

  package init(_ input: String, output: OutputFile) {
    self.input = input
    self.output = output
  }

  package func run(in context: RunContext) throws {
    let log = context.logger("export")
    try output.check()
    let reader = try EventFileReader(path: input)
    let chosen = try chosen(of: EventColumns(of: reader))
    let selection = try EventSelection(choice, of: reader)
    var count = 0
    try output.write { part in
      guard let file = FileHandle(forWritingAtPath: part) else {
        throw OutputError(description: "\(output.path): cannot be made")
      }
      defer { try? file.close() }
      do {
        try file.write(contentsOf: Data((chosen.map(\.name).joined(separator: ",") + "\n").utf8))
        for rows in reader.chunks(of: 4096, limit: eventLimit) {
          try Interruption.check()
          var lines = ""
          for row in try EventRow.rows(of: reader, rows) where selection.contains(row) {
            for (place, column) in chosen.enumerated() {
              if place > 0 { lines += "," }
              lines += column.text(row)
            }
            lines += "\n"
            count += 1
          }
          try file.write(contentsOf: Data(lines.utf8))
        }
      } catch let error as CocoaError {
        throw OutputError(
          description: "\(output.path): cannot be written (\(error.localizedDescription))")
      }
    }
    log.info("\(output.path): \(count) events, \(chosen.count) columns")
  }

  /// The columns that the user named, in that order.
  private func chosen(of all: EventColumns) throws(WrongUse) -> [EventColumns.Column] {
    guard let columns else { return all.columns }
    var chosen: [EventColumns.Column] = []
    for pattern in columns {
      let found = all.columns.filter { Self.matches($0.name, pattern) }
      guard !found.isEmpty else {
        throw WrongUse(
          "--columns: \(input) has no column \(pattern); it has "
            + all.columns.map(\.name).joined(separator: ", "))
      }
      chosen += found.filter { column in !chosen.contains { $0.name == column.name } }
    }
    return chosen
  }

  /// Whether a name is that of a pattern, in which `*` stands for any text.
  static func matches(_ name: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return name == pattern }
    guard name.hasPrefix(parts[0]) else { return false }
    var rest = name.dropFirst(parts[0].count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(parts[parts.count - 1])
  }
}
