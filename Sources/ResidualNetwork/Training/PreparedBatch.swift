/// An event of a batch with its symmetry and random changes.
struct TrainingRow {
  /// Index in the training set.
  let event: Int
  /// Index in `GridSymmetry.all`.
  var symmetry = 0
  /// Number of the random changes of this event; nil for none.
  var variation: Int?
}

/// Memory for one image record, aligned to 16 bytes.
final class RecordBuffer {
  private var memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 14, alignment: 16)
  private var capacity = 1 << 14

  /// Memory of at least `count` bytes. A later call may free it.
  func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    if count > capacity {
      memory.deallocate()
      capacity = 2 * count
      memory = .allocate(byteCount: capacity, alignment: 16)
    }
    return memory
  }

  deinit { memory.deallocate() }
}

/// Network inputs and targets of some events of a training set.
final class PreparedBatch {
  private let set: TrainingSet
  private let batch: Batch
  private var block = ImageBlock()
  private let buffer = RecordBuffer()
  private var targets: [Float] = []
  private var targetWidth = 0

  init(_ set: TrainingSet, _ batch: Batch) {
    self.set = set
    self.batch = batch
  }

  /// Makes the inputs and targets of some events.
  ///
  /// - Throws: `NetworkError.engine` where images cannot be read.
  func fill(_ rows: [TrainingRow], targets: StandardisedTargets) throws(NetworkError) {
    block.removeAll()
    try set.appendImages(of: rows.lazy.map(\.event), to: &block, by: buffer)
    batch.fill(
      rows.enumerated().map {
        Batch.Row(block: 0, row: $0, symmetry: $1.symmetry, variation: $1.variation)
      }[...], from: [block])
    self.targets = targets.trainingValues(of: rows)
    targetWidth = targets.width
  }

  /// Computes the loss, summed over known targets with the weights of events, and its gradient.
  ///
  /// Without events both are zero.
  /// - Parameters:
  ///   - module: the network.
  ///   - seed: seed of dropout and noise.
  ///   - gradient: receives the derivative by each parameter.
  /// - Returns: the loss and the number of known targets, or the sum of their weights.
  /// - Throws: `NetworkError.engine`.
  func differentiate(
    _ module: TorchModule, seed: UInt64, gradient: UnsafeMutableBufferPointer<Float>
  ) throws(NetworkError) -> TorchModule.Loss {
    guard !targets.isEmpty else {
      gradient.update(repeating: 0)
      return .init(sum: 0, known: 0)
    }
    var result: Result<TorchModule.Loss, NetworkError> = .success(.init())
    targets.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      do throws(NetworkError) {
        result = .success(
          try module.differentiate(
            batch.inputs, target: .floats(base, [buffer.count / targetWidth, targetWidth]),
            seed: seed, gradient: gradient))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }

  /// Computes the outputs of the events, `[row, output]`.
  func outputs(
    _ module: TorchModule, into outputs: UnsafeMutableBufferPointer<Float>
  ) throws(NetworkError) {
    try module.run(batch.inputs, into: outputs)
  }
}
