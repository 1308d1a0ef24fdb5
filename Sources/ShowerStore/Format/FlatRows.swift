internal import ShowerModel

/// First row and number of rows that each event owns in a flat table.
struct FlatPointers {
  let first: Dataset<Int64>
  let count: Dataset<Int64>

  init(_ first: DatasetLabel, _ count: DatasetLabel, in group: Handle, remedy: String)
    throws(StoreError)
  {
    self.first = try group.column(first.name, as: Int64.self, remedy: remedy)
    self.count = try group.column(count.name, as: Int64.self, remedy: remedy)
  }

  /// Rows of a span, unless one event has more.
  private static let spanLimit = 4096

  /// The rows of some events, all within a table of `limit` rows, in spans of neighbours.
  func spans(_ rows: Range<Int>, limit: Int) throws(StoreError) -> [FlatSpan] {
    let (starts, counts) = (try first.read(rows), try count.read(rows))
    var spans: [FlatSpan] = []
    // No two events own the same row, so that all of them together have no more rows than the
    // table.
    var left = Int64(limit)
    for index in 0..<rows.count {
      let (start, count) = (starts[index], counts[index])
      guard start >= 0, count >= 0, count <= limit, start <= Int64(limit) - count else {
        throw first.file.damaged(
          first.place,
          "row \(rows.lowerBound + index) points to \(count) rows from \(start) of \(limit)")
      }
      left -= count
      guard left >= 0 else {
        throw first.file.damaged(
          first.place, "rows \(rows.lowerBound) to \(rows.lowerBound + index) share their rows")
      }
      if let last = spans.indices.last, spans[last].rows.upperBound == Int(start),
        spans[last].rows.count + Int(count) <= FlatPointers.spanLimit
      {
        spans[last].append(Int(count))
      } else {
        spans.append(FlatSpan(rows: Int(start)..<Int(start + count), counts: [Int(count)]))
      }
    }
    return spans
  }
}

/// Neighbouring rows of a flat table that belong to neighbouring events.
struct FlatSpan: Sendable {
  private(set) var rows: Range<Int>
  /// Rows of each event, in order.
  private(set) var counts: [Int]

  init(rows: Range<Int>, counts: [Int]) {
    self.rows = rows
    self.counts = counts
  }

  fileprivate mutating func append(_ count: Int) {
    rows = rows.lowerBound..<rows.upperBound + count
    counts.append(count)
  }

  /// Appends the rows of each event to pointer columns, where the flat table has `firstRow` rows so
  /// far.
  func appendPointers(
    to first: DatasetWriter<Int64>, _ count: DatasetWriter<Int64>, firstRow: Int
  ) {
    var next = firstRow
    for rows in counts {
      first.append(Int64(next))
      count.append(Int64(rows))
      next += rows
    }
  }

  /// The rows by the events that own them.
  func owned<Row>(_ flat: [Row]) -> [[Row]] {
    var first = 0
    return counts.map { count in
      defer { first += count }
      return Array(flat[first..<first + count])
    }
  }
}

/// A column that numbers stations, taken from the file but not decoded yet.
struct StoredStations: Sendable {
  let ids: StoredRows<Int64>
  /// For messages.
  let file: FileContext
  let place: String

  /// Indices in the array.
  func indices(_ indexOfID: [Int: Int]) throws(StoreError) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(ids.rows.count)
    try ids.forEachPart { (values, part) throws(StoreError) in
      for (id, row) in zip(values, part) {
        guard let index = indexOfID[Int(id)] else {
          throw file.damaged(
            place, "row \(ids.rows.lowerBound + row) names station \(id), unknown to /array")
        }
        indices.append(index)
      }
    }
    return indices
  }
}

extension Dataset<Int64> {
  /// Numbers of stations, not decoded yet.
  func storedStations(_ rows: Range<Int>) throws(StoreError) -> StoredStations {
    StoredStations(ids: try stored(rows), file: file, place: place)
  }
}

/// Rows of a flat table with a station each, taken from the file but not decoded yet.
struct StoredFlatTable<Row>: Sendable {
  let parts: [Part]

  struct Part: Sendable {
    let span: FlatSpan
    let stations: StoredStations
    let columns: StoredTable<Row>
  }

  init(
    _ spans: [FlatSpan], _ stationID: Dataset<Int64>, _ tables: [TableReader<Row>]
  ) throws(StoreError) {
    var parts: [Part] = []
    for span in spans {
      var columns = StoredTable<Row>(columns: [])
      for table in tables { columns.columns += try table.stored(span.rows).columns }
      parts.append(
        Part(
          span: span, stations: try stationID.storedStations(span.rows), columns: columns))
    }
    self.parts = parts
  }

  /// The rows of each event; `blank` makes one of the index of its station.
  func decoded(_ indexOfID: [Int: Int], blank: (Int) -> Row) throws(StoreError) -> [[Row]] {
    var owned: [[Row]] = []
    for part in parts {
      var rows = try part.stations.indices(indexOfID).map(blank)
      try part.columns.fill(&rows)
      owned += part.span.owned(rows)
    }
    return owned
  }
}
