/// The processes that train one network together; each computes a part of every batch.
///
/// All calls are collective: every process makes the same calls in the same order.
public protocol TrainingPeers {
  /// Number of this process, from 0.
  var rank: Int { get }
  /// Number of processes.
  var size: Int { get }
  /// Waits until all processes have called it.
  func barrier()
  /// Replaces each value by its sum over all processes. The result is bit-identical on all of them.
  func sum(_ values: UnsafeMutableBufferPointer<Float>)
  /// Copies the bytes of the process `root` to all others.
  func broadcast(_ bytes: inout [UInt8], from root: Int)
  /// Returns the bytes of all processes by rank on rank 0, and an empty array elsewhere.
  func gather(_ bytes: [UInt8]) -> [[UInt8]]
}

extension TrainingPeers {
  /// Returns the bytes of all processes by rank, on every process.
  func exchange(_ bytes: [UInt8]) -> [[UInt8]] {
    var all = ByteWriter()
    for part in gather(bytes) { all.write(part) }
    var joined = all.bytes
    broadcast(&joined, from: 0)
    var reader = ByteReader(joined)
    return (0..<size).compactMap { _ in reader.read(UInt8.self) }
  }

  /// The contiguous range of `0..<count` that belongs to this process, cut at multiples of
  /// `blockSize`.
  func part(of count: Int, blockSize: Int = 1) -> Range<Int> {
    let blocks = (count + blockSize - 1) / blockSize
    let bounds = (rank...rank + 1).map { min(blocks * $0 / size * blockSize, count) }
    return bounds[0]..<bounds[1]
  }
}

/// Writes arrays of numbers one after the other, for checkpoints and messages between processes.
///
/// Each array begins with its count as a 64-bit integer. Numbers are in the byte order of the
/// machine.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write<Value: BitwiseCopyable>(_ values: [Value]) {
    withUnsafeBytes(of: Int64(values.count)) { bytes.append(contentsOf: $0) }
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

/// Reads the arrays that a `ByteWriter` wrote, in the same order.
struct ByteReader {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads the next array; nil at the end, or where the bytes are fewer than the stored count.
  mutating func read<Value: BitwiseCopyable>(_: Value.Type = Value.self) -> [Value]? {
    guard bytes.count - offset >= 8 else { return nil }
    let start = offset + 8
    let width = MemoryLayout<Value>.stride
    return bytes.withUnsafeBytes { source in
      let count = source.loadUnaligned(fromByteOffset: offset, as: Int64.self)
      guard count >= 0, count <= (source.count - start) / width else { return nil }
      offset = start + Int(count) * width
      return (0..<Int(count)).map {
        source.loadUnaligned(fromByteOffset: start + $0 * width, as: Value.self)
      }
    }
  }
}
