internal import ShowerModel

/// The columns of one group, read by ranges of rows.
final class TableReader<Row> {
  let rowCount: Int
  /// Names of columns of a later version of the format, which the file lacks.
  let missing: Set<String>
  private let columns: [(checked: CheckedColumn<Row>, dataset: Dataset<Double>)]

  /// Opens all columns that the file has, and demands those of the first version.
  ///
  /// `content` is what the file is without where one of these is not there.
  init(_ columns: [Column<Row>], in group: Handle, content: StoreError.Content) throws(StoreError) {
    var opened: [(CheckedColumn<Row>, Dataset<Double>)] = []
    var missing: Set<String> = []
    for column in columns {
      if column.sinceMinorVersion > 0, try !group.contains(column.name) {
        missing.insert(column.name)
        continue
      }
      let dataset = try group.column(column.name, as: Double.self, content: content)
      opened.append(
        (CheckedColumn(column, file: group.file, place: group.path(of: column.name)), dataset))
    }
    self.columns = opened
    self.missing = missing
    rowCount = opened.first?.1.rowCount ?? 0
  }

  /// Some rows, not decoded yet.
  func stored(_ rows: Range<Int>) throws(StoreError) -> StoredTable<Row> {
    var parts: [(CheckedColumn<Row>, StoredRows<Double>)] = []
    parts.reserveCapacity(columns.count)
    for (checked, dataset) in columns { parts.append((checked, try dataset.stored(rows))) }
    return StoredTable(columns: parts)
  }

  /// Sets the columns of rows that begin at `first`.
  func fill(_ rows: inout [Row], from first: Int) throws(StoreError) {
    try stored(first..<first + rows.count).fill(&rows)
  }

  /// Values of some rows by column, then row.
  func values(_ rows: Range<Int>) throws(StoreError) -> [[Double]] {
    var all: [[Double]] = []
    for (checked, dataset) in columns {
      let values = try dataset.read(rows)
      try checked.check(values[...], firstRow: rows.lowerBound)
      all.append(values)
    }
    return all
  }
}

/// Rows of a table, taken from the file but not decoded yet.
struct StoredTable<Row>: Sendable {
  var columns: [(checked: CheckedColumn<Row>, values: StoredRows<Double>)]

  /// Sets the columns of as many rows as were read.
  func fill(_ rows: inout [Row]) throws(StoreError) {
    for (checked, stored) in columns {
      try stored.forEachPart { (values, part) throws(StoreError) in
        try checked.check(values, firstRow: stored.rows.lowerBound + part.lowerBound)
        checked.column.set(values, in: &rows, from: part.lowerBound)
      }
    }
  }
}

/// A column with the values that a file may hold for it.
struct CheckedColumn<Row>: Sendable {
  let column: Column<Row>
  private let allowed: AllowedValues
  private let file: FileContext
  private let place: String

  init(_ column: Column<Row>, file: FileContext, place: String) {
    self.column = column
    allowed = .reading(column)
    self.file = file
    self.place = place
  }

  /// Whole numbers must be such: a damaged file must not end in a trap.
  func check(_ values: ArraySlice<Double>, firstRow: Int) throws(StoreError) {
    guard let wrong = allowed.firstRefused(in: values) else { return }
    throw file.damaged(place, "\(values[wrong]) in row \(firstRow + wrong - values.startIndex)")
  }
}

extension Handle {
  /// Opens a column of a group that must be there.
  func column<Element: StoredElement>(
    _ name: String, as type: Element.Type, dimensions: Int = 0, content: StoreError.Content
  ) throws(StoreError) -> Dataset<Element> {
    guard try contains(name) else {
      throw .missingContent(file: file.path, place: path(of: name), content)
    }
    return try Dataset(name, in: self, dimensions: dimensions)
  }
}
