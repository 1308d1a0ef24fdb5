import ShowerModel
import ShowerReport
import ShowerStore
import StandardReconstruction

/// Reads events of a file for a page.
struct BrowsedEvents {
  /// One event: its row of the table, and what the page draws.
  struct Item {
    let values: [Double]
    let line: String
  }

  /// Of the table.
  var columns: [EventQuantity] { entries.map(\.quantity) }

  private let reader: EventFileReader
  private let entries: [EventQuantities.Entry]
  private let waveforms: WaveformExtent
  private let lateralDistribution: LateralDistribution
  private let front: ShowerFront

  init(
    _ reader: EventFileReader, _ selection: EventSelection, waveforms: WaveformExtent
  ) throws {
    self.reader = reader
    self.waveforms = waveforms
    lateralDistribution = try reader.fittedLateralDistribution()
    front = try reader.fittedFront()
    let quantities = selection.quantities
    var places = Self.columnNames(reader).compactMap(quantities.index)
    // What the user asked about is worth a column.
    places += selection.named.filter { !places.contains($0) }
    entries = places.map { quantities.entries[$0] }
  }

  private static func columnNames(_ reader: EventFileReader) -> [String] {
    let truth = ["angleError", "energyError", "energyPull"]
    return
      ["event", "energy", "zenith", "azimuth", "stations", "status", "cut", "reducedChi2"] + truth
      + reader.reconstructionNames.flatMap { name in
        ["energy", "energyShift", "angleShift"].map { "\(name).\($0)" }
          + truth.map { "\(name).\($0)" }
          + (reader.identity(of: name).kind.isNetwork ? ["\(name).fallback"] : [])
      } + ["trueEnergy", "primary"]
  }

  /// Rows in order, divided so that each part is read at once: at most `longest` rows of the file.
  static func chunks(of rows: [Int], longest: Int = 128) -> [[Int]] {
    var chunks: [[Int]] = []
    for row in rows {
      if let last = chunks.last, row - last[0] < longest, row - last[last.count - 1] < 8 {
        chunks[chunks.count - 1].append(row)
      } else {
        chunks.append([row])
      }
    }
    return chunks
  }

  /// Values of the table of a range of rows [row][column].
  func values(_ rows: Range<Int>) throws -> [[Double]] {
    try EventRow.rows(of: reader, rows).map { row in entries.map { $0.value(row) } }
  }

  /// Some events, whose rows are near each other.
  func read(_ rows: [Int]) throws -> [Item] {
    guard let first = rows.first, let last = rows.last else { return [] }
    let range = first..<last + 1
    let events = try reader.reconstructedEvents(range, waveforms: waveforms != .none)
    let known = try EventRow.rows(of: reader, range)
    return rows.map { row in
      let (event, values) = (events[row - first], known[row - first])
      let picture = EventPicture(
        event, array: reader.array, lateralDistribution: lateralDistribution, front: front,
        silentDistance: FitConfiguration().silentDistance)
      return Item(
        values: entries.map { $0.value(values) },
        line: BrowserEvent(picture: picture, methods: values.methods, waveforms: waveforms).json)
    }
  }
}
