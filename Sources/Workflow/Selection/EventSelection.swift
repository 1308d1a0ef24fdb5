import Foundation
import ShowerModel
import ShowerStore

/// Which events a command takes, as the command line has it.
package struct EventChoice: Sendable, Equatable {
  /// Text of `--where`; nil for no condition.
  package var condition: String?
  /// Text of `--events`: numbers and ranges, or a file of numbers; nil for all.
  package var numbers: String?

  package init(condition: String? = nil, numbers: String? = nil) {
    self.condition = condition
    self.numbers = numbers
  }

  package var isEverything: Bool { condition == nil && numbers == nil }

  /// The choice in words; nil for all events.
  var text: String? {
    let parts = [condition, numbers.map { "number \($0)" }].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// The choice as a provenance has it.
  var settings: [String: String] {
    var settings: [String: String] = [:]
    settings["where"] = condition
    settings["events"] = numbers
    return settings
  }
}

/// A condition that cannot be read, shown with the place in its text.
struct WrongCondition: SeveralLinesError {
  let lines: [String]
}

/// The events of a file that fulfil `--where` and stand in `--events`.
struct EventSelection {
  /// What the condition knows of the file.
  let quantities: EventQuantities
  private let condition: EventCondition?
  private let numbers: ListedEvents?

  /// - Throws: `WrongCondition`, `WrongUse`, `InputError`.
  init(_ choice: EventChoice, of reader: EventFileReader) throws {
    let quantities = EventQuantities(of: reader)
    self.quantities = quantities
    numbers = try choice.numbers.map { try ListedEvents(option: $0) }
    do {
      condition = try choice.condition.map { text throws(ConditionError) in
        try EventCondition(parsing: text, quantities: quantities.quantities)
      }
    } catch {
      var lines = error.lines
      lines[0] = "--where: \(lines[0])"
      lines.append(
        "All names: airshower inspect \(EscapedText.visible(reader.path)) --quantities")
      throw WrongCondition(lines: lines)
    }
  }

  /// The quantities that the condition names, as places in those of the file.
  var named: [Int] { (condition?.quantities ?? []).sorted() }

  /// Whether an event is chosen.
  func contains(_ row: EventRow) -> Bool {
    if let numbers, !numbers.contains(row.id) { return false }
    guard let condition else { return true }
    return condition.holds { quantities.entries[$0].value(row) }
  }

  /// Whether each event of some rows is chosen.
  func matches(_ rows: Range<Int>, of reader: EventFileReader) throws -> [Bool] {
    if condition == nil {
      guard let numbers else { return rows.map { _ in true } }
      return try reader.eventIDs(rows).map(numbers.contains)
    }
    return try EventRow.rows(of: reader, rows).map(contains)
  }

  /// Rows of all chosen events of a file, in order.
  func rows(of reader: EventFileReader, limit: Int? = nil) throws -> [Int] {
    var chosen: [Int] = []
    for rows in reader.chunks(of: 4096) {
      try Interruption.check()
      let matching = try matches(rows, of: reader)
      chosen += zip(rows, matching).filter(\.1).map(\.0)
      if let limit, chosen.count >= limit { return Array(chosen.prefix(limit)) }
    }
    return chosen
  }
}

/// Numbers of events: `3,17,20-30`, or a file that begins each line with one.
struct ListedEvents {
  private var single: Set<Int> = []
  private var ranges: [ClosedRange<Int>] = []

  func contains(_ id: Int) -> Bool {
    single.contains(id) || ranges.contains { $0.contains(id) }
  }

  /// - Throws: `WrongUse` for a list that is none, `InputError` for such a file.
  init(option: String) throws {
    guard option.contains(where: { !"0123456789,- ".contains($0) }) else {
      try parse(list: option)
      return
    }
    guard let text = try? TextFile.read(option) else {
      throw WrongUse(
        "--events \(option): is neither a list as in 3,17,20-30 nor a file that can be read")
    }
    try parse(text, file: option)
  }

  private mutating func parse(list: String) throws(WrongUse) {
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        .map { Int($0.trimmingCharacters(in: .whitespaces)) }
      guard let first = ends[0], let last = ends[ends.count - 1], first <= last else {
        throw WrongUse("--events \(list): \"\(part)\" is no number and no range as in 20-30")
      }
      if first == last { single.insert(first) } else { ranges.append(first...last) }
    }
  }

  /// A line a number, what follows a comma does not count. The first line may be a header.
  private mutating func parse(_ text: String, file: String) throws(InputError) {
    for (number, line) in text.lines.enumerated() {
      let field = line.fields[0]
        .trimmingCharacters(in: .whitespaces)
      if field.isEmpty || field.hasPrefix("#") { continue }
      if let id = Int(field) {
        single.insert(id)
      } else if number > 0 || !["event", "event_id"].contains(field) {
        throw InputError(
          description: "\(file):\(number + 1): \"\(field)\" is no number of an event")
      }
    }
    if single.isEmpty { throw InputError(description: "\(file): has no number of an event") }
  }
}
