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

  /// Reads a network.
  ///
  /// - Throws: `missingFile`, `notANetwork`, `wrongVersion`, `unknownInputs`, `invalidSpecification`; `engine`
  ///   without libtorch.
  public convenience init(contentsOf path: String) throws(NetworkError) {
    guard FileManager.default.isReadableFile(atPath: path) else { throw .missingFile(path: path) }
    // Without libtorch the file is not to blame.
    _ = try NetworkEngine.torch()
    let module: TorchModule
    let text: String
    do throws(NetworkError) {
      (module, text) = try TorchModule.read(path: path, extra: Self.metadataName)
    } catch {
      let reason = "\(error)".split(separator: "\n").first.map(String.init) ?? "unreadable"
      throw .notANetwork(path: path, reason: reason)
    }
    guard !text.isEmpty else {
      throw .notANetwork(path: path, reason: "it holds no \(Self.metadataName)")
    }
    let metadata = try Self.metadata(from: text, path: path)
    self.init(metadata: metadata, module: module)
    try probe(path: path)
  }

  /// Writes the network as `path.part` and renames it.
  ///
  /// - Throws: `NetworkError.notWritable`.
  public func write(to path: String) throws(NetworkError) {
    let part = path + ".part"
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      let json = String(decoding: try encoder.encode(metadata), as: UTF8.self)
      try module.write(path: part, extra: Self.metadataName, text: json)
      guard rename(part, path) == 0 else {
        throw NetworkError.notWritable(path: path, reason: String(cString: strerror(errno)))
      }
    } catch {
      unlink(part)
      throw .notWritable(path: path, reason: "\(error)")
    }
  }

  /// The same network with its provenance.
  public func with(provenance: [ProvenanceStep]) -> Network {
    var metadata = metadata
    metadata.provenance = provenance
    return Network(metadata: metadata, module: module)
  }

  /// The same network knowing nothing: the last layer and the mean residuals are zero.
  ///
  /// Its corrections are exactly zero, which tests of the whole chain rely on.
  public func zeroed() throws(NetworkError) -> Network {
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

  /// What a thread keeps from one call to the next: memory, no values.
  public final class Workspace {
    let imager: EventImager
    let batch: Batch
    var block = ImageBlock()

    fileprivate init(_ metadata: NetworkMetadata, _ array: DetectorArray) {
      imager = EventImager(spec: metadata.spec, array: array)
      batch = Batch(spec: metadata.spec, normalisation: metadata.normalisation)
    }
  }

  /// A workspace for this network and events of an array. Not for use from two threads at once: one a thread.
  public func makeWorkspace(array: DetectorArray) -> Workspace { Workspace(metadata, array) }

  /// Corrected reconstructions, one for each event: the standard one shifted by the prediction.
  ///
  /// Events without a good standard result give `noStandardResult`. Computed on the calling thread, of which
  /// there may be many; the results are the same wherever events are cut into multiples of `batchSize`.
  public func correct(
    _ events: [ReconstructedEvent], in workspace: Workspace
  ) throws(NetworkError) -> [Reconstruction] {
    let predictions = try predict(events, workspace)
    return zip(events, predictions).map { event, prediction in
      guard let prediction else { return .failed(.noStandardResult) }
      return corrected(event.standard.reconstruction, by: prediction)
    }
  }

  /// Predicted residuals in native units and the order of `Residual.all`, one row for each event.
  ///
  /// Zero where the network does not predict a residual, NaN without a good standard result.
  public func residuals(
    _ events: [ReconstructedEvent], in workspace: Workspace
  ) throws(NetworkError) -> [[Double]] {
    try predict(events, workspace).map {
      $0?.residuals ?? [Double](repeating: .nan, count: Residual.all.count)
    }
  }

  private func predict(
    _ events: [ReconstructedEvent], _ workspace: Workspace
  ) throws(NetworkError) -> [Prediction?] {
    var predictions: [Prediction?] = []
    predictions.reserveCapacity(events.count)
    for start in stride(from: 0, to: events.count, by: Self.batchSize) {
      predictions += try predict(
        batch: events[start..<min(start + Self.batchSize, events.count)], workspace)
    }
    return predictions
  }

  /// Predictions for one batch, one for each event.
  ///
  /// Whole batches side by side are faster than many threads on each, and the same for any number.
  private func predict(
    batch events: ArraySlice<ReconstructedEvent>, _ workspace: Workspace
  ) throws(NetworkError) -> [Prediction?] {
    workspace.block.removeAll()
    for event in events where event.standard.hasBeenFitted {
      workspace.imager.append(event, to: &workspace.block)
    }
    let block = workspace.block
    let rows = (0..<block.count).map { Batch.Row(block: 0, row: $0, symmetry: 0) }
    let outputs = try module.outputs(
      of: rows, in: [block], batch: workspace.batch, outputCount: metadata.spec.outputCount,
      threads: 1, batchSize: Self.batchSize)
    var row = 0
    return events.map { event in
      guard event.standard.hasBeenFitted else { return nil }
      defer { row += 1 }
      return Prediction(
        outputs: outputs, row: row, metadata: metadata, secZenith: block.scaleVariables[2 * row],
        logSignal800: block.scaleVariables[2 * row + 1])
    }
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
    else { throw .notANetwork(path: path, reason: "its \(metadataName) is not ours") }
    guard header.formatVersion == NetworkMetadata.currentFormat else {
      throw .wrongVersion(
        path: path, found: header.formatVersion, expected: NetworkMetadata.currentFormat)
    }
    let metadata: NetworkMetadata
    do { metadata = try JSONDecoder().decode(NetworkMetadata.self, from: data) } catch {
      throw .notANetwork(path: path, reason: "its \(metadataName) is incomplete: \(error)")
    }
    try metadata.checkAgainstProgram(path: path)
    return metadata
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
        outputCount: metadata.spec.outputCount, threads: 1, batchSize: 2)
    } catch {
      throw .notANetwork(
        path: path, reason: "it does not run on the inputs that it names: \(error)")
    }
  }
}

extension StandardResult {
  /// Whether there is a result that a network can start from.
  var hasBeenFitted: Bool { status == .good && signal800 > 0 && shower.zenith.isFinite }
}

extension NetworkMetadata {
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
      })
    else { throw .notANetwork(path: path, reason: "its normalisation does not fit its inputs") }
  }
}

extension TorchModule {
  /// Outputs `[row, output]` of events, in batches.
  func outputs(
    of rows: [Batch.Row], in blocks: [ImageBlock], batch: Batch, outputCount: Int, threads: Int,
    batchSize: Int
  ) throws(NetworkError) -> [Float] {
    setThreads(threads)
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
