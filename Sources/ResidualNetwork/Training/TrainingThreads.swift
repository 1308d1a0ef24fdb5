internal import Dispatch
internal import Synchronization

/// Runs `body(0..<count)` on at most `threads` threads, the caller's included.
///
/// The order is unspecified. All iterations run, also after one has failed.
/// - Throws: the error of the lowest index, after all iterations have ended.
func concurrentForEach(
  _ count: Int, threads: Int, _ body: (Int) throws(NetworkError) -> Void
) throws(NetworkError) {
  guard threads > 1, count > 1 else {
    for index in 0..<count { try body(index) }
    return
  }
  let next = Atomic(0)
  let failures = Mutex<[Int: NetworkError]>([:])
  withoutActuallyEscaping(body) { body in
    // The caller answers for what the body shares between threads.
    nonisolated(unsafe) let body = body
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        do throws(NetworkError) { try body(index) } catch {
          failures.withLock { $0[index] = error }
        }
      }
    }
  }
  if let first = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
}

/// Prepares the next batches on other threads while the caller computes the current one.
///
///     let prefetcher = BatchPrefetcher(0..<count, batches) { ... }
///     defer { prefetcher.finish() }
///     for index in 0..<count { train(try prefetcher.next()) }
///
/// Unchecked Sendable: the caller holds one of the batches, and a thread each fills the others.
final class BatchPrefetcher: @unchecked Sendable {
  private let numbers: Range<Int>
  private let batches: [MicroBatches]
  private let prepare: (Int, MicroBatches) throws(NetworkError) -> Void
  private let queue = DispatchQueue(label: "batches", attributes: .concurrent)
  /// Of each batch.
  private let isReady: [DispatchSemaphore]
  private let failures = Mutex<[Int: NetworkError]>([:])
  private var number: Int

  /// Begins to prepare the first batches: all but one, which the caller will hold.
  ///
  /// - Parameters:
  ///   - numbers: numbers of the batches.
  ///   - batches: two batches or more, filled in turn.
  ///   - prepare: fills the batch with a number; runs on other threads, for several batches at once
  ///     where there are more than two.
  init(
    _ numbers: Range<Int>, _ batches: [MicroBatches],
    prepare: @escaping (Int, MicroBatches) throws(NetworkError) -> Void
  ) {
    precondition(batches.count >= 2)
    self.numbers = numbers
    self.batches = batches
    self.prepare = prepare
    isReady = batches.map { _ in DispatchSemaphore(value: 0) }
    number = numbers.lowerBound
    for ahead in 0..<batches.count - 1 { begin(number + ahead) }
  }

  /// Waits for the next batch and returns it. The batch before may then be filled again.
  ///
  /// - Throws: what `prepare` threw for this batch.
  func next() throws(NetworkError) -> MicroBatches {
    let slot = number % batches.count
    isReady[slot].wait()
    if let failure = failures.withLock({ $0[number] }) { throw failure }
    number += 1
    begin(number + batches.count - 2)
    return batches[slot]
  }

  /// Waits until the other threads are idle.
  func finish() { queue.sync(flags: .barrier) {} }

  private func begin(_ number: Int) {
    guard numbers.contains(number) else { return }
    queue.async { [self] in
      let slot = number % batches.count
      do throws(NetworkError) {
        try prepare(number, batches[slot])
      } catch { failures.withLock { $0[number] = error } }
      isReady[slot].signal()
    }
  }
}
