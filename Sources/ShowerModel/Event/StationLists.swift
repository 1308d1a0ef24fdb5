internal import Foundation

/// Events given as lists of stations with time and signal: of another array, or published ones.
///
/// **CSV**: comma-separated values with a header line. Columns have names and any order: `event`
/// (or `event_id`; without it, all rows are one event), `id` (or `station_id`), `x`, `y`, `z` [m],
/// `t` [ns], `signal` [VEM], and optionally `sat` (1 for saturated). Other columns are ignored.
/// Comment lines begin with #. A station without t and signal is silent. Where an array is given,
/// positions are those of its stations, and x, y and z may be left out. Positions that can hardly
/// be metres need the line `# unit: m`.
///
/// **JSON**: a list of events, `[{"event": 1, "stations": [{"id": 3, "x": 0, ...}]}]`, or one of
/// them, with the same names. `"unit": "m"` stands beside `"stations"`.
public struct StationLists: Sendable, Equatable {
  /// In the order of the file.
  public let events: [StationList]

  /// - Parameters:
  ///   - text: CSV, or JSON where it begins with `[` or `{`.
  ///   - file: for messages.
  ///   - array: of the stations; nil for that of the file.
  /// - Throws: `TableError` with the line or the station at fault.
  public init(parsing text: String, file: String, array: DetectorArray? = nil) throws(TableError) {
    let first = text.first { !$0.isWhitespace }
    let (rows, hasUnit) =
      first == "[" || first == "{"
      ? try Self.jsonRows(text, file: file)
      : try Self.textRows(text, file: file, needsPositions: array == nil)
    guard !rows.isEmpty else { throw TableError(table: file, reason: "no stations") }
    if array == nil, !hasUnit { try Self.checkUnit(rows, file: file) }
    let indices = Dictionary(
      (array?.stations ?? []).enumerated().map { ($1.id, $0) }, uniquingKeysWith: { a, _ in a })
    var order: [Int] = []
    var rowsOfEvent: [Int: [StationList.Row]] = [:]
    for row in rows {
      if rowsOfEvent[row.eventID] == nil { order.append(row.eventID) }
      rowsOfEvent[row.eventID, default: []].append(row)
    }
    var events: [StationList] = []
    for id in order {
      guard let rows = rowsOfEvent[id] else { continue }
      events.append(try StationList(rows, of: array, indices, file: file))
    }
    self.events = events
  }

  /// Positions of all stations, once each.
  private static func checkUnit(_ rows: [StationList.Row], file: String) throws(TableError) {
    var positions: [Int: Position] = [:]
    for row in rows { positions[row.stationID] = row.position }
    let ordered = positions.sorted { $0.key < $1.key }.map(\.value)
    guard let reason = DetectorArray.reasonAgainstMetres(ordered) else { return }
    throw TableError(
      table: file, reason: reason + " by the line \"# unit: m\" (JSON: \"unit\": \"m\")")
  }

  // MARK: - CSV

