/// The events of a batch, divided into micro-batches that threads differentiate concurrently.
final class MicroBatches {
  /// Number of the first micro-batch of this process among those of all processes.
  private(set) var firstNumber = 0
  /// The micro-batches in use.
  private(set) var parts: ArraySlice<PreparedBatch> = []
  /// Parts of each micro-batch as planned, where a whole one needs too much memory.
  private(set) var division = 1
  /// Events of the largest micro-batch.
  private(set) var largest = 0
  private var all: [PreparedBatch] = []
  private let make: () -> PreparedBatch

  /// - Parameter make: makes an empty micro-batch.
  init(_ make: @escaping () -> PreparedBatch) { self.make = make }

  /// Fills one micro-batch for each list of rows, or several of equal size.
  ///
  /// - Throws: `NetworkError.engine` where images cannot be read.
  func fill(
    _ planned: [[TrainingRow]], firstNumber: Int = 0, division: Int = 1,
    targets: StandardisedTargets
  ) throws(NetworkError) {
    self.division = division
    self.firstNumber = firstNumber * division
    let rows = planned.flatMap { rows in
      (0..<division).map { part in
        stride(from: part, to: rows.count, by: division).map { rows[$0] }
      }
    }
    largest = rows.map(\.count).max() ?? 0
    while all.count < rows.count { all.append(make()) }
    for (part, rows) in zip(all, rows) { try part.fill(rows, targets: targets) }
    parts = all[..<rows.count]
  }
}

extension MicroBatches {
  /// How a batch is divided into micro-batches.
  ///
  /// The plan depends on the batch alone, so the sum of the gradients is the same for any number of
  /// threads. It is also the same for two processes, and for any power of two that has as many
  /// micro-batches each.
  struct Plan {
    /// Number of micro-batches.
    let count: Int
    private let events: Int

    /// Events in a micro-batch on a processor.
    ///
    /// Small micro-batches keep more threads busy, and their activations stay in the caches.
    static let eventsOnProcessor = 16...32

    /// - Parameters:
    ///   - events: events in the batch.
    ///   - gpu: whether a GPU computes; each process then has one micro-batch.
    ///   - processes: processes that share the batch.
    init(events: Int, gpu: Bool, processes: Int) {
      self.events = events
      let (least, most) = (Self.eventsOnProcessor.lowerBound, Self.eventsOnProcessor.upperBound)
      let size = min(max((events + 3) / 4, least), most)
      count = gpu ? processes : (events + size - 1) / size
    }

    /// Events of each micro-batch, by their index in the batch.
    ///
    /// Events are dealt in order of image size, largest first, one to each micro-batch and back
    /// again. The micro-batches then take equal time, and no thread or process waits long.
    func dealt(bySize size: (Int) -> Int) -> [[Int]] {
      let sizes = (0..<events).map(size)
      // Equal sizes keep their order: the plan must not depend on the sorting algorithm.
      let order = (0..<events).sorted { (sizes[$1], $0) < (sizes[$0], $1) }
      var parts = [[Int]](repeating: [], count: count)
      for (turn, event) in order.enumerated() {
        let index = turn % count
        parts[(turn / count).isMultiple(of: 2) ? index : count - 1 - index].append(event)
      }
      return parts
    }
  }
}
