/// A type of numbers in memory, and how it is made of and becomes what a file holds.
///
/// *Planes* are the bytes of many numbers in the order of HDF5's shuffle filter. Byte 0 of all
/// numbers, the least significant, comes first, then byte 1 of all, and so on.
protocol StoredElement: Sendable {
  /// The same number as a file holds it, nil where the type has none.
  init?(_ number: NumberFormat.Number)
  /// Whether `join` and `split` know a stored type.
  static func converts(_ type: StoredType) -> Bool
  /// Makes `count` numbers of their planes.
  static func join(
    _ type: StoredType, _ planes: UnsafePointer<UInt8>, count: Int,
    into values: UnsafeMutablePointer<Self>)
  /// Puts `count` numbers apart into planes, each `stride` bytes after the one before.
  static func split(
    _ type: StoredType, _ values: UnsafePointer<Self>, count: Int,
    into planes: UnsafeMutablePointer<UInt8>, stride: Int)
}

extension Double: StoredElement {
  init?(_ number: NumberFormat.Number) { self = number.double }

  static func converts(_ type: StoredType) -> Bool { type != .uint16 }

  static func join(
    _ type: StoredType, _ planes: UnsafePointer<UInt8>, count: Int,
    into values: UnsafeMutablePointer<Double>
  ) {
    switch type {
    case .float64: joinPlanes(planes, count, values) { (bits: UInt64) in Double(bitPattern: bits) }
    case .float32:
      joinPlanes(planes, count, values) { (bits: UInt32) in Double(Float(bitPattern: bits)) }
    case .int64:
      joinPlanes(planes, count, values) { (bits: UInt64) in Double(Int64(bitPattern: bits)) }
    case .int32:
      joinPlanes(planes, count, values) { (bits: UInt32) in Double(Int32(bitPattern: bits)) }
    case .uint16: joinPlanes(planes, count, values) { (bits: UInt16) in Double(bits) }
    case .uint8: joinPlanes(planes, count, values) { (bits: UInt8) in Double(bits) }
    }
  }

  /// Whole numbers must be within the range of the stored type.
  static func split(
    _ type: StoredType, _ values: UnsafePointer<Double>, count: Int,
    into planes: UnsafeMutablePointer<UInt8>, stride: Int
  ) {
    switch type {
    case .float64: splitPlanes(values, count, planes, stride) { $0.bitPattern }
    case .float32: splitPlanes(values, count, planes, stride) { Float($0).bitPattern }
    case .int64: splitPlanes(values, count, planes, stride) { UInt64(bitPattern: Int64($0)) }
    case .int32: splitPlanes(values, count, planes, stride) { UInt32(bitPattern: Int32($0)) }
    case .uint16: splitPlanes(values, count, planes, stride) { UInt16($0) }
    case .uint8: splitPlanes(values, count, planes, stride) { UInt8($0) }
    }
  }
}

extension Int64: StoredElement {
  init?(_ number: NumberFormat.Number) {
    guard let value = number.exactly(Int64.self) else { return nil }
    self = value
  }

  static func converts(_ type: StoredType) -> Bool { type == .int64 || type == .int32 }

  static func join(
    _ type: StoredType, _ planes: UnsafePointer<UInt8>, count: Int,
    into values: UnsafeMutablePointer<Int64>
  ) {
    switch type {
    case .int32:
      joinPlanes(planes, count, values) { (bits: UInt32) in Int64(Int32(bitPattern: bits)) }
    default: joinPlanes(planes, count, values) { (bits: UInt64) in Int64(bitPattern: bits) }
    }
  }

  static func split(
    _ type: StoredType, _ values: UnsafePointer<Int64>, count: Int,
    into planes: UnsafeMutablePointer<UInt8>, stride: Int
  ) {
    switch type {
    case .int32:
      splitPlanes(values, count, planes, stride) { UInt32(bitPattern: Int32(clamping: $0)) }
    default: splitPlanes(values, count, planes, stride) { UInt64(bitPattern: $0) }
    }
  }
}

extension UInt16: StoredElement {
  init?(_ number: NumberFormat.Number) {
    guard let value = number.exactly(UInt16.self) else { return nil }
    self = value
  }

  static func converts(_ type: StoredType) -> Bool { type == .uint16 }

  static func join(
    _ type: StoredType, _ planes: UnsafePointer<UInt8>, count: Int,
    into values: UnsafeMutablePointer<UInt16>
  ) {
    joinPlanes(planes, count, values) { (bits: UInt16) in bits }
  }

  static func split(
    _ type: StoredType, _ values: UnsafePointer<UInt16>, count: Int,
    into planes: UnsafeMutablePointer<UInt8>, stride: Int
  ) {
    splitPlanes(values, count, planes, stride) { $0 }
  }
}

@inline(__always)
private func joinPlanes<Word: FixedWidthInteger & UnsignedInteger, Value>(
  _ planes: UnsafePointer<UInt8>, _ count: Int, _ values: UnsafeMutablePointer<Value>,
  _ value: (Word) -> Value
) {
  for index in 0..<count {
    var word = Word(0)
    for byte in 0..<MemoryLayout<Word>.size {
      word |= Word(truncatingIfNeeded: planes[byte &* count &+ index]) &<< Word(8 &* byte)
    }
    values[index] = value(word)
  }
}

@inline(__always)
private func splitPlanes<Word: FixedWidthInteger & UnsignedInteger, Value>(
  _ values: UnsafePointer<Value>, _ count: Int, _ planes: UnsafeMutablePointer<UInt8>,
  _ stride: Int,
  _ word: (Value) -> Word
) {
  for index in 0..<count {
    let word = word(values[index])
    for byte in 0..<MemoryLayout<Word>.size {
      planes[byte &* stride &+ index] = UInt8(truncatingIfNeeded: word &>> Word(8 &* byte))
    }
  }
}
