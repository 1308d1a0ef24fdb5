import CTorch
import Glibc
import ShowerModel
import Testing

@testable import ResidualNetwork

/// Training on a device that has too little memory for a whole micro-batch.
///
/// The device is libtorch on the processor, with an engine before it that refuses micro-batches of
/// more than `LittleMemory.most` events, as CUDA does.
@Suite(.serialized) struct LittleMemoryTests {
  private func set() throws -> TrainingSet {
    let set = try TrainingSet(spec: SyntheticEvents.tinySpec)
    try set.append(TrainingLoopTests.events, array: TrainingTests.synthetic.array, part: 0)
    try set.join()
    return set
  }

  private static let settings = {
    var settings = TrainingTests.settings
    settings.epochs = 2
    settings.threads = 2
    return settings
  }()

  private func weights(
    _ set: TrainingSet, most: Int, _ listener: Trainer.Listener = .init()
  ) throws -> [Float] {
    var trainer = Trainer(spec: set.spec, settings: Self.settings)
    trainer.engine = try LittleMemory.engine(most: most)
    return try trainer.train(set, listener).module.parameters()
  }

  @Test func smallerMicroBatchesTrainTheSameNetwork() throws {
    let set = try set()
    let whole = try Trainer(spec: set.spec, settings: Self.settings).train(set).module.parameters()
    var told: [Int] = []
    var listener = Trainer.Listener()
    listener.onDivision = { told.append($0) }
    let divided = try weights(set, most: 5, listener)
    // Halved until it fits, once for the whole training.
    #expect(told == told.sorted(by: >) && !told.isEmpty)
    #expect(told.dropLast().allSatisfy { $0 > 5 } && told.last.map { $0 <= 5 } ?? false)
    // Sums in another order: the same but for rounding.
    let largest = zip(whole, divided).map { abs($0 - $1) }.max() ?? .infinity
    #expect(largest < 2e-3, "\(largest)")
    #expect(try weights(set, most: 5) == divided)
  }

  @Test func oneEventThatFindsNoMemoryIsAnErrorWithARemedy() throws {
    let set = try set()
    let error = #expect(throws: NetworkError.self) { try weights(set, most: 0) }
    #expect(error == .outOfMemory("CUDA out of memory. Tried to allocate 2.00 GiB"))
    #expect(error?.description.contains("--batch-size") ?? false)
  }

  /// A network within libtorch that asks for 4 EiB.
  @Test func libtorchTellsThatMemoryIsMissing() throws {
    let source = "def forward(self, x):\n    return x.repeat([1 << 30, 1 << 30])\n"
    let module = try TorchModule.compile(source, parameters: [])
    var (input, output): ([Float], [Float]) = ([1], [0])
    let error = #expect(throws: NetworkError.self) {
      try input.withUnsafeMutableBufferPointer { input in
        try output.withUnsafeMutableBufferPointer { output in
          guard let base = input.baseAddress else { return }
          try module.run([.floats(base, [1, 1])], into: output)
        }
      }
    }
    guard case .outOfMemory = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(
    arguments: [
      ("CUDA error: no kernel image is available for execution on the device", "no code for this"),
      ("CUDA driver version is insufficient for CUDA runtime version", "Install a driver"),
      ("Found no NVIDIA driver on your system", "Install a driver"),
      ("CUDA error: an illegal memory access was encountered", "nvidia-smi"),
    ])
  func errorsOfCUDAHaveARemedy(message: String, remedy: String) {
    let text = NetworkError.engine(message).description
    #expect(text.contains(message) && text.contains(remedy) && text.contains("--device cpu"))
    #expect(NetworkError.engine("shapes differ").description == "libtorch: shapes differ")
  }
}

/// An engine with memory for few events.
private enum LittleMemory {
  nonisolated(unsafe) private static var most = 0
  nonisolated(unsafe) private static var real: ctorch_functions?

  /// - Returns: libtorch, but a gradient of more than `most` events fails as on a full GPU.
  static func engine(most: Int) throws -> ctorch_functions {
    let torch = try NetworkEngine.torch()
    (Self.most, real) = (most, torch)
    var functions = torch
    functions.module_differentiate = {
      module, inputs, count, target, seed, loss, known, gradients, size, message, capacity in
      guard let differentiate = LittleMemory.real?.module_differentiate, let target else {
        return Int32(CTORCH_FAILED)
      }
      guard target.pointee.shape.0 <= LittleMemory.most else {
        let text = "CUDA out of memory. Tried to allocate 2.00 GiB"
        if let message { strncpy(message, text, capacity) }
        return Int32(CTORCH_NO_MEMORY)
      }
      return differentiate(
        module, inputs, count, target, seed, loss, known, gradients, size, message, capacity)
    }
    return functions
  }
}
