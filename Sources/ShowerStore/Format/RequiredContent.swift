internal import ShowerModel

/// What the parts that every event file needs must hold, for messages.
extension EventFormat {
  /// What a group or column must hold, by its path; nil for another one.
  static func meaning(of place: String) -> String? {
    switch place {
    case "/array": "a row a station, with the columns station_id, x, y and z [m]"
    case "/events": "a row an event, with the columns event_id, time [ns], first_hit and hit_count"
    case "/hits":
      "a row a readout window, with the columns station_id, window_start [ns], waveform and the "
        + "calibration of each layer"
    default: meanings[place]
    }
  }

  private static let meanings: [String: String] = {
    var meanings: [String: String] = [:]
    func add(_ group: String, _ name: String, _ description: String, _ unit: String) {
      meanings["/\(group)/\(name)"] = unit == "1" ? description : "\(description) [\(unit)]"
    }
    for label in [eventID, eventTime, firstHit, hitCount, firstDead, deadCount] {
      add("events", label.name, label.description, label.unit)
    }
    for label in [stationID, waveform] { add("hits", label.name, label.description, label.unit) }
    for column in Hit.columns(layers: 2) {
      add("hits", column.name, column.description, column.unit)
    }
    for column in StoredArray.columns {
      add("array", column.name, column.description, column.unit)
    }
    add("dead_stations", stationID.name, stationID.description, stationID.unit)
    return meanings
  }()
}

extension EventFileReader {
  /// Checks that no two events own the same hits.
  ///
  /// - Returns: how many events have the number of an earlier one.
  /// - Throws: `.damaged` with the numbers of two events that share hits.
  public func checkEvents() throws(StoreError) -> Int {
    let ids = try eventIDs(0..<eventCount)
    let (starts, counts) = (
      try eventTables.hitPointers.first.read(0..<eventCount),
      try eventTables.hitPointers.count.read(0..<eventCount)
    )
    var ordered = ids.indices.filter { counts[$0] > 0 }
    let isInOrder = zip(ordered, ordered.dropFirst()).allSatisfy { starts[$0] <= starts[$1] }
    if !isInOrder { ordered.sort { starts[$0] < starts[$1] } }
    for (a, b) in zip(ordered, ordered.dropFirst()) {
      // Numbers of a damaged file may lie anywhere.
      let (gap, isHuge) = starts[b].subtractingReportingOverflow(starts[a])
      guard !isHuge, gap < counts[a] else { continue }
      throw context.damaged(
        "/events/first_hit", "the events \(ids[a]) and \(ids[b]) share row \(starts[b]) of /hits")
    }
    return ids.count - Set(ids).count
  }
}
