internal import ShowerModel
internal import Synchronization

/// The order of the events of an epoch, with a symmetry for each.
///
/// Chunks of neighbouring events are put in random order. As many chunks as make a pool are mixed
/// event by event, then the next ones. Events of a pool lie in few places of a file, so a disk
/// reads them in one go, and they are mixed nevertheless. The order depends on seed and epoch only.
/// So any epoch can be made without the earlier ones.
struct TrainingOrder: Sendable {
  /// Events of a chunk.
  static let chunk = 256
  /// Chunks of a pool.
  static let pool = 128

  /// Positions among the events of the training split.
  private(set) var positions: [Int32] = []
  /// Of `GridSymmetry.all`.
  private(set) var symmetries: [UInt8] = []
  /// Chunks in the order in which they are used.
  let chunks: [Int]
  let epoch: Int

  init(count: Int, seed: UInt64, epoch: Int, turning: Bool) {
    self.epoch = epoch
    var random = CounterRandom(seed: seed, event: epoch, stream: .trainingOrder)
    func shuffle<Value>(_ values: inout [Value], from first: Int) {
      for index in stride(from: values.count - 1, to: first, by: -1) {
        let other = min(index, first + Int(random.uniform() * Double(index + 1 - first)))
        values.swapAt(index, other)
      }
    }
    var chunks = Array(0..<(count + Self.chunk - 1) / Self.chunk)
    shuffle(&chunks, from: 0)
    self.chunks = chunks
    positions.reserveCapacity(count)
    for first in stride(from: 0, to: chunks.count, by: Self.pool) {
      let begin = positions.count
      for chunk in chunks[first..<min(first + Self.pool, chunks.count)] {
        positions += Self.positions(of: chunk, count: count).map(Int32.init)
      }
      shuffle(&positions, from: begin)
    }
    symmetries = positions.map { _ in turning ? UInt8(min(7, Int(random.uniform() * 8))) : 0 }
  }

  /// Positions of the events of a chunk.
  static func positions(of chunk: Int, count: Int) -> Range<Int> {
    chunk * Self.chunk..<min((chunk + 1) * Self.chunk, count)
  }
}

/// Asks the system to read the images of the next pool ahead when an epoch reaches a pool.
final class ReadAhead {
  private let order: TrainingOrder
  private let set: TrainingSet
  private let training: [Int]
  private let nextPool = Mutex(0)

  init(_ order: TrainingOrder, _ set: TrainingSet, _ training: [Int]) {
    self.order = order
    self.set = set
    self.training = training
  }

  /// Notes that the epoch has reached a position in its order. Threads may do so in any order.
  func reach(_ position: Int) { nextPool.withLock { reach(position, from: &$0) } }

  private func reach(_ position: Int, from nextPool: inout Int) {
    let pool = position / (TrainingOrder.chunk * TrainingOrder.pool)
    while nextPool <= pool + 1 {
      let first = nextPool * TrainingOrder.pool
      nextPool += 1
      guard first < order.chunks.count else { return }
      for chunk in order.chunks[first..<min(first + TrainingOrder.pool, order.chunks.count)] {
        set.readAhead(
          training[TrainingOrder.positions(of: chunk, count: training.count)])
      }
    }
  }
}
