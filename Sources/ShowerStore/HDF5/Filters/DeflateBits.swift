/// Writes bits into memory, the first one lowest, as deflate has them.
struct DeflateBits {
  private let bytes: UnsafeMutablePointer<UInt8>
  private(set) var byteCount = 0
  private var held: UInt64 = 0
  private var heldCount: UInt64 = 0

  /// - Parameter bytes: room for all that is written and 8 bytes more.
  init(_ bytes: UnsafeMutablePointer<UInt8>) { self.bytes = bytes }

  /// Adds up to 56 bits.
  @inline(__always) mutating func append(_ bits: UInt64, count: UInt64) {
    held |= bits &<< heldCount
    heldCount &+= count
    UnsafeMutableRawPointer(bytes + byteCount).storeBytes(
      of: held.littleEndian, as: UInt64.self)
    byteCount &+= Int(heldCount &>> 3)
    held &>>= heldCount & 56
    heldCount &= 7
  }

  @inline(__always) mutating func append(_ symbol: Int, of code: HuffmanCode) {
    append(UInt64(code.codes[symbol]), count: UInt64(code.lengths[symbol]))
  }

  /// Fills the last byte.
  mutating func fillByte() {
    append(0, count: (8 - heldCount) & 7)
  }
}
