public import ShowerModel
internal import ShowerStore

/// Events of the HDF5 files that the Python package dstparser makes of DST files.
///
/// There are two forms: tiles of stations around the largest signal, and flat arrays with offsets.
/// Both hold only hits that the experiment's pattern recognition kept. Samples are counts over the
/// counts of a VEM, pedestal included. Times are onsets relative to the earliest hit.
/// Source: github.com/TA-DNN/dstparser, its adapters `dst_adapter` and `dst_adapter_vlen`.
public final class DSTParserEvents: ForeignEvents {
  public static let formatName = "HDF5 of dstparser"
  public var path: String { file.path }
  public let array: DetectorArray
  public let sampleCount = WaveformBank.sampleCount
  public let isSimulated: Bool
  public var hasUTC: Bool { !isSimulated }
  public let methods = [ResultBanks.published, ResultBanks.combined]
  public private(set) var omissions: [String: Int] = [:]
  public let byteCount: Int
  public var bytesRead: Int { blocks.bytesRead(of: byteCount) }

  private let file: NumberFile
  private let form: any DSTParserForm
  private let showers: DSTParserShowers
  private let indexOfID: [Int: Int]
  private var blocks: BlockwiseEvents

  /// Whether an HDF5 file is one of dstparser.
  static func isForm(_ file: NumberFile) throws(StoreError) -> Bool {
    if try file.shape(of: "detector_states") != nil { return true }
    return try file.shape(of: "hit_offsets") != nil
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - file: open for reading.
  ///   - surveys: positions of the stations.
  /// - Throws: `FormatError`.
  init(_ file: NumberFile, surveys: StationSurveys) throws(FormatError) {
    self.file = file
    byteCount = try PackedFile(path: file.path).byteCount
    do throws(StoreError) {
      let isFlat = try file.shape(of: "hit_offsets") != nil
      let form: any DSTParserForm = isFlat ? DSTParserHits(file) : DSTParserTiles(file)
      let eventCount = try form.eventCount()
      blocks = BlockwiseEvents(count: eventCount)
      self.form = form
      isSimulated = eventCount > 0 ? try DSTParserShowers.areSimulated(in: file) : false
      showers = try DSTParserShowers(file, form, eventCount: eventCount, isSimulated: isSimulated)
      let second = eventCount > 0 ? try showers.firstSecond : nil
      array = surveys.array(at: second?.seconds ?? .max)
    } catch {
      throw FormatError(error)
    }
    indexOfID = array.indexOfStation
  }

  public func next() throws(FormatError) -> ImportedEvent? {
    try blocks.next { (rows) throws(StoreError) in try events(rows) }
  }

  private func events(_ rows: Range<Int>) throws(StoreError) -> [ImportedEvent] {
    let content = try form.events(rows, array: array)
    let showers = try showers.rows(rows, content.map(\.centre), array: array)
    return zip(rows, zip(content, showers)).map { number, known in
      let (stations, shower) = known
      let hits = stations.hits.flatMap { self.hits(of: $0) }
      return ImportedEvent(
        event: Event(
          id: number, showerID: number, time: shower.nanoseconds,
          hits: hits.sorted { ($0.station, $0.windowStart) < ($1.station, $1.windowStart) },
          deadStations: stations.dead.compactMap { indexOfID[$0] }.sorted(), truth: shower.truth,
          utc: isSimulated ? nil : shower.second),
        results: shower.results)
    }
  }

  private func hits(of hit: DSTParserHit) -> [Hit] {
    guard let station = indexOfID[hit.stationID] else {
      omissions["hits of stations that the array has not", default: 0] += 1
      return []
    }
    guard hit.hasTime else {
      omissions["hits without a time", default: 0] += 1
      return []
    }
    if hit.foldCount > hit.windowCount {
      omissions["windows of long readouts, of which the tiles hold the first one", default: 0] +=
        hit.foldCount - hit.windowCount
    }
    return hit.hits(of: station)
  }
}

/// One of the two forms of the files.
protocol DSTParserForm {
  /// Unit of length of the cores of truth and of the published fit, and of the other fit [m].
  func coreUnits(_ array: DetectorArray) -> (truth: Double, published: Double, combined: Double)

  /// - Throws: `StoreError` for a file that lacks something.
  func eventCount() throws(StoreError) -> Int

  /// - Throws: `StoreError` for numbers that cannot be.
  func events(_ rows: Range<Int>, array: DetectorArray) throws(StoreError) -> [DSTParserStations]
}

/// The stations of one event.
struct DSTParserStations {
  var hits: [DSTParserHit] = []
  /// Numbers of stations that did not work.
  var dead: [Int] = []
  /// Station at the centre of the tile, from which the cores count; zero in flat arrays [m].
  var centre = SIMD2(0.0, 0.0)
}
