import Foundation
public import ShowerModel

/// A trained network: predicts the residual of the standard reconstruction, and corrects it.
///
/// Its file is a TorchScript archive that Python's `torch.jit.load` runs, with the metadata inside.
public final class Network: Sendable {
  public let metadata: NetworkMetadata
  let module: TorchModule

  static let metadataName = "spec.json"
  /// Events that are computed at once.
  public static let batchSize = 256

  init(metadata: NetworkMetadata, module: TorchModule) {
    self.metadata = metadata
    self.module = module
  }

  /// Reads a network and runs it on two empty events.
  ///
  /// Its program is read before anything of it runs: it may compute, and nothing else.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - device: where the network is computed after these two events.
  ///   - firstBatch: how long these two events may take, and who may end the wait.
  /// - Throws: `missingFile`, `notANetwork`, `refused`, `wrongVersion`, `unknownInputs`,
  ///   `invalidSpecification`, `endless`, `cancelled`; `engine` without libtorch.
  public convenience init(
    contentsOf path: String, device: ComputeDevice = ComputeDevice(),
    firstBatch: FirstBatch = FirstBatch()
  ) throws(NetworkError) {
    let (metadata, module) = try Self.read(path)
    self.init(metadata: metadata, module: module)
    try firstBatch.run(path: path) { [self] () throws(NetworkError) in try probe(path: path) }
    // The first batch runs on the processor, where a wrong program fails without a GPU.
    try module.move(to: device)
  }

  /// What a network file says of itself. The file is checked as for use, but nothing of it runs.
  ///
  /// - Throws: as `init(contentsOf:device:firstBatch:)`, except for errors of its first batch.
  public static func metadata(contentsOf path: String) throws(NetworkError) -> NetworkMetadata {
    try read(path).metadata
  }

