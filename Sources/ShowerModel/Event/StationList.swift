/// The stations of one event from a table, as published events are given.
public struct StationList: Sendable, Equatable {
  /// Number of the event in the table; 0 in a table of one event without numbers.
  public let eventID: Int
  /// The stations in the order of the table, or those of an array that was given.
  public let array: DetectorArray
  /// Those with a signal; the others are alive and silent.
  public let signals: [StationSignal]
  /// Subtracted from all times of the table [ns]: the earliest of them.
  public let timeOrigin: Double

  /// One row of a table: a station in an event.
  struct Row {
    var eventID: Int
    var stationID: Int
    /// Nil where the table leaves positions to an array.
    var position: Position?
    /// Time [ns] and signal [VEM]; nil for a silent station.
    var measured: (time: Double, signal: Double)?
    var isSaturated = false
    /// Where it is, for messages.
    var place: RowPlace
  }

  /// A line of a text, a row of columns, or a station of an event.
  enum RowPlace {
    case line(Int)
    case row(Int)
    case named(String)

    func error(_ reason: String, file: String) -> TableError {
      switch self {
      case .line(let number): TableError(table: file, line: number, reason: reason)
      case .row(let number): TableError(table: file, reason: "row \(number): \(reason)")
      case .named(let text): TableError(table: file, reason: "\(text): \(reason)")
      }
    }
  }

  /// A table of one event: comma-separated values with a header line, as `StationLists` reads.
  ///
  /// - Throws: `TableError` with the line at fault, also for a table of several events.
  public init(parsing text: String, file: String) throws(TableError) {
    let lists = try StationLists(parsing: text, file: file)
    guard let list = lists.events.first, lists.events.count == 1 else {
      throw TableError(
        table: file, reason: lists.events.isEmpty ? "no stations" : "more than one event")
    }
    self = list
  }

  /// From the rows of one event, at least one.
  ///
  /// - Parameters:
  ///   - rows: of the event.
  ///   - known: array of the stations; nil for that of the rows.
  ///   - indices: of its stations by their numbers.
  ///   - file: for messages.
  /// - Throws: `TableError` with the row at fault.
  init(
    _ rows: ArraySlice<Row>, of known: DetectorArray?, _ indices: [Int: Int], file: String
  ) throws(TableError) {
    eventID = rows[rows.startIndex].eventID
    var stations: [Station] = []
    var places: [Int: Int] = [:]
    var hits: [(index: Int, time: Double, signal: Double, isSaturated: Bool)] = []
    for row in rows {
      guard places.updateValue(stations.count, forKey: row.stationID) == nil else {
        throw row.place.error("station \(row.stationID) appears twice", file: file)
      }
      let index: Int
      if let known {
        guard let found = indices[row.stationID] else {
          throw row.place.error(
            "station \(row.stationID) is unknown to the array \(known.name)", file: file)
        }
        index = found
      } else {
        guard let position = row.position else {
          throw row.place.error(
            "station \(row.stationID) has no position. Give x, y and z, or --array", file: file)
        }
        index = stations.count
        stations.append(Station(id: row.stationID, position: position))
      }
      if let measured = row.measured {
        hits.append((index, measured.time, measured.signal, row.isSaturated))
      }
    }
    let spacing = DetectorArray.usualDistance(stations.map(\.position)) ?? 1
    array =
      known
      ?? DetectorArray(
        name: file, spacing: spacing > 0 ? spacing : 1, referenceAltitude: 0, stations: stations,
        hasGrid: false)
    let (origin, detector) = (hits.map(\.time).min() ?? 0, array.detector)
    timeOrigin = origin
    signals = hits.map {
      StationSignal(
        station: $0.index, time: $0.time - origin, timeError: 0, upper: $0.signal,
        lower: detector.layerCount == 2 ? $0.signal : .nan, area: detector.stationArea,
        badLayers: detector.absentLayers, windowCount: 1, isSaturated: $0.isSaturated)
    }
  }
}
