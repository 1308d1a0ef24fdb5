/// Lists of stations as events of one array.
public struct JoinedStationLists: Sendable {
  /// That of the lists, or all stations of them.
  public let array: DetectorArray
  /// One a list.
  public let events: [JoinedEvent]

  /// An event of the array.
  public struct JoinedEvent: Sendable {
    public let id: Int
    /// Moment from which the times of the signals count [ns].
    public let timeOrigin: Double
    public let signals: [StationSignal]
    /// Indices of the stations that the list does not have.
    public let deadStations: [Int]
  }

  /// - Parameters:
  ///   - lists: of stations.
  ///   - given: array of all of them; nil to take the stations of the lists.
  ///   - name: of the array that is made of the lists.
  ///   - file: for messages.
  /// - Throws: `TableError` for a station that stands at two places.
  public init(
    _ lists: StationLists, of given: DetectorArray?, name: String, file: String
  ) throws(TableError) {
    let array: DetectorArray
    if let given {
      array = given
    } else {
      array = try Self.array(of: lists, name: name, file: file)
    }
    let indexOfID = array.indexOfStation
    self.array = array
    events = lists.events.map { list in
      let indices = list.array.stations.map { indexOfID[$0.id] ?? 0 }
      let own = Set(indices)
      return JoinedEvent(
        id: list.eventID, timeOrigin: list.timeOrigin,
        signals: list.signals.map { signal in
          var signal = signal
          signal.station = indices[signal.station]
          return signal
        },
        deadStations: array.stations.indices.filter { !own.contains($0) })
    }
  }

  /// All stations of the lists, by their numbers.
  private static func array(
    of lists: StationLists, name: String, file: String
  ) throws(TableError) -> DetectorArray {
    var known: [Int: Station] = [:]
    for list in lists.events {
      for station in list.array.stations {
        guard let other = known.updateValue(station, forKey: station.id) else { continue }
        guard other.position == station.position else {
          throw TableError(
            table: file,
            reason: "station \(station.id) stands elsewhere in event \(list.eventID) than before. "
              + "Give each place its own number, or fit the events by airshower fit")
        }
      }
    }
    let stations = known.values.sorted { $0.id < $1.id }
    let spacing = DetectorArray.usualDistance(stations.map(\.position)) ?? 1
    return DetectorArray(
      name: name, spacing: spacing > 0 ? spacing : 1, referenceAltitude: 0, stations: stations,
      hasGrid: false)
  }
}
