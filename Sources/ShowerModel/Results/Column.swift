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
  /// Minor version of the file format that brought the column. Older files lack it, and reading
  /// them leaves the value of a blank row.
  public private(set) var sinceMinorVersion = 0
  /// Values that a file may hold, in the column's unit; nil for any, NaN included.
  public private(set) var limits: ClosedRange<Double>?
  /// Whether a file may hold an infinite value.
  public private(set) var mayBeInfinite = false
  private let access: Access

  /// How the value of a row is reached. A column of millions of rows is some ten times faster by
  /// its place in memory than by a key path.
  private enum Access: Sendable {
    /// Stored in the row itself, so many bytes from its start.
    case double(offset: Int)
    case int(offset: Int)
    /// Many rows a call, whose loop the compiler knows together with what it does.
    case computed(
      append: @Sendable (ArraySlice<Row>, inout [Double]) -> Void,
      set: @Sendable (inout Row, Double) -> Void)
  }

  @inline(__always)
  private static func computed(
    _ get: @escaping @Sendable (Row) -> Double,
    _ set: @escaping @Sendable (inout Row, Double) -> Void
  ) -> Access {
    .computed(
      append: { rows, values in
        // In place: a copy of a row would count the owners of its arrays.
        rows.withUnsafeBufferPointer { rows in
          for index in rows.indices { values.append(get(rows[index])) }
        }
      }, set: set)
  }

  private init(
    _ name: String, _ unit: String, _ description: String, _ storage: ColumnStorage,
    _ access: Access
  ) {
    self.name = name
    self.unit = unit
    self.description = description
    self.storage = storage
    self.access = access
  }

  @inline(__always)
  public init(
    _ name: String, unit: String, _ description: String, storage: ColumnStorage = .float64,
    get: @escaping @Sendable (Row) -> Double, set: @escaping @Sendable (inout Row, Double) -> Void
  ) {
    self.init(name, unit, description, storage, Column.computed(get, set))
  }

  /// A column of a Double property.
  public init(
    _ name: String, unit: String, _ description: String, storage: ColumnStorage = .float64,
    _ path: any WritableKeyPath<Row, Double> & Sendable
  ) {
    self.init(
      name, unit, description, storage,
      MemoryLayout<Row>.offset(of: path).map { .double(offset: $0) }
        ?? Column.computed({ $0[keyPath: path] }, { $0[keyPath: path] = $1 }))
  }

  /// A column of an Int property.
  public init(
    _ name: String, unit: String = "1", _ description: String, storage: ColumnStorage = .int32,
    _ path: any WritableKeyPath<Row, Int> & Sendable
  ) {
    self.init(
      name, unit, description, storage,
      MemoryLayout<Row>.offset(of: path).map { .int(offset: $0) }
        ?? Column.computed({ Double($0[keyPath: path]) }, { $0[keyPath: path] = Int($1) }))
  }

  /// A column of a quantity that a row may lack: NaN in the file.
  public static func optional(
    _ name: String, unit: String, _ description: String,
    _ path: any WritableKeyPath<Row, Double?> & Sendable
  ) -> Column {
    Column(
      name, unit: unit, description, get: { $0[keyPath: path] ?? .nan },
      set: { $0[keyPath: path] = $1.isNaN ? nil : $1 })
  }

  /// The same column, of which a file may hold only values within limits, and no NaN.
  public func within(_ limits: ClosedRange<Double>) -> Column {
    var column = self
    column.limits = limits
    return column
  }

  /// The same column, of which a file may hold infinite values.
  public func orInfinite() -> Column {
    var column = self
    column.mayBeInfinite = true
    return column
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
    let lifted: Column<Outer>.Access
    switch (access, MemoryLayout<Outer>.offset(of: path)) {
    case (.double(let inner), let outer?): lifted = .double(offset: outer + inner)
    case (.int(let inner), let outer?): lifted = .int(offset: outer + inner)
    default:
      let column = self
      lifted = Column<Outer>.computed(
        { column.value(of: $0[keyPath: path]) }, { column.set($1, in: &$0[keyPath: path]) })
    }
    var column = Column<Outer>(name + suffix, unit, describe(description), storage, lifted)
    column.sinceMinorVersion = sinceMinorVersion
    column.limits = limits
    column.mayBeInfinite = mayBeInfinite
    return column
  }
}

// MARK: - Values

extension Column {
  /// The value of one row.
  public func value(of row: Row) -> Double {
    var values: [Double] = []
    appendValues(of: [row], to: &values)
    return values[0]
  }

  /// Sets the value of one row; a whole number where the property is an Int.
  public func set(_ value: Double, in row: inout Row) {
    switch access {
    case .double(let offset):
      withUnsafeMutableBytes(of: &row) {
        $0.storeBytes(of: value, toByteOffset: offset, as: Double.self)
      }
    case .int(let offset):
      withUnsafeMutableBytes(of: &row) {
        $0.storeBytes(of: Int(value), toByteOffset: offset, as: Int.self)
      }
    case .computed(_, let set): set(&row, value)
    }
  }

  /// Appends the values of rows, in order.
  public func appendValues(of rows: ArraySlice<Row>, to values: inout [Double]) {
    let stride = MemoryLayout<Row>.stride
    switch access {
    case .double(let offset):
      rows.withUnsafeBytes { bytes in
        for index in 0..<rows.count {
          values.append(bytes.load(fromByteOffset: index * stride + offset, as: Double.self))
        }
      }
    case .int(let offset):
      rows.withUnsafeBytes { bytes in
        for index in 0..<rows.count {
          values.append(Double(bytes.load(fromByteOffset: index * stride + offset, as: Int.self)))
        }
      }
    case .computed(let append, _): append(rows, &values)
    }
  }

  /// Sets the values of neighbouring rows from `first` on; whole numbers where the property is an
  /// Int.
  public func set(_ values: ArraySlice<Double>, in rows: inout [Row], from first: Int) {
    precondition(first >= 0 && first + values.count <= rows.count)
    let stride = MemoryLayout<Row>.stride
    switch access {
    case .double(let offset):
      rows.withUnsafeMutableBytes { bytes in
        var place = first * stride + offset
        for value in values {
          bytes.storeBytes(of: value, toByteOffset: place, as: Double.self)
          place += stride
        }
      }
    case .int(let offset):
      rows.withUnsafeMutableBytes { bytes in
        var place = first * stride + offset
        for value in values {
          bytes.storeBytes(of: Int(value), toByteOffset: place, as: Int.self)
          place += stride
        }
      }
    case .computed(_, let set):
      for (offset, value) in values.enumerated() { set(&rows[first + offset], value) }
    }
  }
}
