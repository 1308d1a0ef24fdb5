import ShowerModel
import ShowerStore

/// Chosen events of a file as a table on a terminal, and the names that choose them.
struct EventList {
  let reader: EventFileReader

  /// Rows of the table; more events are counted only.
  private static let rowLimit = 50

  /// Every quantity with its unit and meaning.
  var names: String {
    let quantities = EventQuantities(of: reader).quantities
    let width = quantities.map(\.name.count).max() ?? 0
    return quantities.map { quantity in
      var words = Set(quantity.words.values).sorted().compactMap { value in
        quantity.words.filter { $0.value == value }.map(\.key).min { $0.count < $1.count }
      }
      if words.count > 6 { words = words.prefix(6) + ["..."] }
      return "\(padded(quantity.name, width)) \(padded("[\(quantity.unit)]", 14)) "
        + quantity.meaning + (words.isEmpty ? "" : ": " + words.joined(separator: ", "))
    }.joined(separator: "\n")
  }

  /// How many events are chosen, and the first of them.
  func page(_ choice: EventChoice) throws -> String {
    let selection = try EventSelection(choice, of: reader)
    let rows = try selection.rows(of: reader)
    var lines = ["\(text(rows.count)) of \(text(reader.eventCount)) events"]
    let quantities = selection.quantities
    let columns = Self.columns.compactMap { quantities.index(of: $0) }
      .map { quantities.entries[$0] }
    let cells = try rows.prefix(Self.rowLimit).map { row in
      let event = try EventRow.rows(of: reader, row..<row + 1)[0]
      return columns.map { $0.quantity.text($0.value(event)) }
    }
    let header = columns.map(\.quantity.name)
    let widths = header.indices.map { column in
      ([header] + cells).map { $0[column].count }.max() ?? 0
    }
    if !rows.isEmpty {
      lines += ([header] + cells).map { line in
        zip(line, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }
          .joined(separator: "  ")
      }
    }
    if rows.count > cells.count { lines.append("and \(text(rows.count - cells.count)) more") }
    return lines.joined(separator: "\n")
  }

  private static let columns = [
    "event", "energy", "zenith", "azimuth", "coreX", "coreY", "stations", "reducedChi2", "status",
    "cut", "trueEnergy", "primary",
  ]

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }
}

extension EventQuantity {
  /// A value for a table.
  func text(_ value: Double) -> String {
    if let word = word(value) { return word }
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
    return ShowerModel.text(value, decimals: significantDecimals(value))
  }
}
