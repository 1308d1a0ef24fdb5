internal import CHDF5
public import ShowerModel

/// The datasets of /events, /dead_stations and /hits, opened for reading.
struct EventTables {
  let id: Dataset<Int64>
  let showerID: Dataset<Int64>
  let time: Dataset<Double>
  let timeCheck: CheckedColumn<Double>
  /// Nil where the file has no times of events.
  let utc: Dataset<Int64>?
  let accuracy: TableReader<DetectorAccuracy>
  let hitPointers: FlatPointers
  /// Nil in files of other programs where all stations worked.
  let dead: (pointers: FlatPointers, station: Dataset<Int64>)?
  let hitStation: Dataset<Int64>
  let hitColumns: TableReader<Hit>
  /// Columns that only simulated events have.
  let hitTruthColumns: TableReader<Hit>?
  let waveform: Dataset<UInt16>

  init(_ root: Handle, layers: Int, isSimulated: Bool) throws(StoreError) {
    let (events, hits) = (try root.openGroup("events"), try root.openGroup("hits"))
    id = try events.column(EventFormat.eventID.name, as: Int64.self, content: .events)
    // Without numbers of showers, every event is of a shower of its own.
    let hasShowers = try events.contains(EventFormat.showerID.name)
    showerID =
      hasShowers
      ? try events.column(EventFormat.showerID.name, as: Int64.self, content: .events) : id
    time = try events.column(EventFormat.eventTime.name, as: Double.self, content: .events)
    timeCheck = CheckedColumn(
      EventFormat.eventTimeColumn, file: root.file,
      place: events.path(of: EventFormat.eventTime.name))
    utc =
      try events.contains(EventFormat.utc.name)
      ? try Dataset(EventFormat.utc.name, in: events) : nil
    accuracy = try TableReader(DetectorAccuracy.columns, in: events, content: .events)
    hitPointers = try FlatPointers(
      EventFormat.firstHit, EventFormat.hitCount, in: events, content: .events)
    if try root.contains("dead_stations") {
      let stations = try root.openGroup("dead_stations")
      dead = (
        try FlatPointers(
          EventFormat.firstDead, EventFormat.deadCount, in: events, content: .events),
        try stations.column(EventFormat.stationID.name, as: Int64.self, content: .events)
      )
    } else {
      dead = nil
    }
    hitStation = try hits.column(EventFormat.stationID.name, as: Int64.self, content: .events)
    hitColumns = try TableReader(Hit.columns(layers: layers), in: hits, content: .events)
    hitTruthColumns =
      isSimulated ? try TableReader(Hit.truthColumns, in: hits, content: .events) : nil
    waveform = try hits.column(
      EventFormat.waveform.name, as: UInt16.self, dimensions: 2, content: .events)
    guard (1...2).contains(waveform.rowShape[0]), (1...65_536).contains(waveform.rowShape[1])
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
    try storedEvents(rows, waveforms: waveforms).decoded()
  }

  /// The same events, not decoded yet, which can be done on any thread; without `truth` as if they
  /// were data.
  public func storedEvents(
    _ rows: Range<Int>, waveforms: Bool = true, truth: Bool = true
  ) throws(StoreError) -> StoredEvents {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= eventCount)
    let tables = eventTables
    let hits = try StoredFlatTable(
      try tables.hitPointers.spans(rows, limit: hitCount), tables.hitStation,
      [tables.hitColumns] + (truth ? [tables.hitTruthColumns].compactMap { $0 } : []))
    var samples: [StoredRows<UInt16>] = []
    if waveforms {
      for part in hits.parts { samples.append(try tables.waveform.stored(part.span.rows)) }
    }
    var dead: [(FlatSpan, StoredStations)] = []
    if let stored = tables.dead {
      for span in try stored.pointers.spans(rows, limit: stored.station.rowCount) {
        dead.append((span, try stored.station.storedStations(span.rows)))
      }
    }
    return StoredEvents(
      ids: try tables.id.stored(rows), showerIDs: try tables.showerID.stored(rows),
      times: try tables.time.stored(rows), timeCheck: tables.timeCheck,
      utc: try tables.utc?.stored(rows),
      accuracies: try tables.accuracy.stored(rows), hits: hits,
      waveforms: samples, deadStations: dead,
      truths: truth ? try truthTable?.stored(rows) : nil, indexOfID: stationOfID,
      detector: array.detector)
  }

  /// Numbers of the events of some rows.
  public func eventIDs(_ rows: Range<Int>) throws(StoreError) -> [Int] {
    try eventTables.id.stored(rows).numbers()
  }

  /// The times at which the clocks of some events start: a second of UTC, and the time after it
  /// [ns]; nil where the file has none.
  public func startTimes(_ rows: Range<Int>) throws(StoreError) -> [(CalendarTime, Double)]? {
    guard let utc = eventTables.utc else { return nil }
    let seconds = try utc.stored(rows).numbers()
    let times = try eventTables.time.stored(rows).values()
    try eventTables.timeCheck.check(times[...], firstRow: rows.lowerBound)
    return zip(seconds, times).map { (CalendarTime(seconds: $0), $1) }
  }

  /// Whether the file has numbers of another program beside its events: the dataset /events/NAME.
  public func hasEventNumbers(_ name: String) throws(StoreError) -> Bool {
    let group = try root.openGroup("events")
    guard !name.contains("/"), try group.contains(name) else { return false }
    return try group.kind(of: name) == H5I_DATASET
  }

  /// Those numbers, of some rows.
  public func eventNumbers(_ name: String, _ rows: Range<Int>) throws(StoreError) -> [Double] {
    try Dataset<Double>(name, in: try root.openGroup("events")).read(rows)
  }

  /// Numbers of the showers that made the events of some rows.
  public func showerIDs(_ rows: Range<Int>) throws(StoreError) -> [Int] {
    try eventTables.showerID.stored(rows).numbers()
  }

  /// What was simulated.
  public func truths(_ rows: Range<Int>) throws(StoreError) -> [Truth] {
    guard let truthTable else {
      throw .noTruth(file: path)
    }
    var truths = [Truth](repeating: .blank, count: rows.count)
    try truthTable.fill(&truths, from: rows.lowerBound)
    return truths
  }
}
