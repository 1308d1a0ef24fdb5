internal import ShowerModel

/// The columns of one group, written row by row.
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

  func append(_ row: Row) throws(StoreError) {
    for (column, dataset) in columns {
      let value = column.get(row)
      guard column.storage.holds(value) else {
        throw dataset.file.invalid(dataset.place, "\(value) in row \(rowCount)")
      }
      try dataset.append(value)
    }
    rowCount += 1
  }

  func close() throws(StoreError) {
    for (_, dataset) in columns { try dataset.close() }
  }
}
