internal import Glibc

/// Lists of stations as comma-separated values, read byte by byte: a table may have many events.
struct StationListText {
  let file: String
  let needsPositions: Bool

  private static let (comma, hash) = (UInt8(ascii: ","), UInt8(ascii: "#"))
  private static let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

  /// The rows of all events, and whether a comment states that positions are metres.
  ///
  /// - Throws: `TableError` with the line at fault.
  func rows(of text: String) throws(TableError) -> (rows: [StationList.Row], hasUnit: Bool) {
    // The zero ends the last number.
    let bytes = Array(text.utf8) + [0]
    var columns: Columns?
    var rows: [StationList.Row] = []
    rows.reserveCapacity(bytes.count / 24)
    var hasUnit = false
    var (number, start) = (0, 0)
    var fields: [Range<Int>] = []
    while start < bytes.count - 1 {
      number += 1
      var end = start
      while end < bytes.count - 1, bytes[end] != Self.newline, bytes[end] != Self.carriageReturn {
        end += 1
      }
      let line = start..<end
      start = end + 1
      if bytes[end] == Self.carriageReturn, bytes[end + 1] == Self.newline { start += 1 }
      if line.isEmpty { continue }
      if bytes[line.lowerBound] == Self.hash {
        let words = Self.text(bytes, line).dropFirst().filter { $0 != " " }
        if words == "unit:m" { hasUnit = true }
        continue
      }
      Self.split(bytes, line, into: &fields)
      guard let known = columns else {
        columns = try Columns(
          fields.map { Self.text(bytes, $0) }, self, line: number)
        continue
      }
      rows.append(try known.row(bytes, fields, line: number))
    }
    return (rows, hasUnit)
  }

  private static func split(_ bytes: [UInt8], _ line: Range<Int>, into fields: inout [Range<Int>]) {
    fields.removeAll(keepingCapacity: true)
    var start = line.lowerBound
    for index in line where bytes[index] == comma {
      fields.append(start..<index)
      start = index + 1
    }
    fields.append(start..<line.upperBound)
  }

  fileprivate static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}

/// Where the columns of a text are.
private struct Columns {
  private let source: StationListText
  private let count: Int
  private let (event, sat): (Int?, Int?)
  private let (id, time, signal): (Int, Int, Int)
  /// x, y and z.
  private let position: SIMD3<Int>?

  init(_ header: [String], _ source: StationListText, line: Int) throws(TableError) {
    func index(_ names: String...) -> Int? {
      names.compactMap { header.firstIndex(of: $0) }.first
    }
    func needed(_ names: String...) throws(TableError) -> Int {
      for name in names {
        if let index = index(name) { return index }
      }
      throw TableError(
        table: source.file, line: line,
        reason: "no column \"\(names[0])\"; the header must name id, x, y, z [m], t [ns], "
          + "signal [VEM]")
    }
    self.source = source
    count = header.count
    (event, sat) = (index("event", "event_id"), index("sat"))
    id = try needed("id", "station_id")
    position =
      source.needsPositions ? SIMD3(try needed("x"), try needed("y"), try needed("z")) : nil
    (time, signal) = (try needed("t"), try needed("signal"))
  }

  func row(
    _ bytes: [UInt8], _ fields: [Range<Int>], line: Int
  ) throws(TableError) -> StationList.Row {
    func fail(_ reason: String) -> TableError {
      TableError(table: source.file, line: line, reason: reason)
    }
    guard fields.count == count else { throw fail("\(fields.count) values for \(count) columns") }
    func value(_ name: String, _ index: Int) throws(TableError) -> Double {
      guard let value = Self.number(bytes, fields[index]), value.isFinite else {
        throw fail("\(name) is not a number: \"\(StationListText.text(bytes, fields[index]))\"")
      }
      return value
    }
    func whole(_ name: String, _ index: Int) throws(TableError) -> Int {
      let text = StationListText.text(bytes, fields[index])
      guard let value = Int(text) else { throw fail("\(name) is not a whole number: \"\(text)\"") }
      return value
    }
    var row = StationList.Row(
      eventID: try event.map { (index) throws(TableError) in try whole("event", index) } ?? 0,
      stationID: try whole("id", id), place: .line(line))
    if let position {
      row.position = Position(
        try value("x", position.x), try value("y", position.y), try value("z", position.z))
    }
    if !fields[time].isEmpty || !fields[signal].isEmpty {
      row.measured = (try value("t", time), try value("signal", signal))
      row.isSaturated =
        sat.map { ["1", "true"].contains(StationListText.text(bytes, fields[$0])) } ?? false
    }
    return row
  }

  /// A number as C reads it; nil where a field is something else, or has spaces.
  private static func number(_ bytes: [UInt8], _ field: Range<Int>) -> Double? {
    guard !field.isEmpty, bytes[field.lowerBound] > UInt8(ascii: " ") else { return nil }
    return bytes.withUnsafeBytes { all in
      guard let base = all.baseAddress else { return nil }
      let start = (base + field.lowerBound).assumingMemoryBound(to: CChar.self)
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      return end.map { UnsafePointer($0) - start } == field.count ? value : nil
    }
  }
}
