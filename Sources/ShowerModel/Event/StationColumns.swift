/// Stations with time and signal as columns, a row a station of an event.
public struct StationColumns: Sendable, Equatable {
  public var eventIDs: [Int]
  public var stationIDs: [Int]
  /// Empty where positions are those of an array.
  public var positions: [Position]
  /// [ns]; NaN for a silent station, as its signal.
  public var times: [Double]
  /// [VEM].
  public var signals: [Double]
  /// Whether each station is saturated; empty for none.
  public var saturated: [Bool]
  /// Whether the file states that positions are metres.
  public var hasUnit: Bool

  public init(
    eventIDs: [Int], stationIDs: [Int], positions: [Position], times: [Double],
    signals: [Double], saturated: [Bool] = [], hasUnit: Bool = false
  ) {
    self.eventIDs = eventIDs
    self.stationIDs = stationIDs
    self.positions = positions
    self.times = times
    self.signals = signals
    self.saturated = saturated
    self.hasUnit = hasUnit
  }

  /// The same as rows, counted from 0 in messages.
  func rows(file: String, needsPositions: Bool) throws(TableError) -> [StationList.Row] {
    let count = eventIDs.count
    guard [stationIDs.count, times.count, signals.count].allSatisfy({ $0 == count }),
      positions.isEmpty || positions.count == count, saturated.isEmpty || saturated.count == count
    else { throw TableError(table: file, reason: "its columns have different lengths") }
    var rows: [StationList.Row] = []
    rows.reserveCapacity(count)
    for index in 0..<count {
      let (time, signal) = (times[index], signals[index])
      let place = StationList.RowPlace.row(index)
      guard time.isNaN == signal.isNaN, !time.isInfinite, !signal.isInfinite else {
        throw place.error(
          "t is \(time) and signal \(signal): both must be numbers, or neither", file: file)
      }
      var row = StationList.Row(
        eventID: eventIDs[index], stationID: stationIDs[index], place: place)
      if needsPositions, !positions.isEmpty {
        let position = positions[index]
        guard position.x.isFinite, position.y.isFinite, position.z.isFinite else {
          throw place.error("its position is not finite", file: file)
        }
        row.position = position
      }
      if !time.isNaN {
        row.measured = (time, signal)
        row.isSaturated = saturated.isEmpty ? false : saturated[index]
      }
      rows.append(row)
    }
    return rows
  }
}
