/// The processes that train one network together, each with a part of every batch.
///
/// All calls are collective: every process makes the same ones in the same order.
public protocol TrainingPeers {
  /// Number of this process, from 0.
  var rank: Int { get }
  /// Number of processes.
  var size: Int { get }
  func barrier()
  /// Replaces values by their sums over all processes, bit for bit the same on each.
  func sum(_ values: UnsafeMutableBufferPointer<Float>)
  /// Gives the bytes of one process to all.
  func broadcast(_ bytes: inout [UInt8], from root: Int)
  /// The bytes of all processes, by rank, at rank 0; none elsewhere.
  func gather(_ bytes: [UInt8]) -> [[UInt8]]
}

extension TrainingPeers {
  /// The bytes of all processes, by rank, at each of them.
  func exchange(_ bytes: [UInt8]) -> [[UInt8]] {
    var all = ByteWriter()
    for part in gather(bytes) { all.write(part) }
    var joined = all.bytes
    broadcast(&joined, from: 0)
    var reader = ByteReader(joined)
    return (0..<size).compactMap { _ in reader.read(UInt8.self) }
  }

  /// Part of so many things that this process does: neighbours, cut between blocks of `blockSize`.
  func part(of count: Int, blockSize: Int = 1) -> Range<Int> {
    let blocks = (count + blockSize - 1) / blockSize
    let bounds = (rank...rank + 1).map { min(blocks * $0 / size * blockSize, count) }
    return bounds[0]..<bounds[1]
  }
}
