/// The stations of one event from a text table, as published events are given.
public struct StationList: Sendable, Equatable {
  /// The stations in the order of the table.
  public let array: DetectorArray
  /// Those with a signal; the others are alive and silent.
  public let signals: [StationSignal]
  /// Subtracted from all times of the table [ns]: the earliest of them.
  public let timeOrigin: Double

  /// A table of comma-separated values with a header line.
  ///
  /// Columns have names and any order: id, x, y, z [m], t [ns], signal [VEM], and optionally sat (1
  /// for saturated). Other columns are ignored. Comment lines begin with #. A station without t and
  /// signal is silent.
  /// - Throws: `TableError` with the line at fault.
  public init(parsing text: String, file: String) throws(TableError) {
    var header: [Substring] = []
    var stations: [Station] = []
    var rows: [(station: Int, time: Double, signal: Double, isSaturated: Bool)] = []
    for (number, line) in text.split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated() {
      func fail(_ reason: String) -> TableError {
        TableError(table: file, line: number + 1, reason: reason)
      }
      if line.isEmpty || line.hasPrefix("#") { continue }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      if header.isEmpty {
        header = fields
        for name in ["id", "x", "y", "z", "t", "signal"] where !header.contains(Substring(name)) {
          throw fail(
            "no column \"\(name)\"; the header must name id, x, y, z [m], t [ns], signal [VEM]")
        }
        continue
      }
      guard fields.count == header.count else {
        throw fail("\(fields.count) values for \(header.count) columns")
      }
      func text(_ name: String) -> Substring? {
        header.firstIndex(of: Substring(name)).map { fields[$0] }
      }
      func value(_ name: String) throws(TableError) -> Double {
        guard let value = text(name).flatMap({ Double($0) }), value.isFinite else {
          throw fail("\(name) is not a number: \"\(text(name) ?? "")\"")
        }
        return value
      }
      guard let id = text("id").flatMap({ Int($0) }) else {
        throw fail("id is not a whole number: \"\(text("id") ?? "")\"")
      }
      guard !stations.contains(where: { $0.id == id }) else {
        throw fail("station \(id) appears twice")
      }
      let position = Position(try value("x"), try value("y"), try value("z"))
      if text("t") != "" || text("signal") != "" {
        rows.append(
          (
            stations.count, try value("t"), try value("signal"),
            ["1", "true"].contains(text("sat") ?? "")
          ))
      }
      stations.append(Station(id: id, column: stations.count, row: 0, position: position))
    }
    guard !stations.isEmpty else { throw TableError(table: file, reason: "no stations") }
    array = DetectorArray(name: file, spacing: 1, referenceAltitude: 0, stations: stations)
    let origin = rows.map(\.time).min() ?? 0
    timeOrigin = origin
    signals = rows.map {
      StationSignal(
        station: $0.station, time: $0.time - origin, timeError: 0, upper: $0.signal,
        lower: $0.signal, windowCount: 1, isSaturated: $0.isSaturated)
    }
  }
}
