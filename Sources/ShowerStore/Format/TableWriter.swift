internal import ShowerModel

/// The columns of one group, written column by column.
final class TableWriter<Row> {
  private(set) var rowCount = 0
  private let columns: [Opened]

  private struct Opened {
    let column: Column<Row>
    let allowed: AllowedValues
    let dataset: DatasetWriter<Double>

    /// Stores NaN for a result that is infinite, or will be as a float32: no reader takes it.
    func forgetInfinities(in values: inout [Double], from start: Int) {
      let largest: Double
      switch column.storage {
      case .float64: largest = .greatestFiniteMagnitude
      case .float32: largest = Double(Float.greatestFiniteMagnitude)
      default: return
      }
      guard !column.mayBeInfinite else { return }
      for index in start..<values.count where abs(values[index]) > largest {
        values[index] = .nan
      }
    }
  }

  init(_ columns: [Column<Row>], in group: Handle, _ queue: ChunkQueue) throws(StoreError) {
    var opened: [Opened] = []
    for column in columns {
      opened.append(
        Opened(
          column: column, allowed: AllowedValues(column.storage, limits: column.limits),
          dataset: try DatasetWriter(column.label, in: group, queue)))
    }
    self.columns = opened
  }

  var datasets: [any ChunkedWriter] { columns.map(\.dataset) }

  /// Appends rows, column by column: going from column to column for each row costs several times
  /// more.
  func append(_ rows: ArraySlice<Row>) throws(StoreError) {
    for opened in columns {
      let dataset = opened.dataset
      try dataset.append(rows.count) { (part, values) throws(StoreError) in
        let start = values.count
        let first = rows.startIndex + part.lowerBound
        opened.column.appendValues(of: rows[first..<first + part.count], to: &values)
        opened.forgetInfinities(in: &values, from: start)
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
/// The order of chunks in a file is the order in which they are passed on. So they are passed on
/// after fixed numbers of events, whatever the batches of callers.
enum EventBlock {
  static let size = 32

  /// Appends `count` events to `earlier` ones, in parts that end where blocks end. There, full
  /// chunks are passed on, and `afterBlock` gets the number of events.
  static func append(
    _ count: Int, to earlier: Int, passingOn datasets: [any ChunkedWriter],
    _ write: (_ part: Range<Int>) throws(StoreError) -> Void,
    afterBlock: (_ count: Int) throws(StoreError) -> Void = { (_) throws(StoreError) in }
  ) throws(StoreError) {
    var done = 0
    while done < count {
      let end = min(done + size - (earlier + done) % size, count)
      try write(done..<end)
      done = end
      guard (earlier + done) % size == 0 else { continue }
      for dataset in datasets { try dataset.passOnFullChunks() }
      try afterBlock(earlier + done)
    }
  }
}
