internal import ShowerModel

/// The columns of one group, read by ranges of rows.
final class TableReader<Row> {
  let rowCount: Int
  /// Names of columns of a later version of the format, which the file lacks.
  let missing: Set<String>
  private let columns: [(column: Column<Row>, dataset: Dataset<Double>)]
  private var scratch: [Double] = []

  /// Opens all columns that the file has, and demands those of the first version; `remedy` is what a user can do where one is missing.
  init(_ columns: [Column<Row>], in group: Handle, remedy: String) throws(StoreError) {
    var opened: [(Column<Row>, Dataset<Double>)] = []
    var missing: Set<String> = []
    for column in columns {
      if column.sinceMinorVersion > 0, try !group.contains(column.name) {
        missing.insert(column.name)
        continue
      }
      opened.append(
        (column, try group.column(column.name, as: Double.self, remedy: remedy)))
    }
    self.columns = opened
    self.missing = missing
    rowCount = opened.first?.1.rowCount ?? 0
  }

  /// Sets the columns of rows that begin at `first`.
  func fill(_ rows: inout [Row], from first: Int) throws(StoreError) {
    for (column, dataset) in columns {
      try dataset.read(first..<first + rows.count, into: &scratch)
      try check(column, dataset, first)
      for index in rows.indices { column.set(&rows[index], scratch[index]) }
    }
  }

  /// Values of some rows by column, then row.
  func values(_ rows: Range<Int>) throws(StoreError) -> [[Double]] {
    var values: [[Double]] = []
    for (column, dataset) in columns {
      try dataset.read(rows, into: &scratch)
      try check(column, dataset, rows.lowerBound)
      values.append(scratch)
    }
    return values
  }

  /// Whole numbers must be such: a damaged file must not end in a trap.
  private func check(_ column: Column<Row>, _ dataset: Dataset<Double>, _ first: Int)
    throws(StoreError)
  {
    switch column.storage {
    case .float64, .float32: return
    case .int64, .int32, .uint8, .enumeration: break
    }
    guard let wrong = scratch.firstIndex(where: { !column.storage.holds($0) }) else { return }
    throw dataset.file.damaged(dataset.place, "\(scratch[wrong]) in row \(first + wrong)")
  }
}

extension Handle {
  /// Opens a column of a group that must be there.
  func column<Element: StoredElement>(
    _ name: String, as type: Element.Type, dimensions: Int = 0, remedy: String,
    cacheBytes: Int = EventFormat.columnCache
  ) throws(StoreError) -> Dataset<Element> {
    guard try contains(name) else {
      throw .missingContent(file: file.path, place: path(of: name), remedy: remedy)
    }
    return try Dataset(name, in: self, dimensions: dimensions, cacheBytes: cacheBytes)
  }
}
