internal import CTorch

/// A TorchScript module: the one owner of its C handle.
///
/// Unchecked Sendable: running a module only reads it. Only its creator trains or changes it,
/// before anybody else holds it.
final class TorchModule: @unchecked Sendable {
  private let handle: OpaquePointer
  private let torch: ctorch_functions

  /// One learnable array with its first values.
  struct Parameter {
    let name: String
    let shape: [Int]
    let values: [Float]
    /// L2 of its own in training.
    var penalty = 0.0
  }

  /// A dense row-major array of the caller.
  struct Input {
    enum Storage {
      case floats(UnsafePointer<Float>)
      case integers(UnsafePointer<Int64>)
    }
    let storage: Storage
    let shape: [Int]

    static func floats(_ pointer: UnsafeMutablePointer<Float>, _ shape: [Int]) -> Input {
      Input(storage: .floats(UnsafePointer(pointer)), shape: shape)
    }
    static func integers(_ pointer: UnsafeMutablePointer<Int64>, _ shape: [Int]) -> Input {
      Input(storage: .integers(UnsafePointer(pointer)), shape: shape)
    }

    fileprivate var array: ctorch_array {
      var array = ctorch_array()
      switch storage {
      case .floats(let pointer):
        array.data = UnsafeRawPointer(pointer)
        array.type = Int32(CTORCH_FLOAT32)
      case .integers(let pointer):
        array.data = UnsafeRawPointer(pointer)
        array.type = Int32(CTORCH_INT64)
      }
      // More than four are refused there by their number.
      array.dimensions = Int32(shape.count)
      array.shape = cShape(shape)
      return array
    }
  }

  private init(_ handle: OpaquePointer, _ torch: ctorch_functions) {
    self.handle = handle
    self.torch = torch
  }

  deinit { torch.module_free(handle) }

  /// Compiles TorchScript source with its parameters.
  ///
  /// - Parameters:
  ///   - source: the program.
  ///   - parameters: its learnable arrays.
  ///   - device: where the module is computed.
  ///   - engine: the functions that compute it; nil for those of libtorch.
  /// - Returns: the module, with the parameters' first values.
  /// - Throws: `NetworkError.engine`.
  static func compile(
    _ source: String, parameters: [Parameter], device: ComputeDevice = ComputeDevice(),
    engine: ctorch_functions? = nil
  ) throws(NetworkError) -> TorchModule {
    let torch = if let engine { engine } else { try NetworkEngine.torch() }
    // One block of memory for all names and one for all values, alive during the call.
    let values = parameters.flatMap(\.values)
    let names = parameters.map { Array($0.name.utf8CString) }
    let flatNames = names.flatMap { $0 }
    var result: OpaquePointer?
    try check { message, capacity in
      values.withUnsafeBufferPointer { values in
        flatNames.withUnsafeBufferPointer { flatNames in
          var (valueOffset, nameOffset) = (0, 0)
          var described: [ctorch_parameter] = []
          for (index, parameter) in parameters.enumerated() {
            described.append(
              ctorch_parameter(
                name: flatNames.baseAddress.map { $0 + nameOffset },
                dimensions: Int32(parameter.shape.count), shape: cShape(parameter.shape),
                values: values.baseAddress.map { $0 + valueOffset }))
            valueOffset += parameter.values.count
            nameOffset += names[index].count
          }
          return torch.module_create(
            source, described, described.count, &result, message, capacity)
        }
      }
    }
    guard let result else { throw .engine("no module") }
    let module = TorchModule(result, torch)
    try module.move(to: device)
    return module
  }

