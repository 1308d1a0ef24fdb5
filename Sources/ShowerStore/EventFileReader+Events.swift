internal import CHDF5
public import ShowerModel

/// The datasets of /events, /dead_stations and /hits, opened for reading.
struct EventTables {
  let id: Dataset<Int64>
  let showerID: Dataset<Int64>
  let time: Dataset<Double>
  let hitPointers: FlatPointers
  let deadPointers: FlatPointers
  let deadStation: Dataset<Int64>
  let hitStation: Dataset<Int64>
  let hitColumns: TableReader<Hit>
  let waveform: Dataset<UInt16>

  init(_ root: Handle, isSimulated: Bool) throws(StoreError) {
    let remedy = "Make the file again"
    let (events, hits) = (try root.openGroup("events"), try root.openGroup("hits"))
    let dead = try root.openGroup("dead_stations")
    id = try events.column(EventFormat.eventID.name, as: Int64.self, remedy: remedy)
    showerID = try events.column(EventFormat.showerID.name, as: Int64.self, remedy: remedy)
    time = try events.column(EventFormat.eventTime.name, as: Double.self, remedy: remedy)
    hitPointers = try FlatPointers(
      EventFormat.firstHit, EventFormat.hitCount, in: events, remedy: remedy)
    deadPointers = try FlatPointers(
      EventFormat.firstDead, EventFormat.deadCount, in: events, remedy: remedy)
    deadStation = try dead.column(EventFormat.stationID.name, as: Int64.self, remedy: remedy)
    hitStation = try hits.column(EventFormat.stationID.name, as: Int64.self, remedy: remedy)
    hitColumns = try TableReader(
      isSimulated ? Hit.columns + Hit.truthColumns : Hit.columns, in: hits, remedy: remedy)
    waveform = try hits.column(
      EventFormat.waveform.name, as: UInt16.self, dimensions: 2, remedy: remedy,
      cacheBytes: EventFormat.blockCache)
    guard waveform.rowShape[0] == Layer.allCases.count, (1...65_536).contains(waveform.rowShape[1])
    else {
      throw root.file.damaged(waveform.place, "rows of shape \(waveform.rowShape)")
    }
  }
}

extension EventFileReader {
  /// The events of some rows within `0..<eventCount`, with their truth where they are simulated.
  ///
  /// Without `waveforms` the samples are empty, which is much faster.
  public func events(_ rows: Range<Int>, waveforms: Bool = true) throws(StoreError) -> [Event] {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= eventCount)
    let (ids, showerIDs) = (try eventTables.id.read(rows), try eventTables.showerID.read(rows))
    let times = try eventTables.time.read(rows)
    let hits = try gathered(try eventTables.hitPointers.ranges(rows, limit: hitCount)) {
      (span) throws(StoreError) in try self.hits(span, waveforms: waveforms)
    }
    let dead = try gathered(
      try eventTables.deadPointers.ranges(rows, limit: eventTables.deadStation.rowCount)
    ) { (span) throws(StoreError) in
      try self.stations(eventTables.deadStation, span)
    }
    let truths = hasTruth ? try self.truths(rows) : []
    return rows.indices.map { row in
      let index = row - rows.lowerBound
      return Event(
        id: Int(ids[index]), showerID: Int(showerIDs[index]), time: times[index],
        hits: hits[index], deadStations: dead[index], truth: hasTruth ? truths[index] : nil)
    }
  }

  /// Numbers of the events of some rows.
  public func eventIDs(_ rows: Range<Int>) throws(StoreError) -> [Int] {
    try eventTables.id.read(rows).map { Int($0) }
  }

  /// What was simulated.
  public func truths(_ rows: Range<Int>) throws(StoreError) -> [Truth] {
    guard let truthTable else {
      throw .missingContent(
        file: path, place: "/truth", remedy: "Only simulated events have a truth")
    }
    var truths = [Truth](repeating: .blank, count: rows.count)
    try truthTable.fill(&truths, from: rows.lowerBound)
    return truths
  }

  private func hits(_ rows: Range<Int>, waveforms: Bool) throws(StoreError) -> [Hit] {
    var hits = try stations(eventTables.hitStation, rows).map { Hit.blank(station: $0) }
    try eventTables.hitColumns.fill(&hits, from: rows.lowerBound)
    guard waveforms else { return hits }
    let samples = try eventTables.waveform.read(rows)
    let length = sampleCount
    for index in hits.indices {
      let start = 2 * index * length
      hits[index].upper.samples = Array(samples[start..<start + length])
      hits[index].lower.samples = Array(samples[start + length..<start + 2 * length])
    }
    return hits
  }

  /// Indices in the array of the stations that a column numbers.
  func stations(_ column: Dataset<Int64>, _ rows: Range<Int>) throws(StoreError) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(rows.count)
    for (offset, id) in try column.read(rows).enumerated() {
      guard let index = stationOfID[Int(id)] else {
        throw context.damaged(
          column.place, "row \(rows.lowerBound + offset) names station \(id), unknown to /array")
      }
      indices.append(index)
    }
    return indices
  }
}
