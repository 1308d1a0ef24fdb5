import Glibc
public import ShowerModel

/// What goes into a network and what comes out, as it is handed over: for other programs.
///
/// Inputs are named as the arguments of `forward` and normalised as it wants them. They are made in
/// batches but joined to one, so `station_cells` counts over all events.
public struct NetworkTensors: Sendable {
  /// A row-major array of floats, or of whole numbers.
  public struct Tensor: Sendable {
    public var name: String
    public var description: String
    public var shape: [Int]
    public var floats: [Float] = []
    public var integers: [Int64] = []

    fileprivate mutating func append(_ other: Tensor) {
      shape[0] += other.shape[0]
      floats += other.floats
      integers += other.integers
    }
  }

  /// The inputs in the order of `forward`.
  public private(set) var inputs: [Tensor] = []
  /// `[event, output]`.
  public private(set) var outputs: Tensor
  /// `[event, target]`: what the outputs should have been, standardised; NaN without truth.
  public private(set) var targets: Tensor
  /// `[event]`: number of the event and of its shower, and its split (0 training, 1 validation, 2
  /// test).
  public private(set) var eventIDs: [Int64] = []
  public private(set) var showerIDs: [Int64] = []
  public private(set) var splits: [Int64] = []

  private static let descriptions = [
    (
      "traces",
      "waveforms of the stations that have one [station, sample, layer], ln(1 + 10 x), x in VEM"
    ),
    ("stations", "inputs of these stations [station, input], normalised"),
    ("station_cells", "event * N * N + cell of these stations [station]"),
    ("cells", "inputs of the N x N cells [event * N * N, input], normalised"),
    ("events", "inputs of the events [event, input], normalised"),
  ]

  /// All that a network makes of events that have a standard result; other events are left out.
  ///
  /// - Throws: `NetworkError.engine`.
  public init(
    of events: [ReconstructedEvent], for network: Network, array: DetectorArray
  ) throws(NetworkError) {
    let metadata = network.metadata
    outputs = Tensor(
      name: "outputs", description: "outputs [event, output]", shape: [0, metadata.outputCount])
    targets = Tensor(
      name: "targets", description: "standardised targets [event, target], NaN without truth",
      shape: [0, metadata.spec.targets.count])
    let workspace = network.makeWorkspace(array: array)
    let fitted = events.filter { $0.standard.hasBeenFitted }
    for start in stride(from: 0, to: max(fitted.count, 1), by: Network.batchSize) {
      try append(
        fitted[start..<min(start + Network.batchSize, fitted.count)], network, workspace)
    }
  }

  private mutating func append(
    _ events: ArraySlice<ReconstructedEvent>, _ network: Network, _ workspace: Network.Workspace
  ) throws(NetworkError) {
    let (metadata, batch) = (network.metadata, workspace.batches[0])
    workspace.block.removeAll()
    for event in events { workspace.imager.append(event, to: &workspace.block) }
    let made = try network.outputs(of: workspace.block, symmetry: 0, batch: batch)
    outputs.append(Tensor(name: "", description: "", shape: [events.count], floats: made))

    batch.fill(
      (0..<events.count).map { Batch.Row(block: 0, row: $0, symmetry: 0) }[...],
      from: [workspace.block])
    let earlier = Int64(eventIDs.count * metadata.spec.cellCount)
    let parts = zip(Self.descriptions, batch.inputs).map { described, input in
      // Where no layer sees the waveforms there are none behind the pointer.
      var tensor = described.0 == "traces" && !metadata.usesTraces ? input.zeros : input.tensor
      (tensor.name, tensor.description) = described
      tensor.integers = tensor.integers.map { $0 + earlier }
      return tensor
    }
    if inputs.isEmpty {
      inputs = parts
    } else {
      for (index, part) in parts.enumerated() { inputs[index].append(part) }
    }
    for event in events {
      eventIDs.append(Int64(event.event.id))
      showerIDs.append(Int64(event.event.showerID))
      let split = Split.of(showerID: event.event.showerID)
      splits.append(Int64(Split.allCases.firstIndex(of: split) ?? 0))
      targets.append(
        Tensor(name: "", description: "", shape: [1], floats: Self.targets(of: event, metadata)))
    }
  }

  private static func targets(
    of event: ReconstructedEvent, _ metadata: NetworkMetadata
  ) -> [Float] {
    let standard = event.standard
    return zip(NetworkTarget.named(metadata.spec.targets), metadata.scaling).map {
      target, scaling in
      guard let truth = event.event.truth else { return .nan }
      let (mean, size) = scaling.values(
        secZenith: EventImager.secZenith(standard), logSignal800: log(standard.signal800))
      let z = (target.value(truth, standard.shower) - mean) / size
      // A photon has no ln A.
      return z.isNaN ? .nan : Float(max(-TargetScaling.limit, min(TargetScaling.limit, z)))
    }
  }
}

extension TorchModule.Input {
  fileprivate var zeros: NetworkTensors.Tensor {
    NetworkTensors.Tensor(
      name: "", description: "", shape: shape,
      floats: [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  /// A copy of the numbers.
  fileprivate var tensor: NetworkTensors.Tensor {
    let count = shape.reduce(1, *)
    var tensor = NetworkTensors.Tensor(name: "", description: "", shape: shape)
    switch storage {
    case .floats(let pointer):
      tensor.floats = Array(UnsafeBufferPointer(start: pointer, count: count))
    case .integers(let pointer):
      tensor.integers = Array(UnsafeBufferPointer(start: pointer, count: count))
    }
    return tensor
  }
}
