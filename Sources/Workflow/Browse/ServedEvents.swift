import Foundation
import PageServer
import ShowerModel
import ShowerReport
import ShowerStore

/// The events of files as a server of the page gives them: rows of the table that are in sight, and
/// one event at a time.
///
/// Sorting and filtering need whole columns. They are read while nobody asks. A value takes 4
/// bytes, the number of an event 8.
final class ServedEvents {
  private let events: [BrowsedEvents]
  /// Row in its file, of the chosen events of all files one after the other [file][event].
  private let chosen: [[Int]]
  /// Number of the first event of each file.
  private let starts: [Int]
  let columns: [EventQuantity]
  let count: Int

  private var numbers: [Int] = []
  private var values: [[Float]]
  /// The last sorted and filtered view; nil for the order of the files.
  private var view: (query: String, order: [Int32])?

  /// Events that are read at a time.
  private static let chunk = 2048

  init(_ events: [BrowsedEvents], _ chosen: [[Int]]) {
    self.events = events
    self.chosen = chosen
    columns = events[0].columns
    count = chosen.reduce(0) { $0 + $1.count }
    starts = chosen.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    values = columns.map { _ in [] }
  }

  /// File and row of an event.
  private func location(of index: Int) -> (file: Int, row: Int) {
    let file = (starts.firstIndex { $0 > index } ?? starts.count) - 1
    return (file, chosen[file][index - starts[file]])
  }

  /// Reads the next part of the columns; false where all are read.
  func readMore() throws -> Bool {
    guard numbers.count < count else { return false }
    let first = numbers.count
    let (file, _) = location(of: first)
    let rows = chosen[file][(first - starts[file])...].prefix(Self.chunk)
    for part in BrowsedEvents.chunks(of: Array(rows), longest: Self.chunk) {
      let all = try events[file].values(part[0]..<part[part.count - 1] + 1)
      for row in part {
        let row = all[row - part[0]]
        numbers.append(Int(saturating: row[0]))
        for column in columns.indices { values[column].append(Float(row[column])) }
      }
    }
    return numbers.count < count
  }

  private func readAll() throws {
    while try readMore() {
      try Interruption.check()
    }
  }

  /// The answer to a request of the script.
  func answer(_ request: PageRequest) throws -> PageResponse {
    func number(_ name: String) -> Int { request[name].flatMap { Int($0) } ?? -1 }
    switch request.path {
    case "view":
      let order = try orderOfView(request)
      let index = number("index")
      let place = order.map { $0.firstIndex(of: Int32(clamping: index)) ?? -1 } ?? index
      return .json(ServedTable.view(count: order?.count ?? count, place: place))
    case "rows", "row":
      let order = try orderOfView(request)
      let total = order?.count ?? count
      let first = min(max(number("first"), 0), total)
      let last = min(first + min(max(number("count"), 0), 500), total)
      let indices = (first..<last).map { index in order.map { Int($0[index]) } ?? index }
      return .json(ServedTable.rows(try indices.map(row)))
    case "event":
      let index = number("index")
      guard (0..<count).contains(index) else { return .notFound }
      let (file, row) = location(of: index)
      return .json(try events[file].read([row])[0].line)
    case "find":
      let order = try orderOfView(request)
      try readAll()
      let file = number("file")
      let index = numbers.indices.first {
        numbers[$0] == number("event") && (chosen.count == 1 || location(of: $0).file == file)
      }
      let place = index.map { index in
        order.map { $0.firstIndex(of: Int32(index)) ?? -1 } ?? index
      }
      return .json(ServedTable.found(try index.map(row), place: place ?? -1))
    default:
      return .notFound
    }
  }

  private func row(_ index: Int) throws -> (index: Int, file: Int, values: [Double]) {
    let (file, row) = location(of: index)
    return (index, file, try events[file].values(row..<row + 1)[0])
  }

  /// The events of a view in its order; nil for all in the order of the files.
  private func orderOfView(_ request: PageRequest) throws -> [Int32]? {
    let parts = request.query.filter { ["filter", "sort", "sign", "only"].contains($0.name) }
    guard !parts.isEmpty else { return nil }
    let query = parts.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    if let view, view.query == query { return view.order }
    try readAll()
    let filters = request.all("filter").compactMap { text -> (column: Int, filter: ColumnFilter)? in
      let sides = text.split(separator: ":", maxSplits: 1)
      guard sides.count == 2, let column = Int(sides[0]), columns.indices.contains(column) else {
        return nil
      }
      return (column, ColumnFilter(String(sides[1]), columns[column]))
    }
    let only = request["only"].map { list in Set(list.split(separator: ",").compactMap { Int($0) })
    }
    var order = numbers.indices.filter { index in
      (only?.contains(index) ?? true)
        && filters.allSatisfy { $0.filter.holds(value($0.column, index)) }
    }.map { Int32($0) }
    if let column = request["sort"].flatMap({ Int($0) }), columns.indices.contains(column) {
      let sign = request["sign"] == "-1" ? -1.0 : 1
      let keys = order.map { sign * value(column, Int($0)) }
      // Unknown values last, equal ones in their order.
      order = order.indices.sorted { a, b in
        let (x, y) = (keys[a], keys[b])
        return x.isNaN || y.isNaN
          ? (x.isNaN ? (y.isNaN && a < b) : true) : x < y || (x == y && a < b)
      }.map { order[$0] }
    }
    view = (query, order)
    return order
  }

  private func value(_ column: Int, _ index: Int) -> Double {
    column == 0 ? Double(numbers[index]) : Double(values[column][index])
  }
}
