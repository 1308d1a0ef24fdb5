internal import Dispatch
internal import Synchronization

/// Does so many things on some threads, of which the caller's is one; which thread does what is left to chance.
///
/// - Throws: the error of the first thing, in their order, that failed; the others are done all the same.
func sideBySide(
  _ count: Int, threads: Int, _ body: (Int) throws(NetworkError) -> Void
) throws(NetworkError) {
  guard threads > 1, count > 1 else {
    for index in 0..<count { try body(index) }
    return
  }
  let next = Atomic(0)
  let failures = Mutex<[Int: NetworkError]>([:])
  withoutActuallyEscaping(body) { body in
    // What it shares, the caller answers for.
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
