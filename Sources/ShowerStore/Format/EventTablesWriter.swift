internal import ShowerModel

/// The groups /events, /dead_stations, /hits and /truth of a new file.
///
/// Events are appended one by one to all tables. So the file does not depend on the batches of
/// callers.
final class EventTablesWriter {
  var eventCount: Int { id.rowCount }
  private let array: DetectorArray
  private let sampleCount: Int
  private let id: DatasetWriter<Int64>
  private let showerID: DatasetWriter<Int64>
  private let time: DatasetWriter<Double>
  private let utc: DatasetWriter<Int64>?
  private let accuracy: TableWriter<DetectorAccuracy>
  private let firstHit: DatasetWriter<Int64>
  private let hitCount: DatasetWriter<Int64>
  private let firstDead: DatasetWriter<Int64>
  private let deadCount: DatasetWriter<Int64>
  private let deadStation: DatasetWriter<Int64>
  private let hitStation: DatasetWriter<Int64>
  private let hitColumns: TableWriter<Hit>
  private let waveform: DatasetWriter<UInt16>
  private let truth: TableWriter<Truth>?
  let datasets: [any ChunkedWriter]

  init(
    _ root: Handle, array: DetectorArray, sampleCount: Int, simulated: Bool, hasUTC: Bool,
    _ queue: ChunkQueue
  ) throws(StoreError) {
    self.array = array
    self.sampleCount = sampleCount
    let events = try root.createGroup("events")
    id = try DatasetWriter(EventFormat.eventID, in: events, queue)
    showerID = try DatasetWriter(EventFormat.showerID, in: events, queue)
    time = try DatasetWriter(EventFormat.eventTime, in: events, queue)
    utc = hasUTC ? try DatasetWriter(EventFormat.utc, in: events, queue) : nil
    accuracy = try TableWriter(DetectorAccuracy.columns, in: events, queue)
    firstHit = try DatasetWriter(EventFormat.firstHit, in: events, queue)
    hitCount = try DatasetWriter(EventFormat.hitCount, in: events, queue)
    firstDead = try DatasetWriter(EventFormat.firstDead, in: events, queue)
    deadCount = try DatasetWriter(EventFormat.deadCount, in: events, queue)
    deadStation = try DatasetWriter(
      EventFormat.stationID, in: try root.createGroup("dead_stations"), queue)
    let hits = try root.createGroup("hits")
    let layers = array.detector.layerCount
    let columns = Hit.columns(layers: layers) + (simulated ? Hit.truthColumns : [])
    hitStation = try DatasetWriter(EventFormat.stationID, in: hits, queue)
    hitColumns = try TableWriter(columns, in: hits, queue)
    waveform = try DatasetWriter(
      EventFormat.waveform, in: hits, queue, rowShape: [layers, sampleCount],
      chunkRows: EventFormat.waveformChunk)
    truth =
      simulated ? try TableWriter(Truth.columns, in: try root.createGroup("truth"), queue) : nil
    datasets =
      [id, showerID, time, firstHit, hitCount, firstDead, deadCount, deadStation, hitStation]
      + hitColumns.datasets + [waveform] + (truth?.datasets ?? []) + accuracy.datasets
      + (utc.map { [$0] } ?? [])
  }

  func append(_ newEvents: [Event]) throws(StoreError) {
    try EventBlock.append(newEvents.count, to: eventCount, passingOn: datasets) {
      (part) throws(StoreError) in
      for event in newEvents[part] { try append(event) }
    }
  }

  /// Appends events of another file with the same columns and array, as they are stored.
  ///
  /// They keep their numbers, or are numbered from one on.
  func append(
    _ rows: Range<Int>, of source: EventFileReader, numberedFrom number: Int? = nil
  ) throws(StoreError) {
    try EventBlock.append(rows.count, to: eventCount, passingOn: datasets) {
      (part) throws(StoreError) in
      let first = rows.lowerBound + part.lowerBound
      try append(
        stored: first..<first + part.count, of: source,
        numberedFrom: number.map { $0 + part.lowerBound })
    }
  }

  private func append(
    stored rows: Range<Int>, of source: EventFileReader, numberedFrom number: Int?
  ) throws(StoreError) {
    let tables = source.eventTables
    if let number {
      for index in 0..<rows.count { id.append(Int64(number + index)) }
    } else {
      id.append(stored: try tables.id.stored(rows))
    }
    showerID.append(stored: try tables.showerID.stored(rows))
    time.append(stored: try tables.time.stored(rows))
    if let utc {
      guard let known = tables.utc else {
        throw utc.file.invalid(utc.place, "\(source.path) has no times of events")
      }
      utc.append(stored: try known.stored(rows))
    }
    accuracy.append(stored: try tables.accuracy.stored(rows), count: rows.count)
    if let dead = tables.dead {
      for span in try dead.pointers.spans(rows, limit: dead.station.rowCount) {
        span.appendPointers(to: firstDead, deadCount, firstRow: deadStation.rowCount)
        deadStation.append(stored: try dead.station.stored(span.rows))
      }
    } else {
      FlatSpan(rows: 0..<0, counts: [Int](repeating: 0, count: rows.count))
        .appendPointers(to: firstDead, deadCount, firstRow: deadStation.rowCount)
    }
    for span in try tables.hitPointers.spans(rows, limit: source.hitCount) {
      span.appendPointers(to: firstHit, hitCount, firstRow: hitStation.rowCount)
      hitStation.append(stored: try tables.hitStation.stored(span.rows))
      var columns = try tables.hitColumns.stored(span.rows)
      if let truthColumns = tables.hitTruthColumns {
        columns.columns += try truthColumns.stored(span.rows).columns
      }
      hitColumns.append(stored: columns, count: span.rows.count)
      waveform.append(stored: try tables.waveform.stored(span.rows))
    }
    if let truth, let table = source.truthTable {
      truth.append(stored: try table.stored(rows), count: rows.count)
    }
  }

  private func append(_ event: Event) throws(StoreError) {
    id.append(Int64(event.id))
    showerID.append(Int64(event.showerID))
    time.append(event.time)
    if let utc {
      guard let second = event.utc else {
        throw utc.file.invalid(utc.place, "event \(event.id) of a file with times has none")
      }
      utc.append(Int64(second.seconds))
    }
    try accuracy.append([event.accuracy])
    firstHit.append(Int64(hitStation.rowCount))
    hitCount.append(Int64(event.hits.count))
    firstDead.append(Int64(deadStation.rowCount))
    deadCount.append(Int64(event.deadStations.count))
    for station in event.deadStations {
      deadStation.append(try array.id(ofStation: station, for: deadStation))
    }
    for hit in event.hits { try append(hit) }
    try hitColumns.append(event.hits[...])
    try check(event)
    if let known = event.truth { try truth?.append([known]) }
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
    hitStation.append(try array.id(ofStation: hit.station, for: hitStation))
    for layer in Layer.allCases.prefix(array.detector.layerCount)
    where hit[layer].samples.count != sampleCount {
      throw waveform.file.invalid(
        waveform.place,
        "a waveform of \(hit[layer].samples.count) samples in a file of \(sampleCount)")
    }
    waveform.append(
      row: hit.upper.samples, array.detector.layerCount == 2 ? hit.lower.samples : [])
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
