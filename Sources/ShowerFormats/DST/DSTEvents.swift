public import ShowerModel

/// Events of a DST file of the Telescope Array.
public final class DSTEvents: ForeignEvents {
  public static let formatName = "DST of the Telescope Array"
  public let array: DetectorArray
  public let sampleCount = WaveformBank.sampleCount
  public let isSimulated: Bool
  public var hasUTC: Bool { !isSimulated }
  public let methods = [ResultBanks.published, ResultBanks.combined]
  public private(set) var omissions: [String: Int] = [:]
  public var path: String { banks.path }
  public var bytesRead: Int { banks.input.bytesRead }
  public var byteCount: Int { banks.input.byteCount }

  private let banks: BankReader
  private let surveys: StationSurveys
  private let indexOfID: [Int: Int]
  private var ahead: RawEvent?

  /// Opens a file and reads its first event.
  ///
  /// - Parameters:
  ///   - path: of the file, plain or packed by gzip or bzip2.
  ///   - surveys: positions of the stations.
  /// - Throws: `FormatError`.
  public init(path: String, surveys: StationSurveys) throws(FormatError) {
    banks = BankReader(try PackedFile(path: path))
    self.surveys = surveys
    let first = try Self.nextRaw(banks)
    guard let first else {
      throw FormatError(
        path, "has no event with the bank rusdraw",
        remedy: "Give a file of the surface detector that holds waveforms")
    }
    ahead = first
    array = surveys.array(at: first.waveforms.second.seconds)
    isSimulated = first.truth != nil
    indexOfID = array.indexOfStation
  }

  public func next() throws(FormatError) -> ImportedEvent? {
    while let raw = try nextRaw() {
      if raw.waveforms.rows.isEmpty {
        omissions["events without waveforms", default: 0] += 1
        continue
      }
      return try imported(raw)
    }
    return nil
  }

  private func nextRaw() throws(FormatError) -> RawEvent? {
    if let raw = ahead.take() { return raw }
    return try Self.nextRaw(banks)
  }

  /// The banks of one event.
  private struct RawEvent {
    var waveforms: WaveformBank
    var truth: Bank?
    var geometry: Bank?
    var lateralDistribution: Bank?
    var place: BlockPlace
  }

  /// The next event that has waveforms, be it none of them, nil after the last.
  private static func nextRaw(_ reader: BankReader) throws(FormatError) -> RawEvent? {
    while true {
      var start: BlockPlace?
      var event: [DSTFormat.Bank: Bank] = [:]
      while true {
        guard let bank = try reader.next() else {
          if let start { throw reader.error("the file ends within an event", at: start) }
          return nil
        }
        guard let kind = DSTFormat.Bank(rawValue: bank.number) else { continue }
        if kind == .eventStop { break }
        if kind == .eventStart {
          (start, event) = (bank.place, [:])
        } else {
          event[kind] = bank
        }
      }
      guard let waveforms = event[.waveforms] else { continue }
      return RawEvent(
        waveforms: try WaveformBank(waveforms, path: reader.path), truth: event[.truth],
        geometry: event[.geometry], lateralDistribution: event[.lateralDistribution],
        place: waveforms.place)
    }
  }

  private func imported(_ raw: RawEvent) throws(FormatError) -> ImportedEvent {
    let waveforms = raw.waveforms
    guard surveys.array(at: waveforms.second.seconds).name == array.name else {
      throw FormatError(
        path,
        "event \(waveforms.eventNumber) has other positions of stations than those before "
          + "it: they were surveyed anew on 11 November 2008", at: "\(raw.place)",
        remedy: "Import the files before and after that date apart, or choose one --array")
    }
    guard (raw.truth != nil) == isSimulated else {
      throw FormatError(
        path,
        "event \(waveforms.eventNumber) is \(isSimulated ? "data" : "simulated"), "
          + "those before it are \(isSimulated ? "simulated" : "data")", at: "\(raw.place)",
        remedy: "Import data and simulation apart")
    }
    let clock = Double(waveforms.microsecond) * Units.microsecond
    var truth: Truth?
    if let bank = raw.truth { truth = try TruthBank.truth(bank, path: path, origin: clock) }
    let event = Event(
      id: waveforms.eventNumber, showerID: waveforms.eventNumber, time: clock,
      hits: waveforms.hits(indexOfID, omissions: &omissions), truth: truth,
      utc: isSimulated ? nil : waveforms.second)
    return ImportedEvent(
      event: event,
      results: try ResultBanks.results(
        geometry: raw.geometry, lateralDistribution: raw.lateralDistribution, path: path,
        second: waveforms.second, clock: clock))
  }
}
