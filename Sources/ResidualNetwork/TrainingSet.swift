public import ShowerModel

/// The events a network learns from, kept as compact images in memory.
///
/// Needs about `0.5 kB T/128` a station with a waveform and 1.3 kB an event: 300,000 events of ten
/// stations are 2.1 GB. Events of the test split are counted and dropped, so that no network can see
/// them. Which events count is the caller's choice (`isAccepted`), by values of the standard fit.
public final class TrainingSet {
  /// What became of the events given.
  public struct Counts: Sendable, Equatable, Codable {
    public var training = 0
    public var validation = 0
    /// Left for `compare`.
    public var test = 0
    /// Without a good standard result.
    public var withoutStandardResult = 0
    public var withoutTruth = 0
    /// Refused by the caller's cuts.
    public var refused = 0
    /// A target is infinite or not a number.
    public var notFinite = 0
  }

  public let spec: NetworkSpec
  public private(set) var counts = Counts()
  private let targets: [NetworkTarget]
  private var imager: (array: DetectorArray, imager: EventImager)?

  private(set) var blocks: [ImageBlock] = []
  /// Targets in native units: `[event][target]` of each block.
  private(set) var residuals: [[Double]] = []
  private(set) var splits: [[Split]] = []
  /// Ids of the events of each block, to name them in errors; no input.
  private(set) var eventIDs: [[Int]] = []
  /// Values of `DomainFeature.all` of the training split, event after event.
  private(set) var domainRows: [Float] = []
  /// Arrays and samples of the windows of the events, in the order in which they came.
  private(set) var arrays: [ArrayDescription] = []
  private(set) var windowSamples: [Int] = []

  /// - Throws: `NetworkError.invalidSpecification`.
  public init(spec: NetworkSpec) throws(NetworkError) {
    try spec.validate()
    self.spec = spec
    targets = NetworkTarget.named(spec.targets)
  }

  /// Bytes in use.
  public var memory: Int {
    blocks.reduce(0) { $0 + $1.memory } + residuals.reduce(0) { $0 + 8 * $1.count }
      + splits.reduce(0) { $0 + 9 * $1.count } + 4 * domainRows.count
  }

  /// Adds events of an array; best a thousand or more at a time.
  public func append(
    _ events: [ReconstructedEvent], array: DetectorArray,
    where isAccepted: (ReconstructedEvent) -> Bool = { _ in true }
  ) {
    let imager = self.imager(for: array)
    var block = ImageBlock()
    block.reserve(
      events: events.count, stations: events.reduce(0) { $0 + $1.stations.count },
      widths: NetworkProgram.Widths(spec: spec), cellCount: spec.cellCount,
      samples: spec.readsWaveforms ? spec.samples : 0)
    var residuals: [Double] = []
    var splits: [Split] = []
    var ids: [Int] = []
    for event in events {
      guard let (split, values) = admit(event, where: isAccepted) else { continue }
      imager.append(event, to: &block)
      residuals += values
      splits.append(split)
      ids.append(event.event.id)
      if split == .training { domainRows += DomainFeature.values(of: event) }
      note(windowsOf: event)
    }
    guard block.count > 0 else { return }
    block.shrink()
    blocks.append(block)
    self.residuals.append(residuals)
    self.splits.append(splits)
    eventIDs.append(ids)
  }

  /// Split and residuals of an event that takes part; counts it in any case.
  private func admit(
    _ event: ReconstructedEvent, where isAccepted: (ReconstructedEvent) -> Bool
  ) -> (Split, [Double])? {
    guard event.standard.status == .good else {
      counts.withoutStandardResult += 1
      return nil
    }
    guard let truth = event.event.truth else {
      counts.withoutTruth += 1
      return nil
    }
    guard isAccepted(event) else {
      counts.refused += 1
      return nil
    }
    let values = targets.map { $0.value(truth, event.standard.shower) }
    guard zip(targets, values).allSatisfy({ $0.isAuxiliary || $1.isFinite }),
      event.standard.signal800 > 0
    else {
      counts.notFinite += 1
      return nil
    }
    switch Split.of(showerID: event.event.showerID) {
    case .training: counts.training += 1
    case .validation: counts.validation += 1
    case .test:
      counts.test += 1
      return nil
    }
    return (Split.of(showerID: event.event.showerID), values)
  }

  private func imager(for array: DetectorArray) -> EventImager {
    if let known = imager, known.array == array { return known.imager }
    let made = EventImager(spec: spec, array: array)
    imager = (array, made)
    let description = ArrayDescription(array)
    if !arrays.contains(description) { arrays.append(description) }
    return made
  }

  private func note(windowsOf event: ReconstructedEvent) {
    guard let samples = event.event.hits.first?.upper.samples.count,
      !windowSamples.contains(samples)
    else { return }
    windowSamples.append(samples)
  }

  /// Events of a split, in order.
  func rows(of split: Split) -> [Batch.Row] {
    splits.enumerated().flatMap { block, splits in
      splits.indices.filter { splits[$0] == split }.map {
        Batch.Row(block: block, row: $0, symmetry: 0)
      }
    }
  }

  /// Ids of the events of some rows.
  func ids(of rows: ArraySlice<Batch.Row>) -> [Int] { rows.map { eventIDs[$0.block][$0.row] } }

  /// Normalisation of all inputs, from the training split.
  func normalisation() -> NetworkNormalisation {
    let rows = self.rows(of: .training)
    let widths = NetworkProgram.Widths(spec: spec)
    let cellCount = spec.cellCount
    let cell = InputNormalisation(of: CellInput.all.named(spec.inputs.cell)) { visit in
      for row in rows {
        let block = blocks[row.block]
        block.cell.withUnsafeBufferPointer { values in
          guard let base = values.baseAddress else { return }
          for cell in 0..<cellCount where block.aliveCells[row.row] & (1 << UInt64(cell)) != 0 {
            visit(base + (row.row * cellCount + cell) * widths.cell)
          }
        }
      }
    }
    let station = InputNormalisation(of: StationInput.all.named(spec.inputs.station)) { visit in
      for row in rows {
        let block = blocks[row.block]
        block.station.withUnsafeBufferPointer { values in
          guard let base = values.baseAddress else { return }
          for station in block.stations(of: row.row) { visit(base + station * widths.station) }
        }
      }
    }
    let event = InputNormalisation(of: EventInput.all.named(spec.inputs.event)) { visit in
      for row in rows {
        blocks[row.block].event.withUnsafeBufferPointer { values in
          guard let base = values.baseAddress else { return }
          visit(base + row.row * widths.event)
        }
      }
    }
    return NetworkNormalisation(cell: cell, station: station, event: event)
  }
}