  private static func read(
    _ path: String
  ) throws(NetworkError) -> (metadata: NetworkMetadata, module: TorchModule) {
    guard FileManager.default.isReadableFile(atPath: path) else { throw .missingFile(path: path) }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .notANetwork(path: path, reason: "it is no regular file")
    }
    // Without libtorch the file is not to blame.
    _ = try NetworkEngine.torch()
    let module: TorchModule
    let text: String
    do throws(NetworkError) {
      (module, text) = try TorchModule.read(path: path, extra: Self.metadataName)
    } catch {
      guard case .engine(let message) = error else { throw error }
      let reason = message.split(separator: "\n").first.map(String.init) ?? "unreadable"
      throw .notANetwork(path: path, reason: reason)
    }
    guard !text.isEmpty else {
      throw .notANetwork(path: path, reason: "it holds no \(Self.metadataName)")
    }
    let metadata = try Self.metadata(from: text, path: path)
    let count = module.parameterCount
    guard metadata.weightCount == 0 || metadata.weightCount == count else {
      throw .notANetwork(
        path: path,
        reason: "it has \(count) parameters, its \(metadataName) says \(metadata.weightCount)")
    }
    return (metadata, module)
  }

  /// Writes the network, in the place of an earlier file when it is complete.
  ///
  /// - Throws: `NetworkError.notWritable`.
  public func write(to path: String) throws(NetworkError) {
    do {
      let text = try metadata.json()
      try WorkingFile.write(path) {
        try module.write(path: $0, extra: Self.metadataName, text: text)
      }
    } catch {
      throw .notWritable(path: path, reason: "\(error)")
    }
  }

  /// The same network with its provenance.
  public func with(provenance: [ProvenanceStep]) -> Network {
    var metadata = metadata
    metadata.provenance = provenance
    return Network(metadata: metadata, module: module)
  }

  /// The same network, which says how the events that it learned from were made.
  ///
  /// - Parameter histories: the steps of each file of events.
  /// - Returns: the network with these histories.
  public func with(histories: [[ProvenanceStep]]) -> Network {
    var metadata = metadata
    metadata.reconstructions = histories.compactMap { $0.conditions(of: base) }
      .reduce(into: []) { all, found in if !all.contains(found) { all.append(found) } }
    metadata.simulationVersions = Set(histories.flatMap(\.simulationVersions)).sorted()
    return Network(metadata: metadata, module: module)
  }

  /// The same network knowing nothing: the last layer and the mean residuals are zero.
  ///
  /// Its corrections are exactly zero, which tests of the whole chain rely on.
  package func zeroed() throws(NetworkError) -> Network {
    let module = try module.copy()
    var values = try module.parameters()
    let sizes = module.parameterSizes
    let hasOutput = sizes.contains { $0.name.hasPrefix(NetworkProgram.output) }
    var start = 0
    for (name, count) in sizes {
      if !hasOutput || name.hasPrefix(NetworkProgram.output) {
        values.replaceSubrange(start..<start + count, with: repeatElement(0, count: count))
      }
      start += count
    }
    try module.setParameters(values)
    var metadata = metadata
    for index in metadata.scaling.indices {
      metadata.scaling[index].mean = metadata.scaling[index].mean.map { _ in 0 }
    }
    return Network(metadata: metadata, module: module)
  }

  /// What a thread keeps from one call to the next.
  public typealias Workspace = NetworkEnsemble.Workspace

  /// A workspace for this network and events of an array. Not for use from two threads at once: one
  /// a thread.
  public func makeWorkspace(array: DetectorArray) -> Workspace {
    Workspace([self], array)
  }

  /// Corrected reconstructions, as those of an ensemble of this network alone.
  public func correct(
    _ events: [ReconstructedEvent], in workspace: Workspace
  ) throws(NetworkError) -> [Reconstruction] {
    try NetworkEnsemble([self]).correct(events, in: workspace)
  }

  /// Predicted residuals, as those of an ensemble of this network alone.
  public func residuals(
    _ events: [ReconstructedEvent], in workspace: Workspace
  ) throws(NetworkError) -> [[Double]] {
    try NetworkEnsemble([self]).residuals(events, in: workspace)
  }

  private static func metadata(from text: String, path: String) throws(NetworkError)
    -> NetworkMetadata
  {
    struct Header: Decodable {
      let format: String
      let formatVersion: Int
    }
    let data = Data(text.utf8)
    guard let header = try? JSONDecoder().decode(Header.self, from: data),
      header.format == "airshower-network"
    else {
      throw .notANetwork(
        path: path, reason: "its \(metadataName) was not written by airshower")
    }
    guard header.formatVersion == NetworkMetadata.currentFormat else {
      throw .wrongVersion(
        path: path, found: header.formatVersion, expected: NetworkMetadata.currentFormat)
    }
    let metadata: NetworkMetadata
    do { metadata = try JSONDecoder().decode(NetworkMetadata.self, from: data) } catch {
      throw .notANetwork(path: path, reason: "its \(metadataName) \(fault(error))")
    }
    try metadata.checkAgainstProgram(path: path)
    return metadata
  }

  /// What is wrong with a description, by the name of the key.
  private static func fault(_ error: any Error) -> String {
    func name(_ keys: [any CodingKey]) -> String {
      keys.map { key in key.intValue.map { "\($0)" } ?? key.stringValue }.joined(separator: ".")
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      return
        "lacks the key \(name(context.codingPath + [key])): "
        + "Documentation/networks.md lists the keys"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context):
      return "has no usable value of \(name(context.codingPath)): \(context.debugDescription)"
    default: return "cannot be used: \(error)"
    }
  }

  /// Runs the network on two empty events: a program with other inputs or outputs fails here.
  private func probe(path: String) throws(NetworkError) {
    let widths = NetworkProgram.Widths(spec: metadata.spec)
    var block = ImageBlock()
    for _ in 0..<2 {
      block.event += [Float](repeating: 0, count: widths.event)
      block.cell += [Float](repeating: 0, count: metadata.spec.cellCount * widths.cell)
      block.station += [Float](repeating: 0, count: widths.station)
      block.stationCell.append(0)
      if metadata.spec.readsWaveforms {
        block.trace += [Int16](repeating: 0, count: 2 * metadata.spec.samples)
      }
      block.aliveCells.append(1)
      block.stationStart.append(Int32(block.stationCell.count))
    }
    do {
      _ = try module.outputs(
        of: (0..<2).map { Batch.Row(block: 0, row: $0, symmetry: 0) }, in: [block],
        batch: Batch(spec: metadata.spec, normalisation: metadata.normalisation),
        outputCount: metadata.outputCount, batchSize: 2)
    } catch {
      throw .notANetwork(
        path: path, reason: "it does not run on the inputs that it names: \(error)")
    }
  }
}