  /// Reads an archive and the named text inside it (empty where there is none). Nothing of the
  /// archive runs.
  ///
  /// - Throws: `refused` where its program could do more than compute, or it is damaged; `engine`.
  static func read(path: String, extra name: String) throws(NetworkError) -> (TorchModule, String) {
    let torch = try NetworkEngine.torch()
    var result: OpaquePointer?
    var text: UnsafeMutablePointer<CChar>?
    // libtorch computes with constants while it compiles.
    NetworkEngine.guardCrashes(of: path, memory: 4 << 30)
    defer { NetworkEngine.endGuard() }
    try check(path) { torch.module_load(path, name, &result, &text, $0, $1) }
    guard let result, let text else { throw .engine("no module") }
    defer { torch.free_text(text) }
    return (TorchModule(result, torch), String(cString: text))
  }

  /// Writes an archive with a named text inside.
  func write(path: String, extra name: String, text: String) throws(NetworkError) {
    try Self.check { torch.module_save(handle, path, name, text, $0, $1) }
  }

  func copy() throws(NetworkError) -> TorchModule {
    var result: OpaquePointer?
    try Self.check { torch.module_copy(handle, &result, $0, $1) }
    guard let result else { throw .engine("no module") }
    return TorchModule(result, torch)
  }

  /// Whether dropout and noise are at work; not while another thread runs the module.
  func setTraining(_ isOn: Bool) throws(NetworkError) {
    try Self.check { torch.module_set_training(handle, isOn ? 1 : 0, $0, $1) }
  }

  /// Names and sizes of the parameters, in the order of `parameters()`.
  var parameterSizes: [(name: String, count: Int)] {
    (0..<torch.module_parameter_count(handle)).map {
      (
        torch.module_parameter_name(handle, $0).map { String(cString: $0) } ?? "",
        torch.module_parameter_size(handle, $0)
      )
    }
  }

  var parameterCount: Int { parameterSizes.reduce(0) { $0 + $1.count } }

  /// All parameters, one after the other.
  func parameters() throws(NetworkError) -> [Float] {
    var values = [Float](repeating: 0, count: parameterCount)
    let count = values.count
    try Self.check { torch.module_get_parameters(handle, &values, count, $0, $1) }
    return values
  }

  func setParameters(_ values: [Float]) throws(NetworkError) {
    try Self.check { torch.module_set_parameters(handle, values, values.count, $0, $1) }
  }

  /// Runs the network; `output` receives its result, row after row.
  func run(_ inputs: [Input], into output: UnsafeMutableBufferPointer<Float>) throws(NetworkError) {
    let arrays = inputs.map(\.array)
    try Self.check {
      torch.module_forward(
        handle, arrays, arrays.count, output.baseAddress, output.count, $0, $1)
    }
  }

  /// Makes a new optimiser.
  ///
  /// - Parameters:
  ///   - optimiser: its kind.
  ///   - loss: what it makes small.
  ///   - densities: whose negative ln likelihood is part of the loss.
  ///   - weightDecay: L2 of all weights.
  ///   - gradientClip: largest norm of the gradient, 0 for none.
  ///   - penalties: L2 of each parameter in the order of `parameterSizes`, or empty.
  /// - Throws: `NetworkError.engine`.
  func beginTraining(
    _ optimiser: TrainingSettings.Optimiser, loss: NetworkSpec.Loss = .meanSquare,
    densities: [DensityColumns] = [], weightDecay: Double, gradientClip: Double,
    penalties: [Double] = []
  ) throws(NetworkError) {
    let kind =
      switch optimiser {
      case .adadelta: CTORCH_ADADELTA
      case .adam: CTORCH_ADAM
      case .adamW: CTORCH_ADAMW
      }
    let lossKind = loss == .gaussian ? CTORCH_GAUSSIAN : CTORCH_MEAN_SQUARE
    precondition(penalties.isEmpty || penalties.count == parameterSizes.count)
    let pairs = densities.map {
      ctorch_density(
        targets: (Int32($0.targets[0]), Int32($0.targets[1])), first_output: Int32($0.first),
        components: Int32($0.components))
    }
    try Self.check { message, capacity in
      penalties.withUnsafeBufferPointer { penalties in
        pairs.withUnsafeBufferPointer { pairs in
          var training = ctorch_training(
            optimiser: Int32(kind), loss: Int32(lossKind), weight_decay: weightDecay,
            penalties: penalties.isEmpty ? nil : penalties.baseAddress,
            gradient_clip: gradientClip, densities: pairs.baseAddress,
            density_count: Int32(pairs.count))
          return torch.module_begin_training(handle, &training, message, capacity)
        }
      }
    }
  }

