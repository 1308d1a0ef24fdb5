internal import Dispatch
internal import Synchronization

/// The results of a function for all elements, computed by some threads: whoever is free takes the
/// next element.
func concurrentMap<Element: Sendable, Result>(
  _ elements: [Element], threads: Int, _ transform: @Sendable (Element) -> Result
) -> [Result] {
  var results = [Result?](repeating: nil, count: elements.count)
  results.withUnsafeMutableBufferPointer { buffer in
    // Every element has a place of its own.
    nonisolated(unsafe) let places = buffer
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: max(min(threads, elements.count), 1)) { _ in
      while case let index = next.add(1, ordering: .relaxed).oldValue, index < elements.count {
        places[index] = transform(elements[index])
      }
    }
  }
  return results.compactMap(\.self)
}
