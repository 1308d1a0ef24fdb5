internal import Foundation
public import ShowerModel

/// The events a network learns from: an index in memory, and compact images in memory or in a file.
///
/// An image needs about 1.3 kB for the event and `0.5 kB T/128` for each station with a waveform: 8
/// kB for ten stations and T = 128. The index needs 150 bytes an event. Images that exceed
/// `StorageLimits.memory` lie in an unnamed file; the trained network is the same. Events of the
/// test split are counted and dropped, so that no network can see them. The caller chooses the
/// events (`isAccepted`), by values of the standard fit.
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
  private let widths: NetworkProgram.Widths
  private let shape: ImageShape
  private let limits: StorageLimits
  private let peers: (any TrainingPeers)?
  private var imager: (array: DetectorArray, imager: EventImager)?

  private let store: ImageStore
  private(set) var index = TrainingIndex()
  /// Number and events of each part, in the order in which they came.
  private var parts: [(number: Int, count: Int)] = []
  private var moments: Moments
  /// Of the training split.
  private(set) var domain = DomainSample()
  /// Arrays and samples of the windows of the events, in the order in which they came.
  private(set) var arrays: [ArrayDescription] = []
  private(set) var windowSamples: [Int] = []

  /// - Parameters:
  ///   - spec: of the network.
  ///   - limits: where images are stored. Several processes store all images in files named
  ///     `scratch-NUMBER`.
  ///   - peers: the processes that share the work, each appending other parts.
  /// - Throws: `NetworkError.invalidSpecification`.
  public init(
    spec: NetworkSpec, limits: StorageLimits = StorageLimits(), peers: (any TrainingPeers)? = nil
  ) throws(NetworkError) {
    try spec.validate()
    self.spec = spec
    self.limits = limits
    self.peers = peers
    targets = NetworkTarget.named(spec.targets)
    widths = NetworkProgram.Widths(spec: spec)
    shape = ImageShape(spec: spec)
    store =
      peers.map {
        ImageStore(.init(memory: 0, scratch: Self.scratch(limits, $0.rank)), isShared: true)
      } ?? ImageStore(limits)
    moments = Self.noMoments(widths)
  }

  private typealias Moments = (cell: InputMoments, station: InputMoments, event: InputMoments)

  private static func noMoments(_ widths: NetworkProgram.Widths) -> Moments {
    (
      InputMoments(width: widths.cell), InputMoments(width: widths.station),
      InputMoments(width: widths.event)
    )
  }

  private static func scratch(_ limits: StorageLimits, _ rank: Int) -> String {
    "\(limits.scratch)-\(rank + 1)"
  }

  /// Bytes of memory in use.
  public var memory: Int { store.memory + index.memory + 4 * domain.rows.count }

  /// Bytes of images that lie in a file.
  public var fileSize: Int { store.isInFile ? store.byteCount : 0 }

  /// Adds events of an array; best a thousand or more at a time.
  ///
  /// - Parameters:
  ///   - events: with their reconstruction.
  ///   - weights: by how much each event counts, finite and not negative; none where all count
  ///     once. All calls give some, or none does.
  ///   - array: of the events.
  ///   - part: number of these events among all calls of all processes; the next one where there
  ///     are no others.
  ///   - isAccepted: whether an event counts.
  /// - Throws: `NetworkError.notWritable` where images cannot be stored.
  public func append(
    _ events: [ReconstructedEvent], weights: [Double] = [], array: DetectorArray,
    part: Int? = nil,
    where isAccepted: (ReconstructedEvent) -> Bool = { _ in true }
  ) throws(NetworkError) {
    let imager = self.imager(for: array)
    var block = ImageBlock()
    block.reserve(
      events: events.count, stations: events.reduce(0) { $0 + $1.stations.count },
      widths: widths, cellCount: spec.cellCount,
      samples: spec.readsWaveforms ? spec.samples : 0)
    precondition(weights.isEmpty || weights.count == events.count, "a weight an event")
    var admitted: [Admitted] = []
    for (place, event) in events.enumerated() {
      guard let (split, values) = admit(event, where: isAccepted) else { continue }
      imager.append(event, to: &block)
      admitted.append(
        Admitted(
          event: event, split: split, residuals: values,
          weight: weights.isEmpty ? nil : weights[place]))
      note(windowsOf: event)
    }
    var bytes: [UInt8] = []
    var ends = [0]
    for row in 0..<block.count {
      block.appendRecord(of: row, shape: shape, to: &bytes)
      ends.append(bytes.count)
    }
    let start = try bytes.isEmpty ? 0 : store.append(bytes)
    for (row, one) in admitted.enumerated() {
      index.append(
        residuals: one.residuals, weight: one.weight, split: one.split, id: one.event.event.id,
        variables: block.scaleVariables[2 * row..<2 * row + 2],
        location: .init(offset: start + ends[row], size: ends[row + 1] - ends[row]))
      guard one.split == .training else { continue }
      addMoments(of: row, in: block)
      domain.append(DomainFeature.values(of: one.event))
    }
    parts.append((part ?? parts.count, admitted.count))
  }

  /// Takes over the events of the other processes. Once, when all have appended theirs; alone it
  /// does nothing.
  ///
  /// - Throws: `NetworkError.engine` where what they send makes no sense.
  public func join() throws(NetworkError) {
    guard let peers else { return }
    try store.moveToFile()
    let others = try peers.exchange(try exported()).map { bytes throws(NetworkError) in
      guard let contents = Contents(bytes) else { throw .engine("events of another process") }
      return contents
    }
    var order: [(number: Int, owner: Int, events: Range<Int>)] = []
    for (owner, contents) in others.enumerated() {
      var first = 0
      for (number, count) in zip(contents.partNumbers, contents.partCounts) {
        order.append((number, owner, first..<first + count))
        first += count
      }
    }
    order.sort { $0.number < $1.number }
    index = TrainingIndex()
    for (_, owner, events) in order {
      index.append(others[owner].index, events, targets: targets.count, owner: owner)
    }
    take(others)
    try store.open((0..<peers.size).map { Self.scratch(limits, $0) })
    peers.barrier()
    store.forgetName()
  }

  /// Events of a split, in order.
  func rows(of split: Split) -> [Int] { index.rows(of: split) }

  /// Ids of some events.
  func ids(of rows: some Sequence<Int>) -> [Int] { rows.map { index.ids[$0] } }

  /// Bytes of the image of an event, which grow with its stations.
  func size(of row: Int) -> Int { index.location(of: row).size }

  /// Appends the images of some events to a block.
  ///
  /// - Throws: `NetworkError.engine` where a file cannot be read.
  func appendImages(
    of rows: some Sequence<Int>, to block: inout ImageBlock, by buffer: RecordBuffer
  ) throws(NetworkError) {
    for row in rows {
      let location = index.location(of: row)
      let memory = buffer.reserve(location.size)
      try store.read(location, into: memory)
      block.append(record: UnsafeRawPointer(memory), shape: shape)
    }
  }

  /// Asks the system to read the images of neighbouring events ahead.
  func readAhead(_ rows: ArraySlice<Int>) {
    guard store.isInFile, let first = rows.first, let last = rows.last else { return }
    let (begin, end) = (index.location(of: first), index.location(of: last))
    // Neighbours of two parts may lie in two files.
    guard begin.owner == end.owner, end.offset >= begin.offset else { return }
    store.readAhead(
      owner: begin.owner, from: begin.offset, count: end.offset + end.size - begin.offset)
  }

  /// Normalisation of all inputs, from the training split.
  func normalisation() -> NetworkNormalisation {
    NetworkNormalisation(
      cell: InputNormalisation(of: CellInput.all.named(spec.inputs.cell), moments.cell),
      station: InputNormalisation(
        of: StationInput.all.named(spec.inputs.station), moments.station),
      event: InputNormalisation(of: EventInput.all.named(spec.inputs.event), moments.event))
  }

  // MARK: - Events

  private struct Admitted {
    let event: ReconstructedEvent
    let split: Split
    let residuals: [Double]
    let weight: Double?
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

  private func addMoments(of row: Int, in block: ImageBlock) {
    if widths.cell > 0 {
      for cell in 0..<spec.cellCount where block.aliveCells[row] & (1 << UInt64(cell)) != 0 {
        let first = (row * spec.cellCount + cell) * widths.cell
        moments.cell.add(block.cell[first..<first + widths.cell])
      }
    }
    for station in block.stations(of: row) {
      moments.station.add(block.station[station * widths.station..<(station + 1) * widths.station])
    }
    moments.event.add(block.event[row * widths.event..<(row + 1) * widths.event])
  }

  // MARK: - Other processes

  private struct Header: Codable {
    var counts: Counts
    var arrays: [ArrayDescription]
    var windowSamples: [Int]
  }

  /// What one process found.
  private struct Contents {
    let header: Header
    let partNumbers: [Int]
    let partCounts: [Int]
    let index: TrainingIndex
    let domainRows: [Float]
    let moments: [[Double]]

    init?(_ bytes: [UInt8]) {
      var reader = ByteReader(bytes)
      guard let text = reader.read(UInt8.self),
        let header = try? JSONDecoder().decode(Header.self, from: Data(text)),
        let numbers = reader.read(Int.self), let counts = reader.read(Int.self),
        let index = TrainingIndex(from: &reader), let rows = reader.read(Float.self),
        let cell = reader.read(Double.self), let station = reader.read(Double.self),
        let event = reader.read(Double.self)
      else { return nil }
      (self.header, partNumbers, partCounts, self.index) = (header, numbers, counts, index)
      (domainRows, moments) = (rows, [cell, station, event])
    }
  }

  private func exported() throws(NetworkError) -> [UInt8] {
    var writer = ByteWriter()
    let header = Header(counts: counts, arrays: arrays, windowSamples: windowSamples)
    do { writer.write([UInt8](try JSONEncoder().encode(header))) } catch {
      throw .engine("\(error)")
    }
    writer.write(parts.map(\.number))
    writer.write(parts.map(\.count))
    index.write(to: &writer)
    writer.write(domain.rows)
    for numbers in [moments.cell.numbers, moments.station.numbers, moments.event.numbers] {
      writer.write(numbers)
    }
    return writer.bytes
  }

  /// Sums what is counted, in the order of the processes, so that all have the same.
  private func take(_ others: [Contents]) {
    (counts, domain, arrays, windowSamples) = (Counts(), DomainSample(), [], [])
    moments = Self.noMoments(widths)
    for other in others {
      counts.add(other.header.counts)
      domain.append(rows: other.domainRows)
      for array in other.header.arrays where !arrays.contains(array) { arrays.append(array) }
      for samples in other.header.windowSamples where !windowSamples.contains(samples) {
        windowSamples.append(samples)
      }
      moments.cell.add(other.moments[0][...])
      moments.station.add(other.moments[1][...])
      moments.event.add(other.moments[2][...])
    }
  }
}

extension TrainingSet.Counts {
  fileprivate mutating func add(_ other: Self) {
    training += other.training
    validation += other.validation
    test += other.test
    withoutStandardResult += other.withoutStandardResult
    withoutTruth += other.withoutTruth
    refused += other.refused
    notFinite += other.notFinite
  }
}
