public import ShowerModel

/// Events that the INR fit of the Telescope Array prints with its option -ML.
///
/// Samples are in VEM; the counts of which they were made are found again. The text holds only
/// stations that are in the fit.
public final class INRTextEvents: ForeignEvents {
  public static let formatName = "text of the INR fit"
  public let array: DetectorArray
  public let sampleCount = WaveformBank.sampleCount
  public let isSimulated: Bool
  public var hasUTC: Bool { !isSimulated }
  public let methods = INRFit.all.map(\.method)
  public private(set) var omissions: [String: Int] = [:]
  public var path: String { lines.input.path }
  public var bytesRead: Int { lines.input.bytesRead }
  public var byteCount: Int { lines.input.byteCount }

  private let lines: LineReader
  private let surveys: StationSurveys
  private let indexOfID: [Int: Int]
  private var ahead: INRTextRecord?
  /// The line ML that begins the record after `ahead`.
  private var nextHead: Substring?
  private var count = 0

  /// Opens a file and reads its first event.
  ///
  /// - Throws: `FormatError`.
  public init(path: String, surveys: StationSurveys) throws(FormatError) {
    lines = LineReader(try PackedFile(path: path))
    self.surveys = surveys
    let start = try Self.record(lines, head: nil)
    guard let first = start.record else {
      throw FormatError(path, "has no line ML", remedy: "Run the INR fit with its option -ML")
    }
    (ahead, nextHead) = (first, start.nextHead)
    array = surveys.array(at: first.second.seconds)
    isSimulated = first.truth != nil
    indexOfID = array.indexOfStation
  }

  /// Whether a file begins as such a text does.
  static func mayBegin(_ start: [UInt8]) -> Bool {
    ["ML ", "MLG ", "MLX ", "MCEV "].contains { start.starts(with: Array($0.utf8)) }
  }

  public func next() throws(FormatError) -> ImportedEvent? {
    guard let record = try nextRecord() else { return nil }
    defer { count += 1 }
    guard (record.truth != nil) == isSimulated, surveys.array(at: record.second.seconds) == array
    else {
      throw FormatError(
        path,
        "an event that is not like the first: data among simulation, or positions of "
          + "stations of another survey", at: "line \(record.line)", remedy: "Import them apart")
    }
    let number = record.number ?? count
    let event = Event(
      id: number, showerID: number, time: record.fraction,
      hits: record.hits(indexOfID, omissions: &omissions), truth: record.truth,
      utc: isSimulated ? nil : record.second)
    var results: [String: Reconstruction] = [:]
    for (method, result) in zip(methods, [record.published, record.joint]) {
      if let result { results[method.name] = result }
    }
    return ImportedEvent(event: event, results: results)
  }

  private func nextRecord() throws(FormatError) -> INRTextRecord? {
    if let record = ahead.take() { return record }
    guard let head = nextHead else { return nil }
    let next = try Self.record(lines, head: head)
    nextHead = next.nextHead
    return next.record
  }

  /// The lines of one event, from its line ML to the one of the next event.
  private static func record(
    _ lines: LineReader, head: Substring?
  ) throws(FormatError) -> (record: INRTextRecord?, nextHead: Substring?) {
    var record: INRTextRecord?
    if let head {
      record = try INRTextRecord(INRLine(head, number: lines.number, path: lines.input.path))
    }
    while let text = try lines.next() {
      let line = INRLine(text, number: lines.number, path: lines.input.path)
      if line.kind == "ML" {
        if record != nil { return (record, text) }
        record = try INRTextRecord(line)
      } else {
        try record?.add(line)
      }
    }
    return (record, nil)
  }
}
