internal import ShowerModel

/// The columns of one group, written column by column.
final class TableWriter<Row> {
  private(set) var rowCount = 0
  private let columns: [(column: Column<Row>, dataset: DatasetWriter<Double>)]

  init(_ columns: [Column<Row>], in group: Handle) throws(StoreError) {
    var opened: [(Column<Row>, DatasetWriter<Double>)] = []
    for column in columns {
      opened.append((column, try DatasetWriter(column.label, in: group)))
    }
    self.columns = opened
  }

  /// Appends rows, column by column: going from column to column for each row costs several times more.
  func append(_ rows: [Row]) throws(StoreError) {
    for (column, dataset) in columns {
      let (get, storage) = (column.get, column.storage)
      for (index, row) in rows.enumerated() {
        let value = get(row)
        guard storage.holds(value) else {
          throw dataset.file.invalid(dataset.place, "\(value) in row \(rowCount + index)")
        }
        try dataset.append(value)
      }
    }
    rowCount += rows.count
  }

  func close() throws(StoreError) {
    for (_, dataset) in columns { try dataset.close() }
  }
}
