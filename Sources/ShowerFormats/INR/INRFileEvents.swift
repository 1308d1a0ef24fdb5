public import ShowerModel
internal import ShowerStore

/// Events of the HDF5 files of the INR group, the authors of the network paper.
///
/// Samples are in VEM; the counts of which they were made are found again. The file holds only
/// stations that are in the fit, and no dates: positions are those of the newest survey.
public final class INRFileEvents: ForeignEvents {
  public static let formatName = "HDF5 of INR"
  public let path: String
  public let array: DetectorArray
  public let sampleCount = WaveformBank.sampleCount
  public let isSimulated: Bool
  public let hasUTC = false
  public let methods = INRFit.all.map(\.method)
  public private(set) var omissions: [String: Int] = [:]
  public let byteCount: Int
  public var bytesRead: Int { blocks.bytesRead(of: byteCount) }

  private let file: NumberFile
  private let fits: [INRFit]
  private let indexOfID: [Int: Int]
  private let hitCount: Int
  private var blocks: BlockwiseEvents

  /// Times above it [us] have crossed a second.
  private static let crossed = 0.9e5

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - file: open for reading.
  ///   - surveys: positions of the stations.
  /// - Throws: `FormatError`.
  init(_ file: NumberFile, surveys: StationSurveys) throws(FormatError) {
    (self.file, path) = (file, file.path)
    byteCount = try PackedFile(path: path).byteCount
    array = surveys.array(at: .max)
    indexOfID = array.indexOfStation
    do {
      guard let starts = try file.shape(of: "ev_starts"), starts.count == 1, starts[0] > 0 else {
        throw FormatError(
          path, "is an HDF5 file of no kind that import reads",
          remedy: "Give a file of INR, with the data sets ev_starts and dt_wfs, or one of dstparser"
        )
      }
      let waveforms = try file.shape(of: "dt_wfs") ?? []
      guard waveforms.count == 3, waveforms[1] == WaveformBank.sampleCount, waveforms[2] == 2
      else {
        throw FormatError(
          path, "its waveforms have the shape \(waveforms), not [hits, 128, 2]", at: "/dt_wfs",
          remedy: "Give a file of INR")
      }
      let eventCount = starts[0] - 1
      blocks = BlockwiseEvents(count: eventCount)
      hitCount = waveforms[0]
      isSimulated = try file.shape(of: "mc_params") != nil
      for (name, shape) in [
        ("dt_params", [hitCount, 6]), ("dt_ids", [hitCount]), ("mc_params", [eventCount, 10]),
      ] where name != "mc_params" || isSimulated {
        let found = try file.shape(of: name) ?? []
        guard found == shape else {
          throw FormatError(
            path, "has the shape \(found), not \(shape)", at: "/\(name)",
            remedy: "Give a file of INR")
        }
      }
      fits = try INRFit.all.filter { try $0.isIn(file, eventCount: eventCount) }
    } catch let error as StoreError {
      throw FormatError(error)
    } catch let error as FormatError {
      throw error
    } catch {
      throw FormatError(path, "\(error)", remedy: FormatError.copyAgain)
    }
  }

  public func next() throws(FormatError) -> ImportedEvent? {
    try blocks.next { (rows) throws(StoreError) in try events(rows) }
  }

  private func events(_ rows: Range<Int>) throws(StoreError) -> [ImportedEvent] {
    let starts = try file.values(rows.lowerBound..<rows.upperBound + 1, of: "ev_starts")
      .map { Int(exactly: $0) ?? -1 }
    for (index, (start, end)) in zip(starts, starts.dropFirst()).enumerated()
    where start < 0 || end < start || end > hitCount {
      throw .damaged(
        file: path, place: "/ev_starts",
        reason: "event \(rows.lowerBound + index) has the hits \(start) to \(end) of \(hitCount)")
    }
    let hits = starts[0]..<(starts.last ?? starts[0])
    let stations = try file.values(hits, of: "dt_ids")
    let params = try file.values(hits, of: "dt_params")
    let waveforms = try file.values(hits, of: "dt_wfs")
    let truths = isSimulated ? try file.values(rows, of: "mc_params") : []
    let results = try fits.map { fit throws(StoreError) in try fit.results(rows, in: file) }
    var events: [ImportedEvent] = []
    for index in rows.indices.map({ $0 - rows.lowerBound }) {
      let own = (starts[index]..<starts[index + 1]).map { $0 - hits.lowerBound }
      let found = own.compactMap { hit(stations[$0], params, waveforms, $0) }
      let number = rows.lowerBound + index
      events.append(
        ImportedEvent(
          event: Event(
            id: number, showerID: number,
            hits: found.sorted { ($0.station, $0.windowStart) < ($1.station, $1.windowStart) },
            truth: isSimulated
              ? try truth(truths[10 * index..<10 * index + 10], event: number) : nil),
          results: Dictionary(
            zip(fits, results).map { ($0.method.name, $1[index]) }, uniquingKeysWith: { a, _ in a })
        ))
    }
    return events
  }

  private func hit(
    _ id: Double, _ params: [Double], _ waveforms: [Double], _ row: Int
  ) -> Hit? {
    guard let number = Int(exactly: id), let station = indexOfID[number] else {
      omissions["windows of stations that the array has not", default: 0] += 1
      return nil
    }
    let (plane, delay) = (params[6 * row + 4], params[6 * row + 5])
    let start = plane + (delay > Self.crossed ? delay - 1e6 : delay)
    guard abs(start) < 1e6 else {
      omissions["windows without a time", default: 0] += 1
      return nil
    }
    let length = WaveformBank.sampleCount
    func layer(_ number: Int) -> Waveform {
      Waveform(vem: (0..<length).map { waveforms[(row * length + $0) * 2 + number] })
    }
    return Hit(
      station: station, windowStart: start * Units.microsecond, upper: layer(1), lower: layer(0))
  }

  private func truth(_ row: ArraySlice<Double>, event: Int) throws(StoreError) -> Truth {
    let values = Array(row)
    let code = TruthBank.particles.first { Double($0.code) == values[1] }
    guard let primary = code?.primary else {
      throw .damaged(
        file: path, place: "/mc_params", reason: "event \(event) has the particle \(values[1])")
    }
    return Truth(
      shower: INRTextRecord.shower(
        values[4], values[5], values[7], values[8],
        energy: values[3] * (primary == .photon ? 1 : INRTextRecord.energyScale)),
      primary: primary, xmax: .nan, muonScale: .nan)
  }
}

extension FormatError {
  /// What HDF5 said of a file.
  init(_ error: StoreError) {
    let text = error.description.dropFirst(error.file.count + 2)
    self.init(
      error.file, String(text.hasSuffix(".") ? text.dropLast() : text), remedy: "Check the file")
  }
}
