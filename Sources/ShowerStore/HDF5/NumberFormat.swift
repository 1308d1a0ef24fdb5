internal import CHDF5

/// A number type of HDF5 that we read: whole numbers of 1 to 8 bytes, and IEEE floats. Either byte
/// order is read.
struct NumberFormat: Hashable, Sendable {
  enum Kind: Int32, CaseIterable, Sendable {
    case unsigned, signed, real
  }

  let kind: Kind
  let byteCount: Int
  let isBigEndian: Bool

  static let all: [NumberFormat] = [1, 2, 4, 8].flatMap { bytes in
    Kind.allCases.flatMap { kind in
      [false, true].map { NumberFormat(kind: kind, byteCount: bytes, isBigEndian: $0) }
    }
  }.filter { $0.id >= 0 }

  /// HDF5's name of it, negative where there is none.
  var id: hid_t { chdf5_number_type(kind.rawValue, Int32(byteCount), isBigEndian ? 1 : 0) }

  private init(kind: Kind, byteCount: Int, isBigEndian: Bool) {
    self.kind = kind
    self.byteCount = byteCount
    self.isBigEndian = isBigEndian
  }

  /// The format of a type, nil where it is no number. The numbers of an enumeration count too.
  init?(type: Handle) throws(StoreError) {
    if H5Tget_class(type.id) == H5T_ENUM {
      let base = try Handle(type.file, type.place, H5Tclose, opening: H5Tget_super(type.id))
      guard let format = NumberFormat.all.first(where: { H5Tequal($0.id, base.id) > 0 }) else {
        return nil
      }
      self = format
      return
    }
    guard let format = NumberFormat.all.first(where: { H5Tequal($0.id, type.id) > 0 }) else {
      return nil
    }
    self = format
  }

  /// A number of a file.
  enum Number: Equatable, Sendable {
    case signed(Int64)
    case unsigned(UInt64)
    case real(Double)
  }

  /// The number whose first byte is at `offset`.
  func number(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Number {
    var bits: UInt64 = 0
    for index in 0..<byteCount {
      let byte = UInt64(bytes[offset + (isBigEndian ? byteCount - 1 - index : index)])
      bits |= byte << UInt64(8 * index)
    }
    switch kind {
    case .unsigned: return .unsigned(bits)
    case .signed:
      let unused = UInt64(64 - 8 * byteCount)
      return .signed(Int64(bitPattern: bits << unused) >> Int64(unused))
    case .real:
      return .real(
        byteCount == 4
          ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) : Double(bitPattern: bits))
    }
  }
}

extension NumberFormat.Number {
  /// The same number as a whole one of another type, nil where it has none.
  func exactly<Whole: FixedWidthInteger>(_: Whole.Type) -> Whole? {
    switch self {
    case .signed(let value): Whole(exactly: value)
    case .unsigned(let value): Whole(exactly: value)
    case .real(let value): Whole(exactly: value)
    }
  }

  var double: Double {
    switch self {
    case .signed(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .real(let value): value
    }
  }
}
