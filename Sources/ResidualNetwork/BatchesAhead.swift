internal import Dispatch

/// Batches one after the other: while one is computed, a second thread prepares the next.
///
///     let ahead = BatchesAhead(0..<count, batches) { ... }
///     defer { ahead.finish() }
///     for index in 0..<count { train(try ahead.next()) }
///
/// Unchecked Sendable: of the two batches the caller holds one, and the thread fills the other.
final class BatchesAhead: @unchecked Sendable {
  private let numbers: Range<Int>
  private let batches: [DividedBatch]
  private let prepare: (Int, DividedBatch) throws(NetworkError) -> Void
  private let queue = DispatchQueue(label: "batches")
  private let isReady = DispatchSemaphore(value: 0)
  private var failures: [NetworkError?] = [nil, nil]
  private var number: Int

  /// - Parameters:
  ///   - numbers: of the batches.
  ///   - batches: two, to be filled in turn.
  ///   - prepare: fills one, on the second thread.
  init(
    _ numbers: Range<Int>, _ batches: [DividedBatch],
    prepare: @escaping (Int, DividedBatch) throws(NetworkError) -> Void
  ) {
    precondition(batches.count == 2)
    self.numbers = numbers
    self.batches = batches
    self.prepare = prepare
    number = numbers.lowerBound
    begin(number)
  }

  /// The next batch; the one before is then filled anew.
  func next() throws(NetworkError) -> DividedBatch {
    isReady.wait()
    let slot = number % 2
    number += 1
    if let failure = failures[slot] { throw failure }
    begin(number)
    return batches[slot]
  }

  /// Waits until the second thread rests.
  func finish() { queue.sync {} }

  private func begin(_ number: Int) {
    guard numbers.contains(number) else { return }
    queue.async { [self] in
      do throws(NetworkError) {
        try prepare(number, batches[number % 2])
      } catch { failures[number % 2] = error }
      isReady.signal()
    }
  }
}
