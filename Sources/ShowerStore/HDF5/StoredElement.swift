internal import CHDF5
internal import ShowerModel

/// A type of numbers in memory that HDF5 converts to and from what a file holds.
protocol StoredElement: Sendable {
  static var memoryType: hid_t { get }
  static var zero: Self { get }
}

extension Double: StoredElement {
  static var memoryType: hid_t { chdf5_native_double() }
}
extension Int64: StoredElement {
  static var memoryType: hid_t { chdf5_native_int64() }
}
extension UInt16: StoredElement {
  static var memoryType: hid_t { chdf5_native_uint16() }
}

/// What a dataset is called and what is written beside it.
struct DatasetLabel: Sendable {
  let name: String
  let unit: String
  let description: String
  let storage: Storage

  /// The storages of columns, and that of waveforms.
  enum Storage: Sendable {
    case column(ColumnStorage)
    case uint16
  }

  init(_ name: String, unit: String = "1", _ description: String, _ storage: ColumnStorage) {
    self.init(name: name, unit: unit, description: description, storage: .column(storage))
  }

  init(name: String, unit: String, description: String, storage: Storage) {
    self.name = name
    self.unit = unit
    self.description = description
    self.storage = storage
  }

  /// "0=good, 1=noCluster, ..." for an enumeration.
  var meanings: String? {
    guard case .column(.enumeration(let names)) = storage else { return nil }
    return names.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      .joined(separator: ", ")
  }
}

extension Column {
  var label: DatasetLabel {
    DatasetLabel(name: name, unit: unit, description: description, storage: .column(storage))
  }
}

extension DatasetLabel.Storage {
  /// Little-endian type in the file, whatever the machine.
  var fileType: hid_t {
    switch self {
    case .column(.float64): chdf5_float64()
    case .column(.float32): chdf5_float32()
    case .column(.int64): chdf5_int64()
    case .column(.int32): chdf5_int32()
    case .column(.uint8), .column(.enumeration): chdf5_uint8()
    case .uint16: chdf5_uint16()
    }
  }
}

extension ColumnStorage {
  /// Whether a value can be kept: whole numbers within the range of the type, anything for real ones.
  ///
  /// HDF5 itself would clip silently, and a NaN stored as an integer has no defined value.
  func holds(_ value: Double) -> Bool {
    switch self {
    case .float64, .float32: true
    case .int64: value == value.rounded(.towardZero) && abs(value) <= 0x1p53
    case .int32:
      value == value.rounded(.towardZero) && abs(value + 0.5) <= Double(Int32.max) + 0.5
    case .uint8: value == value.rounded(.towardZero) && value >= 0 && value <= 255
    case .enumeration(let names): Int(exactly: value).map { names[$0] != nil } ?? false
    }
  }
}
