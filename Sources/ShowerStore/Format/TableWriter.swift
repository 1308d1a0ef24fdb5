internal import ShowerModel

/// The columns of one group, written column by column.
final class TableWriter<Row> {
  private(set) var rowCount = 0
  private let columns: [Opened]

  private struct Opened {
    let column: Column<Row>
    let allowed: AllowedValues
    let dataset: DatasetWriter<Double>
  }

  init(_ columns: [Column<Row>], in group: Handle, _ queue: ChunkQueue) throws(StoreError) {
    var opened: [Opened] = []
    for column in columns {
      opened.append(
        Opened(
          column: column, allowed: AllowedValues(column.storage),
          dataset: try DatasetWriter(column.label, in: group, queue)))
    }
    self.columns = opened
  }

  var datasets: [any ChunkedWriter] { columns.map(\.dataset) }

  /// Appends rows, column by column: going from column to column for each row costs several times more.
  func append(_ rows: ArraySlice<Row>) throws(StoreError) {
    for opened in columns {
      let dataset = opened.dataset
      try dataset.append(rows.count) { (part, values) throws(StoreError) in
        let start = values.count
        let first = rows.startIndex + part.lowerBound
        opened.column.appendValues(of: rows[first..<first + part.count], to: &values)
        if let wrong = opened.allowed.firstRefused(in: values[start...]) {
          throw dataset.file.invalid(
            dataset.place, "\(values[wrong]) in row \(rowCount + part.lowerBound + wrong - start)")
        }
      }
    }
    rowCount += rows.count
  }

  /// Appends rows of another file that has all of the columns, as they are stored.
  func append(stored rows: StoredTable<Row>, count: Int) {
    for (opened, column) in zip(columns, rows.columns) {
      opened.dataset.append(stored: column.values)
    }
    rowCount += count
  }
}

/// Rows of events between two looks at full chunks.
///
/// The order of chunks in a file is that in which they are passed on, so this is done after fixed numbers of
/// events, however callers cut their batches.
enum EventBlock {
  static let size = 32

  /// Splits `count` events, appended to `earlier` ones, where blocks end.
  static func parts(appending count: Int, to earlier: Int) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var done = 0
    while done < count {
      let end = min(done + size - (earlier + done) % size, count)
      parts.append(done..<end)
      done = end
    }
    return parts
  }

  /// Whether a block ends after so many events.
  static func ends(at count: Int) -> Bool { count % size == 0 }
}
