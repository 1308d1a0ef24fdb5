/// An event that takes part in a batch, and how it is changed.
struct TrainingRow {
  /// Position in the training set.
  let event: Int
  /// Of `GridSymmetry.all`.
  var symmetry = 0
  /// Number of the random changes of this event; nil for none.
  var variation: Int?
}

/// Memory for one record, which begins where numbers of 8 bytes may.
final class RecordBuffer {
  private var memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 14, alignment: 16)
  private var capacity = 1 << 14

  func room(for count: Int) -> UnsafeMutableRawPointer {
    if count > capacity {
      memory.deallocate()
      capacity = 2 * count
      memory = .allocate(byteCount: capacity, alignment: 16)
    }
    return memory
  }

  deinit { memory.deallocate() }
}

/// Some events of a training set as a network wants them, with their targets.
final class PreparedBatch {
  private let set: TrainingSet
  private let batch: Batch
  private var block = ImageBlock()
  private let buffer = RecordBuffer()
  private var targets: [Float] = []
  private var targetCount = 0

  init(_ set: TrainingSet, _ batch: Batch) {
    self.set = set
    self.batch = batch
  }

  /// - Throws: `NetworkError.engine` where images cannot be read.
  func fill(_ rows: [TrainingRow], targets: StandardisedTargets) throws(NetworkError) {
    block.removeAll()
    try set.appendImages(of: rows.lazy.map(\.event), to: &block, by: buffer)
    batch.fill(
      rows.enumerated().map {
        Batch.Row(block: 0, row: $0, symmetry: $1.symmetry, variation: $1.variation)
      }[...], from: [block])
    self.targets = targets.values(of: rows)
    targetCount = targets.count
  }

  /// The loss, summed over known targets, and its gradient; without events both are zero.
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
            batch.inputs, target: .floats(base, [buffer.count / targetCount, targetCount]),
            seed: seed, gradient: gradient))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }

  func outputs(
    _ module: TorchModule, into outputs: UnsafeMutableBufferPointer<Float>
  ) throws(NetworkError) {
    try module.run(batch.inputs, into: outputs)
  }
}

/// The events of a batch in parts, which threads compute side by side.
final class DividedBatch {
  /// Number of the first part among those of all processes.
  private(set) var firstNumber = 0
  /// Those in use.
  private(set) var parts: ArraySlice<PreparedBatch> = []
  private var all: [PreparedBatch] = []
  private let make: () -> PreparedBatch

  /// - Parameter make: an empty part.
  init(_ make: @escaping () -> PreparedBatch) { self.make = make }

  /// - Throws: `NetworkError.engine` where images cannot be read.
  func fill(
    _ rows: [[TrainingRow]], firstNumber: Int = 0, targets: StandardisedTargets
  ) throws(NetworkError) {
    self.firstNumber = firstNumber
    while all.count < rows.count { all.append(make()) }
    for (part, rows) in zip(all, rows) { try part.fill(rows, targets: targets) }
    parts = all[..<rows.count]
  }
}