extension Network {
  /// Parametric reconstruction whose residuals the network predicts.
  public var base: String { metadata.base ?? "standard" }

  /// The same network, known to predict the residuals of a parametric reconstruction.
  public func with(base: String) -> Network {
    var metadata = metadata
    metadata.base = base == "standard" ? nil : base
    return Network(metadata: metadata, module: module)
  }
}

extension StandardResult {
  /// Whether there is a result that a network can start from.
  var hasBeenFitted: Bool { status == .good && signal800 > 0 && shower.zenith.isFinite }
}

extension NetworkMetadata {
  /// The metadata as the network file holds them, `spec.json`.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  func checkAgainstProgram(path: String) throws(NetworkError) {
    let known = Set(CellInput.all.map(\.name) + StationInput.all.map(\.name))
      .union(EventInput.all.map(\.name)).union(NetworkTarget.all.map(\.name))
    let unknown = (spec.inputs.cell + spec.inputs.station + spec.inputs.event + spec.targets)
      .filter { !known.contains($0) }
    guard unknown.isEmpty else { throw .unknownInputs(path: path, names: unknown) }
    try spec.validate(source: path)
    let widths = NetworkProgram.Widths(spec: spec)
    let sizes = [
      (normalisation.cell, widths.cell), (normalisation.station, widths.station),
      (normalisation.event, widths.event),
    ]
    guard sizes.allSatisfy({ $0.mean.count == $1 && $0.factor.count == $1 }),
      scaling.count == spec.targets.count,
      scaling.allSatisfy({
        $0.mean.count == 10 && $0.logSize.count == 6 && $0.lower.count == 2 && $0.upper.count == 2
      }), combination.count == spec.targets.count,
      combination.allSatisfy({
        $0.slopes.count == 4 && $0.variance.count == 2 && $0.logSpread.count == 6
          && $0.outer?.isValid ?? true
      }),
      spec.density == nil
        ? outputCount == spec.targets.count || outputCount == 2 * spec.targets.count
        : outputCount == spec.outputCount && densityMasses.values.allSatisfy(\.isValid)
    else { throw .notANetwork(path: path, reason: "its normalisation does not fit its inputs") }
  }
}

extension TorchModule {
  /// Outputs `[row, output]` of events, in batches.
  func outputs(
    of rows: [Batch.Row], in blocks: [ImageBlock], batch: Batch, outputCount: Int, batchSize: Int
  ) throws(NetworkError) -> [Float] {
    var outputs = [Float](repeating: 0, count: rows.count * outputCount)
    for start in stride(from: 0, to: rows.count, by: batchSize) {
      let end = min(start + batchSize, rows.count)
      batch.fill(rows[start..<end], from: blocks)
      var failure: NetworkError?
      outputs.withUnsafeMutableBufferPointer { buffer in
        do throws(NetworkError) {
          try run(
            batch.inputs, into: .init(rebasing: buffer[start * outputCount..<end * outputCount]))
        } catch { failure = error }
      }
      if let failure { throw failure }
    }
    return outputs
  }
}
