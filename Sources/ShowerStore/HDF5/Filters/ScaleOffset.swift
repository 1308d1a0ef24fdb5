internal import Glibc

/// HDF5's scale-offset filter: numbers of a chunk as their distance from the smallest one, in few
/// bits.
///
/// Whole numbers come back as they were, reals rounded to a number of decimals (H5Zscaleoffset.c of
/// HDF5 1.10).
struct ScaleOffset: Equatable, Sendable {
  private let isReal: Bool
  private let elementBytes: Int
  private let elementCount: Int
  private let isBigEndian: Bool
  /// Bits of the value that stands for elements never written, nil where there is none.
  private let fill: UInt64?
  /// Decimals of reals; bits of whole numbers, 0 for as many as they need.
  private let factor: Int32

  private static let headerBytes = 21

  /// From the parameters of the filter, nil where they do not fit the dataset.
  init?(_ parameters: [UInt32], elementBytes: Int, elementCount: Int) {
    guard parameters.count >= 8, Int(parameters[2]) == elementCount, parameters[3] <= 1,
      Int(parameters[4]) == elementBytes, parameters[6] <= 1, parameters[7] <= 1
    else { return nil }
    isReal = parameters[3] == 1
    let allowedBytes = isReal ? [4, 8] : [1, 2, 4, 8]
    // Scale types: 0 decimals of reals, 2 whole numbers.
    guard parameters[0] == (isReal ? 0 : 2), allowedBytes.contains(elementBytes) else { return nil }
    self.elementBytes = elementBytes
    self.elementCount = elementCount
    isBigEndian = parameters[6] == 1
    factor = Int32(bitPattern: parameters[1])
    if parameters[7] == 1 {
      guard parameters.count >= 8 + (elementBytes + 3) / 4 else { return nil }
      let low = UInt64(parameters[8])
      fill = elementBytes == 8 ? low | UInt64(parameters[9]) << 32 : low
    } else {
      fill = nil
    }
  }

  /// The bytes of the elements, nil where the chunk is damaged.
  func undone(_ bytes: [UInt8]) -> [UInt8]? {
    let fullBits = 8 * elementBytes
    // With all bits asked for, the filter does nothing.
    if !isReal, factor == fullBits { return bytes }
    guard bytes.count >= ScaleOffset.headerBytes else { return nil }
    let bits = bytes[0..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
    let minimumBytes = min(Int(bytes[4]), 8)
    let minimum = bytes[5..<5 + minimumBytes].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let body = bytes[ScaleOffset.headerBytes...]
    guard bits <= fullBits, body.count >= (elementCount * bits + 7) / 8 else { return nil }
    var result = [UInt8](repeating: 0, count: elementCount * elementBytes)
    if bits == fullBits {
      for index in result.indices { result[index] = body[body.startIndex + index] }
      if isBigEndian { swapBytes(&result) }
      return result
    }
    var reader = BitReader(body)
    let last = (UInt64(1) << UInt64(bits)) - 1
    for element in 0..<elementCount {
      let code = reader.next(bits)
      let value = fill.flatMap { code == last ? $0 : nil } ?? value(code, minimum)
      for byte in 0..<elementBytes {
        let place = isBigEndian ? elementBytes - 1 - byte : byte
        result[element * elementBytes + place] = UInt8(
          truncatingIfNeeded: value >> UInt64(8 * byte))
      }
    }
    return result
  }

  /// The bits of the number that a code stands for.
  private func value(_ code: UInt64, _ minimum: UInt64) -> UInt64 {
    guard isReal else { return minimum &+ code }
    if elementBytes == 4 {
      let whole = Float(Int32(truncatingIfNeeded: code))
      let least = Float(bitPattern: UInt32(truncatingIfNeeded: minimum))
      return UInt64((whole / powf(10, Float(factor)) + least).bitPattern)
    }
    let whole = Double(Int64(bitPattern: code))
    return (whole / pow(10, Double(factor)) + Double(bitPattern: minimum)).bitPattern
  }

  private func swapBytes(_ bytes: inout [UInt8]) {
    for first in stride(from: 0, to: bytes.count, by: elementBytes) {
      bytes[first..<first + elementBytes].reverse()
    }
  }
}

/// Reads numbers of some bits, the most significant bit first.
private struct BitReader {
  private let bytes: ArraySlice<UInt8>
  private var bit = 0

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// The next `count` bits; the caller knows that they are there.
  mutating func next(_ count: Int) -> UInt64 {
    var value: UInt64 = 0
    for _ in 0..<count {
      let byte = bytes[bytes.startIndex + bit / 8]
      value = value << 1 | UInt64(byte >> UInt8(7 - bit % 8) & 1)
      bit += 1
    }
    return value
  }
}
