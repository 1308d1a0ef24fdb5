internal import CHDF5
internal import ShowerModel

/// The types of numbers in our files: little-endian, whatever the machine.
enum StoredType: Sendable, CaseIterable {
  case float64, float32, int64, int32, uint16, uint8

  var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .uint16: 2
    case .uint8: 1
    }
  }

  /// HDF5's name of it.
  var id: hid_t {
    switch self {
    case .float64: chdf5_float64()
    case .float32: chdf5_float32()
    case .int64: chdf5_int64()
    case .int32: chdf5_int32()
    case .uint16: chdf5_uint16()
    case .uint8: chdf5_uint8()
    }
  }

  /// The type that HDF5 gives, nil where it is none of ours.
  init?(id: hid_t) {
    guard let type = StoredType.allCases.first(where: { H5Tequal($0.id, id) > 0 }) else {
      return nil
    }
    self = type
  }

  init(_ storage: ColumnStorage) {
    self =
      switch storage {
      case .float64: .float64
      case .float32: .float32
      case .int64: .int64
      case .int32: .int32
      case .uint8, .enumeration: .uint8
      }
  }
}
