import Foundation
import Synchronization

/// Threads that compute while the calling one reads and writes files, as HDF5 wants it.
///
/// They end with this object, which waits for the work that has begun: the end of the process must
/// not destroy a library that is in use. Work that has not begun is left undone.
final class Workers: Sendable {
  let count: Int
  private let queue = WorkQueue()
  private let ended = DispatchSemaphore(value: 0)

  init(_ count: Int) {
    self.count = count
    for index in 0..<count {
      let thread = Thread { [queue, ended] in
        while let work = queue.next() { work(index) }
        ended.signal()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  deinit {
    queue.end()
    for _ in 0..<count { ended.wait() }
  }

  /// Has work done before any that has not begun: what a file waits for.
  func submit(_ work: @escaping @Sendable () -> Void) {
    queue.add(first: true) { _ in work() }
  }

  /// Has a result computed; `work` is given which of the `count` threads it runs on.
  func promise<Value: Sendable>(
    _ work: @escaping @Sendable (_ thread: Int) throws -> Value
  ) -> Promise<Value> {
    let promise = Promise<Value>()
    queue.add(first: false) { thread in promise.keep(Result { try work(thread) }) }
    return promise
  }
}

/// A result that another thread is computing.
final class Promise<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isKept = DispatchSemaphore(value: 0)

  fileprivate init() {}

  /// A result that a thread of its own computes.
  convenience init(_ work: @escaping @Sendable () throws -> Value) {
    self.init()
    DispatchQueue.global().async { self.keep(Result { try work() }) }
  }

  fileprivate func keep(_ result: Result<Value, any Error>) {
    self.result.withLock { $0 = result }
    isKept.signal()
  }

  /// Waits for the result. Once.
  func value() throws -> Value {
    isKept.wait()
    guard let result = result.withLock({ $0.take() }) else { preconditionFailure("no result") }
    return try result.get()
  }
}

/// Work waiting for a thread.
private final class WorkQueue: Sendable {
  typealias Work = @Sendable (_ thread: Int) -> Void

  private struct State {
    var urgent: [Work] = []
    var ordinary: [Work] = []
    var isOver = false
  }

  private let state = Mutex(State())
  /// Counts what is waiting.
  private let waiting = DispatchSemaphore(value: 0)

  func add(first: Bool, _ work: @escaping Work) {
    state.withLock {
      if first { $0.urgent.append(work) } else { $0.ordinary.append(work) }
    }
    waiting.signal()
  }

  /// The next piece of work, nil at the end.
  func next() -> Work? {
    waiting.wait()
    let work = state.withLock { state -> Work? in
      guard !state.isOver else { return nil }
      if let work = state.urgent.popLast() { return work }
      return state.ordinary.removeFirst()
    }
    // Wakes the next thread to end.
    if work == nil { waiting.signal() }
    return work
  }

  func end() {
    state.withLock { $0 = State(isOver: true) }
    waiting.signal()
  }
}
