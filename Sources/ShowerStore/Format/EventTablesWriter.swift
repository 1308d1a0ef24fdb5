internal import ShowerModel

/// The groups /events, /dead_stations, /hits and /truth of a new file.
///
/// Events are appended one by one to all of them, so the file does not depend on how callers cut
/// their batches.
final class EventTablesWriter {
  var eventCount: Int { id.rowCount }
  private let array: DetectorArray
  private let sampleCount: Int
  private let id: DatasetWriter<Int64>
  private let showerID: DatasetWriter<Int64>
  private let time: DatasetWriter<Double>
  private let firstHit: DatasetWriter<Int64>
  private let hitCount: DatasetWriter<Int64>
  private let firstDead: DatasetWriter<Int64>
  private let deadCount: DatasetWriter<Int64>
  private let deadStation: DatasetWriter<Int64>
  private let hitStation: DatasetWriter<Int64>
  private let hitColumns: TableWriter<Hit>
  private let waveform: DatasetWriter<UInt16>
  private let truth: TableWriter<Truth>?

  init(_ root: Handle, array: DetectorArray, sampleCount: Int, simulated: Bool)
    throws(StoreError)
  {
    self.array = array
    self.sampleCount = sampleCount
    let events = try root.createGroup("events")
    id = try DatasetWriter(EventFormat.eventID, in: events)
    showerID = try DatasetWriter(EventFormat.showerID, in: events)
    time = try DatasetWriter(EventFormat.eventTime, in: events)
    firstHit = try DatasetWriter(EventFormat.firstHit, in: events)
    hitCount = try DatasetWriter(EventFormat.hitCount, in: events)
    firstDead = try DatasetWriter(EventFormat.firstDead, in: events)
    deadCount = try DatasetWriter(EventFormat.deadCount, in: events)
    deadStation = try DatasetWriter(
      EventFormat.stationID, in: try root.createGroup("dead_stations"))
    let hits = try root.createGroup("hits")
    hitStation = try DatasetWriter(EventFormat.stationID, in: hits)
    hitColumns = try TableWriter(simulated ? Hit.columns + Hit.truthColumns : Hit.columns, in: hits)
    waveform = try DatasetWriter(
      EventFormat.waveform, in: hits, rowShape: [Layer.allCases.count, sampleCount],
      chunkRows: EventFormat.waveformChunk, bufferChunks: EventFormat.waveformBuffer)
    truth =
      simulated ? try TableWriter(Truth.columns, in: try root.createGroup("truth")) : nil
  }

  func append(_ newEvents: [Event]) throws(StoreError) {
    for event in newEvents {
      try id.append(Int64(event.id))
      try showerID.append(Int64(event.showerID))
      try time.append(event.time)
      try firstHit.append(Int64(hitStation.rowCount))
      try hitCount.append(Int64(event.hits.count))
      try firstDead.append(Int64(deadStation.rowCount))
      try deadCount.append(Int64(event.deadStations.count))
      for station in event.deadStations {
        try deadStation.append(try array.id(ofStation: station, for: deadStation))
      }
      for hit in event.hits { try append(hit) }
      try hitColumns.append(event.hits)
      try check(event)
      if let known = event.truth { try truth?.append([known]) }
    }
  }

  /// Either all events of a file have a truth, or none.
  private func check(_ event: Event) throws(StoreError) {
    switch (truth, event.truth) {
    case (.some, nil):
      throw id.file.invalid("/truth", "event \(event.id) of a file of simulated events has none")
    case (nil, .some):
      throw id.file.invalid("/truth", "event \(event.id) of a file of data has one")
    case (.some, .some), (nil, nil): break
    }
  }

  private func append(_ hit: Hit) throws(StoreError) {
    try hitStation.append(try array.id(ofStation: hit.station, for: hitStation))
    for samples in [hit.upper.samples, hit.lower.samples] where samples.count != sampleCount {
      throw waveform.file.invalid(
        waveform.place, "a waveform of \(samples.count) samples in a file of \(sampleCount)")
    }
    try waveform.append(row: hit.upper.samples, hit.lower.samples)
  }

  func close() throws(StoreError) {
    try id.close()
    try showerID.close()
    try time.close()
    try firstHit.close()
    try hitCount.close()
    try firstDead.close()
    try deadCount.close()
    try deadStation.close()
    try hitStation.close()
    try hitColumns.close()
    try waveform.close()
    try truth?.close()
  }
}

extension DetectorArray {
  /// The number of the station at an index, as files name it.
  func id(ofStation index: Int, for column: DatasetWriter<Int64>) throws(StoreError) -> Int64 {
    guard stations.indices.contains(index) else {
      throw column.file.invalid(column.place, "station index \(index) of \(stations.count)")
    }
    return Int64(stations[index].id)
  }
}
