/// The fields of a bank one after the other: little-endian numbers without gaps.
struct BankFields {
  private let bank: Bank
  private let path: String
  /// From the begin of the bank.
  private var place = 8

  init(_ bank: Bank, path: String) {
    self.bank = bank
    self.path = path
  }

  /// - Throws: `FormatError` where the bank ends before so many bytes.
  func require(_ count: Int) throws(FormatError) {
    guard count >= 0, count <= bank.bytes.count - place else {
      throw error(
        "bank \(bank.number) has \(bank.bytes.count) bytes, but its fields need "
          + "\(count - (bank.bytes.count - place)) more")
    }
  }

  mutating func integer() throws(FormatError) -> Int { Int(try number(Int32.self)) }

  mutating func integers(_ count: Int) throws(FormatError) -> [Int] {
    try require(4 * max(count, 0))
    var values: [Int] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try integer()) }
    return values
  }

  mutating func float32() throws(FormatError) -> Double {
    Double(Float(bitPattern: UInt32(bitPattern: try number(Int32.self))))
  }

  mutating func float64() throws(FormatError) -> Double {
    Double(bitPattern: UInt64(bitPattern: try number(Int64.self)))
  }

  mutating func float64s(_ count: Int) throws(FormatError) -> [Double] {
    try require(8 * max(count, 0))
    var values: [Double] = []
    for _ in 0..<count { values.append(try float64()) }
    return values
  }

  /// Counts of samples; nil where one is none.
  mutating func samples(_ count: Int) throws(FormatError) -> [UInt16]? {
    try require(4 * count)
    var highBits: UInt32 = 0
    let samples = bank.bytes.withUnsafeBytes { bytes in
      [UInt16](unsafeUninitializedCapacity: count) { samples, filled in
        for index in 0..<count {
          let value = UInt32(
            littleEndian: bytes.loadUnaligned(
              fromByteOffset: place + 4 * index, as: UInt32.self))
          highBits |= value
          samples[index] = UInt16(truncatingIfNeeded: value)
        }
        filled = count
      }
    }
    place += 4 * count
    return highBits >> 16 == 0 ? samples : nil
  }

  mutating func skip(_ count: Int) throws(FormatError) {
    try require(count)
    place += count
  }

  private mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type
  ) throws(FormatError) -> Number {
    try require(MemoryLayout<Number>.size)
    defer { place += MemoryLayout<Number>.size }
    return bank.bytes.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self))
    }
  }

  /// An error that names the bank's place in the file.
  func error(_ reason: String) -> FormatError {
    FormatError(path, reason, at: "\(bank.place)", remedy: FormatError.copyAgain)
  }
}
