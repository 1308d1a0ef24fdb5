/// Reads a CORSIKA 7 particle file, plain or compressed, record by record: memory does not grow
/// with the file.
///
///     let file = try CorsikaReader(path: "DAT000001.zst")
///     while let shower = try file.nextEvent() {
///       while let rows = try file.nextRows() { use(shower, rows) }
///       print(file.eventEnd?.muons ?? 0)
///     }
///
/// Record markers, block names, header words and rows are checked, and at the end of an event the
/// number of its rows. Where sums of weights are not those that CORSIKA states, there is a warning.
/// A file that is cut gives its complete events before the error.
public final class CorsikaReader {
  public let runHeader: CorsikaRunHeader
  /// The event that is being read.
  public private(set) var event: CorsikaEventHeader?
  /// The end of the event that was read last.
  public private(set) var eventEnd: CorsikaEventEnd?
  /// What was strange about the events so far, one sentence each.
  public private(set) var warnings: [String] = []
  /// Events that were read to their end.
  public private(set) var eventCount = 0
  /// LONG sub-blocks that were passed.
  public private(set) var longitudinalBlockCount = 0

  /// Largest relative difference of sums of weights from what the end of the event says. Files
  /// differ in what counts as a hadron.
  private static let sumTolerance = 2e-3
  private static let hadronTolerance = 0.03

  private let records: CorsikaRecords
  private let rows: UnsafeMutablePointer<CorsikaParticle>
  private var isOver = false
  /// Whether rows of the event have ended with zeros.
  private var isPadded = false
  private var sums = EventSums()

  public var path: String { records.path }
  public var layout: CorsikaLayout { records.layout }
  /// Sub-blocks that were read.
  public var blockCount: Int { records.block }

  /// Opens a file and reads its run header.
  ///
  /// - Throws: `CorsikaError`.
  public init(path: String) throws(CorsikaError) {
    let records = try CorsikaRecords(path: path)
    guard let first = try records.next() else {
      throw CorsikaError(file: path, block: 1, .truncated(missing: "RUNH"))
    }
    runHeader = try CorsikaRunHeader(CorsikaWords(first), file: path, block: 1)
    self.records = records
    rows = .allocate(capacity: CorsikaLayout.rowsPerBlock)
  }

  deinit { rows.deallocate() }

  /// The header of the next event, nil after the last. What is left of the one before is passed
  /// over, and checked.
  ///
  /// - Throws: `CorsikaError`.
  public func nextEvent() throws(CorsikaError) -> CorsikaEventHeader? {
    while event != nil { _ = try nextRowBuffer() }
    guard !isOver else { return nil }
    guard let start = try records.next() else {
      throw error(.truncated(missing: "the end of the run (RUNE)"), at: records.block + 1)
    }
    switch block(at: start) {
    case .eventHeader:
      let header = try CorsikaEventHeader(
        CorsikaWords(start), file: path, block: records.block)
      (event, isPadded, sums) = (header, false, EventSums())
      return header
    case .runEnd:
      let words = CorsikaWords(start)
      isOver = true
      try checkEnd()
      guard words[3] == Float(eventCount) else {
        throw error(
          .inconsistent(
            quantity: "number of events", stated: words.number(3), found: Double(eventCount)))
      }
      return nil
    case let other: throw unexpected(other, start, instead: "EVTH or RUNE")
    }
  }

  /// Some rows of the event, additional information included, in the order of the file; nil at its
  /// end.
  ///
  /// - Throws: `CorsikaError`.
  public func nextRows() throws(CorsikaError) -> [CorsikaParticle]? {
    try nextRowBuffer().map(Array.init)
  }

  /// The same without a copy, valid until the next call.
  func nextRowBuffer() throws(CorsikaError) -> UnsafeBufferPointer<CorsikaParticle>? {
    guard let event else { return nil }
    while true {
      guard let start = try records.next() else {
        throw error(
          .truncated(missing: "the end of event \(event.event) (EVTE)"), at: records.block + 1)
      }
      switch block(at: start) {
      case nil:
        let count = try readRows(start, event)
        if count > 0 { return UnsafeBufferPointer(start: rows, count: count) }
      case .longitudinal: longitudinalBlockCount += 1
      case .eventEnd:
        let end = try CorsikaEventEnd(CorsikaWords(start), file: path, block: records.block)
        try check(event, end)
        warnOfSums(event, end)
        eventEnd = end
        eventCount += 1
        self.event = nil
        return nil
      case let other: throw unexpected(other, start, instead: "particles, LONG or EVTE")
      }
    }
  }

  // MARK: - Rows

  private func readRows(
    _ start: UnsafeRawPointer, _ event: CorsikaEventHeader
  ) throws(CorsikaError) -> Int {
    let (step, isThinned) = (layout.rowBytes, layout.isThinned)
    var sums = self.sums
    var count = 0
    for row in 0..<CorsikaLayout.rowsPerBlock {
      var words = start.loadUnaligned(fromByteOffset: row * step, as: SIMD8<Float>.self)
      if !isThinned { words[7] = 1 }
      if words[0] == 0 {
        isPadded = true
        break
      }
      guard !isPadded, Self.isParticle(words) else {
        throw invalid(words, row: row, count: count, event)
      }
      sums.add(words)
      rows[count] = CorsikaParticle(words: words)
      count += 1
    }
    self.sums = sums
    return count
  }

