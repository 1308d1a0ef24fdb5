import Dispatch
import Synchronization

/// Maps inputs on several threads, results in order: the same for any number of threads.
///
/// `makeState` makes what a thread keeps from one input to the next, which must not change results.
func parallelMap<Input: Sendable, State, Output: Sendable>(
  _ inputs: [Input], threads: Int, makeState: @Sendable () -> State,
  _ body: @Sendable (inout State, Input) -> Output
) -> [Output] {
  let block = 16
  let next = Atomic<Int>(0)
  return [Output](unsafeUninitializedCapacity: inputs.count) { buffer, count in
    // Each index is written by exactly one thread.
    nonisolated(unsafe) let outputs = buffer
    DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
      var state = makeState()
      while true {
        let first = next.add(block, ordering: .relaxed).oldValue
        guard first < inputs.count else { return }
        for index in first..<min(first + block, inputs.count) {
          outputs.initializeElement(at: index, to: body(&state, inputs[index]))
        }
      }
    }
    count = inputs.count
  }
}
