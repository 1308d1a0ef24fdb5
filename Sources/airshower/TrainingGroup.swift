import MessagePassing
import ResidualNetwork

/// The processes that `mpirun` started, as training wants them.
struct TrainingGroup: TrainingPeers {
  private let group: ProcessGroup

  init(_ group: ProcessGroup) { self.group = group }

  var rank: Int { group.rank }
  var size: Int { group.size }
  func barrier() { group.barrier() }
  func sum(_ values: UnsafeMutableBufferPointer<Float>) { group.sum(values) }
  func broadcast(_ bytes: inout [UInt8], from root: Int) { group.broadcast(&bytes, from: root) }
  func gather(_ bytes: [UInt8]) -> [[UInt8]] { group.gather(bytes) }
}