  private static func textRows(
    _ text: String, file: String, needsPositions: Bool
  ) throws(TableError) -> (rows: [StationList.Row], hasUnit: Bool) {
    var columns: TextColumns?
    var rows: [StationList.Row] = []
    var hasUnit = false
    var number = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      if line.isEmpty { continue }
      if line.hasPrefix("#") {
        let words = line.dropFirst().split(separator: ":").map { $0.filter { $0 != " " } }
        if words == ["unit", "m"] { hasUnit = true }
        continue
      }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard let known = columns else {
        columns = try TextColumns(fields, file: file, line: number, needsPositions: needsPositions)
        continue
      }
      rows.append(try known.row(fields, file: file, line: number))
    }
    return (rows, hasUnit)
  }

  /// Where the columns of a text are.
  private struct TextColumns {
    private let count: Int
    private let (event, sat): (Int?, Int?)
    private let (id, time, signal): (Int, Int, Int)
    /// x, y and z.
    private let position: [Int]?

    init(
      _ header: [Substring], file: String, line: Int, needsPositions: Bool
    ) throws(TableError) {
      func index(_ names: String...) -> Int? {
        names.compactMap { header.firstIndex(of: Substring($0)) }.first
      }
      func needed(_ names: String...) throws(TableError) -> Int {
        for name in names {
          if let index = index(name) { return index }
        }
        throw TableError(
          table: file, line: line,
          reason: "no column \"\(names[0])\"; the header must name id, x, y, z [m], t [ns], "
            + "signal [VEM]")
      }
      count = header.count
      (event, sat) = (index("event", "event_id"), index("sat"))
      id = try needed("id", "station_id")
      position =
        needsPositions ? [try needed("x"), try needed("y"), try needed("z")] : nil
      (time, signal) = (try needed("t"), try needed("signal"))
    }

    func row(
      _ fields: [Substring], file: String, line: Int
    ) throws(TableError) -> StationList.Row {
      func fail(_ reason: String) -> TableError {
        TableError(table: file, line: line, reason: reason)
      }
      guard fields.count == count else {
        throw fail("\(fields.count) values for \(count) columns")
      }
      func value(_ name: String, _ index: Int) throws(TableError) -> Double {
        guard let value = Double(fields[index]), value.isFinite else {
          throw fail("\(name) is not a number: \"\(fields[index])\"")
        }
        return value
      }
      func whole(_ name: String, _ index: Int) throws(TableError) -> Int {
        guard let value = Int(fields[index]) else {
          throw fail("\(name) is not a whole number: \"\(fields[index])\"")
        }
        return value
      }
      var row = StationList.Row(
        eventID: try event.map { (index) throws(TableError) in try whole("event", index) } ?? 0,
        stationID: try whole("id", id), place: .line(line))
      if let position {
        row.position = Position(
          try value("x", position[0]), try value("y", position[1]), try value("z", position[2]))
      }
      if fields[time] != "" || fields[signal] != "" {
        row.measured = (try value("t", time), try value("signal", signal))
        row.isSaturated = sat.map { ["1", "true"].contains(fields[$0]) } ?? false
      }
      return row
    }
  }

  // MARK: - JSON

  private struct JSONEvent: Decodable {
    var event: Int?
    var eventID: Int?
    var unit: String?
    var stations: [JSONStation]

    enum CodingKeys: String, CodingKey {
      case event, unit, stations
      case eventID = "event_id"
    }
  }

  private struct JSONStation: Decodable {
    var id: Int?
    var stationID: Int?
    var x: Double?
    var y: Double?
    var z: Double?
    var t: Double?
    var signal: Double?
    var sat: Int?

    enum CodingKeys: String, CodingKey {
      case id, x, y, z, t, signal, sat
      case stationID = "station_id"
    }
  }

  private static func jsonRows(
    _ text: String, file: String
  ) throws(TableError) -> (rows: [StationList.Row], hasUnit: Bool) {
    let events: [JSONEvent]
    do {
      let data = Data(text.utf8)
      events =
        text.first { !$0.isWhitespace } == "["
        ? try JSONDecoder().decode([JSONEvent].self, from: data)
        : [try JSONDecoder().decode(JSONEvent.self, from: data)]
    } catch {
      throw TableError(table: file, reason: "no list of events in JSON: \(Self.reason(error))")
    }
    var rows: [StationList.Row] = []
    for (number, event) in events.enumerated() {
      let eventID = event.event ?? event.eventID ?? number
      for (index, station) in event.stations.enumerated() {
        let place = StationList.RowPlace.named("event \(eventID), station number \(index)")
        guard let id = station.id ?? station.stationID else {
          throw place.error("no id", file: file)
        }
        var row = StationList.Row(eventID: eventID, stationID: id, place: place)
        if let x = station.x, let y = station.y, let z = station.z {
          row.position = Position(x, y, z)
        }
        switch (station.t, station.signal) {
        case (nil, nil): break
        case (let time?, let signal?): row.measured = (time, signal)
        default: throw place.error("t and signal must both be there, or neither", file: file)
        }
        row.isSaturated = station.sat == 1
        rows.append(row)
      }
    }
    return (rows, !events.isEmpty && events.allSatisfy { $0.unit == "m" })
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let context: DecodingError.Context =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .keyNotFound(_, let context), .dataCorrupted(let context):
        context
      @unknown default: DecodingError.Context(codingPath: [], debugDescription: "\(error)")
      }
    let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    return (path.isEmpty ? "" : path.joined(separator: ".") + ": ") + context.debugDescription
  }
}
