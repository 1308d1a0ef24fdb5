import Dispatch
import Synchronization

/// Runs work on another thread while this one reads and writes; returns what the work made.
///
/// Files are used from the calling thread only, as HDF5 wants it.
/// - Throws: what `filing` throws, after the work has ended.
func overlap<Output: Sendable>(
  _ work: @escaping @Sendable () -> Output, with filing: () throws -> Void
) throws -> Output {
  let result = Slot<Output>()
  let done = DispatchSemaphore(value: 0)
  DispatchQueue.global().async {
    result.value.withLock { $0 = work() }
    done.signal()
  }
  let outcome = Result { try filing() }
  done.wait()
  guard let output = result.value.withLock({ $0 }) else { preconditionFailure("no result") }
  try outcome.get()
  return output
}

/// Holds the result of another thread.
private final class Slot<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}

/// Takes chunks of a file through reading, computing and writing, in order: while one is computed, the
/// next is read and the one before is written.
///
/// Ends between chunks where the user asks for it.
/// - Throws: `Interrupted`, and what the steps throw.
func pipeline<Input: Sendable, Output: Sendable>(
  _ chunks: [Range<Int>], read: (Range<Int>) throws -> Input,
  compute: @escaping @Sendable (Input) throws -> Output,
  write: (Output, Range<Int>) throws -> Void
) throws {
  guard let first = chunks.first else { return }
  var input = try read(first)
  var finished: (output: Output, rows: Range<Int>)?
  for (index, rows) in chunks.enumerated() {
    try Interruption.check()
    var next: Input?
    let current = input
    let result = try overlap({ Result { try compute(current) } }) {
      if let finished { try write(finished.output, finished.rows) }
      next = index + 1 < chunks.count ? try read(chunks[index + 1]) : nil
    }
    finished = (try result.get(), rows)
    if let next { input = next }
  }
  if let finished { try write(finished.output, finished.rows) }
}
