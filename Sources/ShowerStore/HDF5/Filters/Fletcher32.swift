/// The check sum that HDF5's fletcher32 filter puts behind a chunk.
enum Fletcher32 {
  /// The bytes before the check sum, nil where it does not fit.
  static func checked(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count >= 4 else { return nil }
    let content = bytes.dropLast(4)
    let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let sum = sum(content)
    // Old versions of HDF5 swapped the bytes of each half on little-endian machines.
    let swapped = (sum & 0xFF00FF) << 8 | (sum & 0xFF00_FF00) >> 8
    return stored == sum || stored == swapped ? Array(content) : nil
  }

  /// Sums modulo 65535 of big-endian words of 16 bits, and of those sums.
  private static func sum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var (first, second): (UInt32, UInt32) = (0, 0)
    func fold(_ sum: UInt32) -> UInt32 { (sum & 0xFFFF) + (sum >> 16) }
    var index = bytes.startIndex
    var words = 0
    while index < bytes.endIndex {
      let low = index + 1 < bytes.endIndex ? UInt32(bytes[index + 1]) : 0
      first += UInt32(bytes[index]) << 8 | low
      second += first
      index += 2
      words += 1
      // As many words as the sums can take without overflow.
      if words % 360 == 0 { (first, second) = (fold(first), fold(second)) }
    }
    (first, second) = (fold(fold(first)), fold(fold(second)))
    return second << 16 | first
  }
}
