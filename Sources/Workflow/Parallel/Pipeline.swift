import Synchronization

/// Takes parts of a file through reading, computing and writing, in order.
///
/// While some parts are computed on all threads, the calling one reads those that follow and writes
/// those that are done. Memory is that of the parts in flight: twice the number of threads and four
/// more. Results come in the order of the parts and are the same for any number of threads.
///
///     var results = Pipeline(chunks, on: workers) {
///       try read($0)
///     } makeState: {
///       Workspace()
///     } compute: { workspace, events in
///       fit(events, workspace)
///     }
///     while let (fits, rows) = try results.next() { try write(fits) }
struct Pipeline<Parts: Sequence<Range<Int>>, Input: Sendable, State, Output: Sendable> {
  private var parts: Parts.Iterator
  private let workers: Workers
  private let read: (Range<Int>) throws -> Input
  private let compute: @Sendable (inout State, Input) throws -> Output
  private let states: ThreadStates<State>
  private var inFlight: [(promise: Promise<Output>, rows: Range<Int>)] = []

  /// - Parameters:
  ///   - parts: ranges of rows.
  ///   - workers: the threads that compute.
  ///   - read: makes an input, on the calling thread.
  ///   - makeState: makes what a thread keeps from part to part, which must not change results.
  ///   - compute: makes an output of an input, on any thread.
  init(
    _ parts: Parts, on workers: Workers, read: @escaping (Range<Int>) throws -> Input,
    makeState: @escaping @Sendable () -> State,
    compute: @escaping @Sendable (inout State, Input) throws -> Output
  ) {
    self.parts = parts.makeIterator()
    self.workers = workers
    self.read = read
    self.compute = compute
    states = ThreadStates(workers.count, makeState)
  }

  /// The next output and its part, nil after the last.
  ///
  /// - Throws: `Interrupted` where the user asked to stop, and what the steps throw.
  mutating func next() throws -> (output: Output, rows: Range<Int>)? {
    try Interruption.check()
    while inFlight.count < 2 * workers.count + 4, let rows = parts.next() {
      let input = try read(rows)
      let promise = workers.promise { [states, compute] thread in
        try states.with(thread) { try compute(&$0, input) }
      }
      inFlight.append((promise, rows))
    }
    guard !inFlight.isEmpty else { return nil }
    let (promise, rows) = inFlight.removeFirst()
    return (try promise.value(), rows)
  }
}

/// What each thread keeps from one piece of work to the next.
private final class ThreadStates<State>: Sendable {
  // Each element is used by one thread.
  nonisolated(unsafe) private let states: UnsafeMutableBufferPointer<State?>
  private let make: @Sendable () -> State

  init(_ count: Int, _ make: @escaping @Sendable () -> State) {
    self.make = make
    states = .allocate(capacity: count)
    states.initialize(repeating: nil)
  }

  deinit { states.deinitialize().deallocate() }

  func with<Value>(_ thread: Int, _ body: (inout State) throws -> Value) rethrows -> Value {
    var state = states[thread].take() ?? make()
    defer { states[thread] = state }
    return try body(&state)
  }
}
