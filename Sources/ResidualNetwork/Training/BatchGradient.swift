/// The gradient of the loss of a batch, as the sum of those of its parts.
final class BatchGradient {
  /// The gradient of all parameters, then what else is summed over processes.
  private enum Slot: Int, CaseIterable {
    case loss, known, isDue, isCancelled
  }

  private func index(_ slot: Slot) -> Int { parameterCount + slot.rawValue }

  private let parameterCount: Int
  private var parts: [UnsafeMutableBufferPointer<Float>] = []

  init(parameterCount: Int) { self.parameterCount = parameterCount }

  deinit { for part in parts { part.deallocate() } }

  /// The mean loss of the batch over its known targets, and what any of the processes wishes.
  struct Total {
    var loss: Double
    var isDue: Bool
    var isCancelled: Bool
  }

  /// Makes the sum over the parts of this process, then over those of its peers, then the gradient
  /// of the mean. `seed` gives the seed of the random numbers of a part, from its number among the
  /// parts of all processes.
  ///
  /// - Throws: also `cancelled`, between parts: then nothing is changed.
  func sum(
    _ batch: MicroBatches, _ module: TorchModule, threads: Int, peers: (any TrainingPeers)?,
    wishes: (isDue: Bool, isCancelled: Bool), isCancelled: () -> Bool = { false },
    seed: (Int) -> UInt64
  ) throws(NetworkError) -> Total {
    let count = batch.parts.count
    while parts.count < max(count, 1) {
      let memory = UnsafeMutableBufferPointer<Float>.allocate(
        capacity: parameterCount + Slot.allCases.count)
      memory.initialize(repeating: 0)
      parts.append(memory)
    }
    if count == 0 { parts[0].update(repeating: 0) }
    try concurrentForEach(count, threads: threads) { part throws(NetworkError) in
      if isCancelled() { throw .cancelled }
      let own = parts[part]
      let loss = try batch.parts[part].differentiate(
        module, seed: seed(batch.firstNumber + part),
        gradient: .init(rebasing: own[..<parameterCount]))
      own[index(.loss)] = Float(loss.sum)
      own[index(.known)] = Float(loss.known)
    }
    add(0..<count)
    let total = parts[0]
    total[index(.isDue)] = wishes.isDue ? 1 : 0
    total[index(.isCancelled)] = wishes.isCancelled ? 1 : 0
    peers?.sum(total)
    // Zero without a known target, or where all weights of the batch are zero.
    let known = total[index(.known)] > 0 ? total[index(.known)] : 1
    for index in 0..<parameterCount { total[index] /= known }
    return Total(
      loss: Double(total[index(.loss)]) / Double(known),
      isDue: total[index(.isDue)] > 0,
      isCancelled: total[index(.isCancelled)] > 0)
  }

  /// The gradient of the mean loss, after `sum`.
  var values: UnsafeBufferPointer<Float> { .init(rebasing: parts[0][..<parameterCount]) }

  /// Adds some parts into the first one of them, half to half. The order is the one in which
  /// `TrainingPeers.part(of:)` deals them to processes.
  private func add(_ range: Range<Int>) {
    guard range.count > 1 else { return }
    let middle = range.lowerBound + range.count / 2
    add(range.lowerBound..<middle)
    add(middle..<range.upperBound)
    let (sum, other) = (parts[range.lowerBound], parts[middle])
    for index in sum.indices { sum[index] += other[index] }
  }
}
