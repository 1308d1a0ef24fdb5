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
      : try StationListText(file: file, needsPositions: array == nil).rows(of: text)
    try self.init(rows, hasUnit: hasUnit, file: file, array: array)
  }

  /// - Parameters:
  ///   - columns: a row a station of an event, the events in any order.
  ///   - file: for messages.
  ///   - array: of the stations; nil for that of the columns.
  /// - Throws: `TableError` with the row at fault.
  public init(
    _ columns: StationColumns, file: String, array: DetectorArray? = nil
  ) throws(TableError) {
    try self.init(
      try columns.rows(file: file, needsPositions: array == nil), hasUnit: columns.hasUnit,
      file: file, array: array)
  }

  private init(
    _ rows: [StationList.Row], hasUnit: Bool, file: String, array: DetectorArray?
  ) throws(TableError) {
    guard !rows.isEmpty else { throw TableError(table: file, reason: "no stations") }
    if array == nil, !hasUnit { try Self.checkUnit(rows, file: file) }
    let indices = array?.indexOfStation ?? [:]
    var order: [Int] = []
    var rangesOfEvent: [Int: [Range<Int>]] = [:]
    // Rows of an event usually follow each other.
    var start = 0
    for index in rows.indices
    where index + 1 == rows.count || rows[index + 1].eventID != rows[start].eventID {
      let id = rows[start].eventID
      if rangesOfEvent[id] == nil { order.append(id) }
      rangesOfEvent[id, default: []].append(start..<index + 1)
      start = index + 1
    }
    var events: [StationList] = []
    events.reserveCapacity(order.count)
    for id in order {
      let ranges = rangesOfEvent[id] ?? []
      let own = ranges.count == 1 ? rows[ranges[0]] : ranges.flatMap { rows[$0] }[...]
      events.append(try StationList(own, of: array, indices, file: file))
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