  /// A loss, summed over so many known targets, or over so much weight of them.
  struct Loss {
    var sum = Double.nan
    var known = 0.0
  }

  /// The loss of some events and its gradient, one parameter after the other. If the loss is not
  /// finite, the gradient is left as it is. The call changes nothing, so that many threads may do
  /// it at once. The seed is that of dropout and noise.
  func differentiate(
    _ inputs: [Input], target: Input, seed: UInt64, gradient: UnsafeMutableBufferPointer<Float>
  ) throws(NetworkError) -> Loss {
    let arrays = inputs.map(\.array)
    var target = target.array
    var loss = Loss()
    try Self.check {
      torch.module_differentiate(
        handle, arrays, arrays.count, &target, seed, &loss.sum, &loss.known, gradient.baseAddress,
        gradient.count, $0, $1)
    }
    return loss
  }

  /// A step of the optimiser, after penalties and clip.
  func update(_ gradient: UnsafeBufferPointer<Float>, learningRate: Double) throws(NetworkError) {
    try Self.check {
      torch.module_update(handle, gradient.baseAddress, gradient.count, learningRate, $0, $1)
    }
  }

  /// State of the optimiser, which later steps depend on.
  struct OptimizerState: Equatable {
    /// Two numbers for each parameter.
    var values: [Float]
    /// Steps so far, -1 before the first.
    var step: Int64
  }

  func optimizerState() throws(NetworkError) -> OptimizerState {
    let count = 2 * parameterCount
    var state = OptimizerState(values: [Float](repeating: 0, count: count), step: -1)
    try Self.check {
      torch.module_get_optimizer_state(handle, &state.values, count, &state.step, $0, $1)
    }
    return state
  }

  /// After `beginTraining` with the same settings.
  func restore(_ state: OptimizerState) throws(NetworkError) {
    try Self.check {
      torch.module_set_optimizer_state(handle, state.values, state.values.count, state.step, $0, $1)
    }
  }

  /// Moves a new module to a device; only by its creator, before anybody else holds it.
  ///
  /// - Throws: `NetworkError.outOfMemory` where the device has too little.
  func move(to device: ComputeDevice) throws(NetworkError) {
    // A new module is on the processor.
    guard device != ComputeDevice() else { return }
    let isOnGPU = device.gpu != nil
    let kind = isOnGPU ? CTORCH_CUDA : CTORCH_CPU
    let type = device.precision == .bfloat16 ? CTORCH_BFLOAT16 : CTORCH_FLOAT32
    try Self.check {
      torch.module_set_device(
        handle, Int32(kind), Int32(device.gpu ?? 0), Int32(type), $0, $1)
    }
  }

  /// Throws what a call of libtorch gives as status and message; `path` is that of the file it
  /// read, if any.
  static func check(
    _ path: String = "", _ call: (UnsafeMutablePointer<CChar>, Int) -> Int32
  ) throws(NetworkError) {
    var message = [CChar](repeating: 0, count: 2048)
    let count = message.count
    let status = message.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { call($0, count) } ?? -1
    }
    guard status == Int32(CTORCH_DONE) else {
      let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let reason = String(decoding: text, as: UTF8.self)
      throw switch status {
      case Int32(CTORCH_REFUSED): .refused(path: path, reason: reason)
      case Int32(CTORCH_NO_MEMORY): .outOfMemory(reason)
      default: .engine(reason)
      }
    }
  }
}

private func cShape(_ shape: [Int]) -> (Int64, Int64, Int64, Int64) {
  func size(_ index: Int) -> Int64 { index < shape.count ? Int64(shape[index]) : 0 }
  return (size(0), size(1), size(2), size(3))
}
