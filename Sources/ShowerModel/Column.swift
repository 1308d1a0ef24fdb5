/// How the values of a column are kept in a file.
public enum ColumnStorage: Sendable, Equatable {
  case float64
  case float32
  case int64
  case int32
  case uint8
  /// A small integer whose meanings are written beside the column.
  case enumeration([Int: String])
}

/// One stored quantity of a row: its name, unit and meaning beside the way to get and set it.
///
/// Readers, writers and `inspect` go by these lists, so a new stored quantity is one line.
/// Every value passes through a Double, exact for integers up to 2^53.
public struct Column<Row>: Sendable {
  public let name: String
  public let unit: String
  public let description: String
  public let storage: ColumnStorage
  public let get: @Sendable (Row) -> Double
  public let set: @Sendable (inout Row, Double) -> Void
  /// Minor version of the file format that brought the column. Older files lack it, and reading them
  /// leaves the value of a blank row.
  public private(set) var sinceMinorVersion = 0

  public init(
    _ name: String, unit: String, _ description: String, storage: ColumnStorage = .float64,
    get: @escaping @Sendable (Row) -> Double, set: @escaping @Sendable (inout Row, Double) -> Void
  ) {
    self.name = name
    self.unit = unit
    self.description = description
    self.storage = storage
    self.get = get
    self.set = set
  }

  /// A column of a Double property.
  public init(
    _ name: String, unit: String, _ description: String, storage: ColumnStorage = .float64,
    _ path: any WritableKeyPath<Row, Double> & Sendable
  ) {
    self.init(
      name, unit: unit, description, storage: storage, get: { $0[keyPath: path] },
      set: { $0[keyPath: path] = $1 })
  }

  /// A column of an Int property.
  public init(
    _ name: String, unit: String = "1", _ description: String, storage: ColumnStorage = .int32,
    _ path: any WritableKeyPath<Row, Int> & Sendable
  ) {
    self.init(
      name, unit: unit, description, storage: storage, get: { Double($0[keyPath: path]) },
      set: { $0[keyPath: path] = Int($1) })
  }

  /// The same column, known not to be in files of an earlier minor version.
  public func since(minorVersion: Int) -> Column {
    var column = self
    column.sinceMinorVersion = minorVersion
    return column
  }

  /// The same column, of a row that holds `Row` as a part.
  public func lifted<Outer>(
    _ path: any WritableKeyPath<Outer, Row> & Sendable, suffix: String = "",
    describedAs describe: @Sendable (String) -> String = { $0 }
  ) -> Column<Outer> {
    let (get, set) = (get, set)
    return Column<Outer>(
      name + suffix, unit: unit, describe(description), storage: storage,
      get: { get($0[keyPath: path]) }, set: { set(&$0[keyPath: path], $1) }
    ).since(minorVersion: sinceMinorVersion)
  }
}