  /// Finite numbers, a whole number as description, and a weight that is none or at least 1.
  ///
  /// Rows of additional information may hold anything in their last word.
  @inline(__always) private static func isParticle(_ words: SIMD8<Float>) -> Bool {
    let description = words[0]
    // NaN and infinity times zero are not zero.
    guard (words * 0).sum() == 0, abs(description) < 1e9,
      description == description.rounded(.towardZero), abs(description) >= 1000,
      !(9.9e6..<1e7).contains(description)
    else { return false }
    return words[7] >= 0.99 || CorsikaParticle.kind(ofID: Int(description) / 1000) == .additional
  }

  private func invalid(
    _ words: SIMD8<Float>, row: Int, count: Int, _ event: CorsikaEventHeader
  ) -> CorsikaError {
    let found = "\(words[0]), \(words[1]), \(words[2]), ..., \(words[6]), \(words[7])"
    if isPadded {
      return error(.invalidParticle(row: row + 1, found: "it follows rows of zeros"))
    }
    // Files of both kinds of particles describe a bunch as 99e5 + 10 * size + 1.
    if (9.9e6..<1e7).contains(words[0]) {
      return error(.cherenkov(found: "a bunch of photons, \(words[0])"))
    }
    // Bunches of photons begin with their size, which is neither whole nor an id.
    let isFirst = sums.rows == 0 && sums.additional == 0 && count == 0
    if isFirst, event.hasCherenkov || (words[0] > 0 && words[0] < 1000) {
      return error(.cherenkov(found: "a bunch of \(words[0]) photons"))
    }
    return error(.invalidParticle(row: row + 1, found: found))
  }

  /// What the end of an event is compared with.
  private struct EventSums {
    var photons = 0.0
    var electrons = 0.0
    var hadrons = 0.0
    var muons = 0.0
    var rows = 0
    var additional = 0
    var hasNeutrinos = false

    @inline(__always) mutating func add(_ words: SIMD8<Float>) {
      let id = Int(words[0]) / 1000
      let weight = Double(words[7])
      rows += 1
      switch CorsikaParticle.kind(ofID: id) {
      case .photon: photons += weight
      case .electron: electrons += weight
      case .muon: muons += weight
      case .hadron:
        hadrons += weight
        if (66...69).contains(id) { hasNeutrinos = true }
      case .additional:
        rows -= 1
        additional += 1
      }
    }
  }

  // MARK: - Checks

  private func block(at start: UnsafeRawPointer) -> CorsikaBlock? {
    CorsikaBlock(
      code: UInt32(littleEndian: start.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
  }

  private func error(_ kind: CorsikaError.Kind, at block: Int? = nil) -> CorsikaError {
    CorsikaError(file: path, block: block ?? records.block, kind)
  }

  private func unexpected(
    _ block: CorsikaBlock?, _ start: UnsafeRawPointer, instead expected: String
  ) -> CorsikaError {
    let word = start.loadUnaligned(fromByteOffset: 0, as: Float.self)
    return error(
      .unexpectedBlock(
        found: block?.rawValue ?? "a block that begins with \(word)", expected: expected))
  }

  private func check(
    _ event: CorsikaEventHeader, _ end: CorsikaEventEnd
  ) throws(CorsikaError) {
    guard end.event == event.event else {
      throw error(
        .inconsistent(
          quantity: "number of the event that ends", stated: Double(end.event),
          found: Double(event.event)))
    }
    // Float holds whole numbers to 2^24.
    guard abs(Double(sums.rows - end.rowCount)) <= 1e-6 * Double(sums.rows) else {
      throw error(
        .inconsistent(
          quantity: "number of particles of event \(event.event)", stated: Double(end.rowCount),
          found: Double(sums.rows)))
    }
  }

  /// Sums of weights that are not those at the end of the event.
  private func warnOfSums(_ event: CorsikaEventHeader, _ end: CorsikaEventEnd) {
    // The file does not name the levels that the sums count.
    guard event.levels.count == 1 else { return }
    let written =
      end.written ?? (end.photons, end.electrons, end.hadrons, end.muons)
    func compare(_ what: String, _ stated: Double, _ found: Double, _ tolerance: Double) {
      guard abs(found - stated) > tolerance * max(stated, 1) else { return }
      warnings.append(
        "the \(what) of event \(event.event) have the weight \(found), "
          + "but CORSIKA states \(stated)")
    }
    compare("photons", written.photons, sums.photons, Self.sumTolerance)
    compare("electrons", written.electrons, sums.electrons, Self.sumTolerance)
    compare("muons", written.muons, sums.muons, Self.sumTolerance)
    let isAmongFirst = abs(sums.hadrons - end.hadrons) <= Self.hadronTolerance * end.hadrons
    if !sums.hasNeutrinos, !isAmongFirst {
      compare("hadrons", written.hadrons, sums.hadrons, Self.hadronTolerance)
    }
  }

  /// After RUNE only blocks of zeros fill the record.
  private func checkEnd() throws(CorsikaError) {
    while let start = try records.next() {
      guard start.loadUnaligned(fromByteOffset: 0, as: UInt32.self) == 0 else {
        throw unexpected(block(at: start), start, instead: "the end of the file")
      }
    }
  }
}
