/// Numbers written one after the other, for files and messages of this program.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write<Value: BitwiseCopyable>(_ values: [Value]) {
    withUnsafeBytes(of: Int64(values.count)) { bytes.append(contentsOf: $0) }
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

/// Reads what a `ByteWriter` wrote, in the same order.
struct ByteReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }

  /// The next values, nil where there are none or fewer than announced.
  mutating func read<Value: BitwiseCopyable>(_: Value.Type = Value.self) -> [Value]? {
    guard bytes.count - place >= 8 else { return nil }
    let start = place + 8
    let width = MemoryLayout<Value>.stride
    return bytes.withUnsafeBytes { source in
      let count = source.loadUnaligned(fromByteOffset: place, as: Int64.self)
      guard count >= 0, count <= (source.count - start) / width else { return nil }
      place = start + Int(count) * width
      return (0..<Int(count)).map {
        source.loadUnaligned(fromByteOffset: start + $0 * width, as: Value.self)
      }
    }
  }
}
