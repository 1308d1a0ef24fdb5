/// How a batch is cut into the parts that threads and processes share out.
///
/// The parts depend on the batch alone, so that the sum of their gradients is the same for any number of threads; and
/// for two processes, or any power of two that has as many parts each.
struct BatchParts {
  let count: Int
  private let events: Int

  /// On a processor parts are small: more of them keep more threads busy, and their activations stay in its caches.
  static let eventsOnProcessor = 16...32

  /// - Parameters:
  ///   - events: of the batch.
  ///   - gpu: whether a GPU computes, for which a part is all that a process has.
  ///   - processes: that share the batch.
  init(events: Int, gpu: Bool, processes: Int) {
    self.events = events
    let (least, most) = (Self.eventsOnProcessor.lowerBound, Self.eventsOnProcessor.upperBound)
    let size = min(max((events + 3) / 4, least), most)
    count = gpu ? processes : (events + size - 1) / size
  }

  /// Events of each part. Those of the largest images are dealt first, one to each part and back again: the parts are
  /// alike, so that no thread or process has to wait long for another.
  func dealt(bySize size: (Int) -> Int) -> [[Int]] {
    let sizes = (0..<events).map(size)
    // Equal ones in their order: the parts must not depend on how sorting is done.
    let order = (0..<events).sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    var parts = [[Int]](repeating: [], count: count)
    for (turn, event) in order.enumerated() {
      let place = turn % count
      parts[(turn / count).isMultiple(of: 2) ? place : count - 1 - place].append(event)
    }
    return parts
  }
}
