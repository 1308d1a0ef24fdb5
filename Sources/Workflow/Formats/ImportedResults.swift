import ShowerFormats
import ShowerModel
import ShowerStore

/// Writes the results that came with events, a row an event, from the first event on.
struct ImportedResults {
  /// Methods of which a row was written, with the number of rows.
  private var rows: [(method: ImportedMethod, count: Int)] = []
  private var eventCount = 0
  private let tables: [ResultTable]
  private var matches: [Int]

  init(_ tables: [ResultTable]) {
    self.tables = tables
    matches = tables.map { _ in 0 }
  }

  /// Names of the methods with results.
  var names: [String] { rows.map(\.method.name) }

  /// Rows in one go before the first event with a result.
  private static let block = 4096

  mutating func append(
    _ events: [ImportedEvent], methods: [ImportedMethod], to writer: EventFileWriter
  ) throws {
    for method in methods
    where !names.contains(method.name)
      && events.contains(where: { $0.results[method.name] != nil })
    {
      rows.append((method, 0))
    }
    for table in tables where !names.contains(table.method.name) { rows.append((table.method, 0)) }
    for index in rows.indices {
      let method = rows[index].method
      while rows[index].count < eventCount {
        let count = min(Self.block, eventCount - rows[index].count)
        try write([Reconstruction](repeating: Self.none, count: count), method, to: writer)
        rows[index].count += count
      }
      let table = tables.firstIndex { $0.method == method }
      let results = events.map { event in
        if let table {
          guard let result = tables[table].results[event.event.id] else { return Self.none }
          matches[table] += 1
          return result
        }
        return event.results[method.name] ?? Self.none
      }
      try write(results, method, to: writer)
      rows[index].count += events.count
    }
    eventCount += events.count
  }

  /// - Throws: `InputError` for a table that is about other events.
  func check() throws(InputError) {
    for (table, count) in zip(tables, matches) where count == 0 {
      throw InputError(
        description: "\(table.file): none of its \(table.results.count) events is among those "
          + "imported. Its column event_id must have the numbers that airshower gives the events")
    }
  }

  private static let none = Reconstruction.failed(.noStandardResult)

  private func write(
    _ results: [Reconstruction], _ method: ImportedMethod, to writer: EventFileWriter
  ) throws {
    try writer.append(
      results, as: method.identity, networkDescription: method.explanation,
      method: "Results of another program that came with the events", on: .simulation)
  }
}
