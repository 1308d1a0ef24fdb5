internal import Foundation
internal import ShowerModel

/// A table as text, with a header of column names: comments with `#`, fields between commas.
struct NumberTable: Sendable {
  let name: String
  private let header: [String]
  private let rows: [(line: Int, fields: [String])]

  /// - Throws: `TableError` for a row of another length than the header.
  init(parsing text: String, name: String) throws(TableError) {
    self.name = name
    var header: [String] = []
    var rows: [(line: Int, fields: [String])] = []
    for (number, line) in text.lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
      let fields = line.fields.map { $0.trimmingCharacters(in: .whitespaces) }
      if header.isEmpty {
        header = fields
        continue
      }
      guard fields.count == header.count else {
        throw TableError(
          table: name, line: number + 1,
          reason: "\(fields.count) fields where the header has \(header.count)")
      }
      rows.append((number + 1, fields))
    }
    guard !rows.isEmpty else { throw TableError(table: name, reason: "has no rows") }
    self.header = header
    self.rows = rows
  }

  var rowIndices: Range<Int> { rows.indices }

  func text(_ row: Int, _ column: String) throws(TableError) -> String {
    guard let index = header.firstIndex(of: column) else {
      throw TableError(table: name, reason: "has no column \(column)")
    }
    return rows[row].fields[index]
  }

  /// A finite number.
  func number(_ row: Int, _ column: String) throws(TableError) -> Double {
    let text = try text(row, column)
    guard let value = Double(text), value.isFinite else {
      throw TableError(
        table: name, line: rows[row].line, reason: "\(column): \(text) is not a number")
    }
    return value
  }
}
