public import ShowerModel

/// Some events as a file holds them: taken from the file by its thread, to be decoded by any.
///
/// Decoding, gunzip above all, takes most of the time of reading.
public struct StoredEvents: Sendable {
  let ids: StoredRows<Int64>
  let showerIDs: StoredRows<Int64>
  let times: StoredRows<Double>
  let timeCheck: CheckedColumn<Double>
  let utc: StoredRows<Int64>?
  let accuracies: StoredTable<DetectorAccuracy>
  let hits: StoredFlatTable<Hit>
  /// One a part of `hits`; none without waveforms.
  let waveforms: [StoredRows<UInt16>]
  let deadStations: [(span: FlatSpan, stations: StoredStations)]
  let truths: StoredTable<Truth>?
  let indexOfID: [Int: Int]
  let detector: DetectorDescription

  /// The events, with their truth where they are simulated.
  ///
  /// - Throws: `.readFailed` or `.damaged`.
  public func decoded() throws(StoreError) -> [Event] {
    let (ids, showerIDs) = (try ids.numbers(), try showerIDs.numbers())
    let firstRow = times.rows.lowerBound
    let times = try times.values()
    try timeCheck.check(times[...], firstRow: firstRow)
    let seconds = try utc?.numbers()
    var hits = try hits.decoded(indexOfID) {
      Hit.blank(station: $0, layers: detector.layerCount)
    }
    try setSamples(of: &hits)
    if !detector.absentLayers.isEmpty { setAbsentLayers(of: &hits) }
    var dead: [[Int]] = []
    for (span, stations) in deadStations { dead += span.owned(try stations.indices(indexOfID)) }
    // A file of another program need not have any.
    if dead.isEmpty { dead = [[Int]](repeating: [], count: ids.count) }
    var truths: [Truth] = []
    if let stored = self.truths {
      truths = [Truth](repeating: .blank, count: ids.count)
      try stored.fill(&truths)
    }
    var accuracies = [DetectorAccuracy](repeating: DetectorAccuracy(), count: ids.count)
    try self.accuracies.fill(&accuracies)
    return ids.indices.map { index in
      Event(
        id: ids[index], showerID: showerIDs[index], time: times[index],
        hits: hits[index], deadStations: dead[index],
        truth: truths.isEmpty ? nil : truths[index],
        utc: seconds.map { CalendarTime(seconds: $0[index]) },
        accuracy: accuracies[index])
    }
  }

  private func setSamples(of hits: inout [[Hit]]) throws(StoreError) {
    var (event, hit) = (0, 0)
    for waveform in waveforms {
      let layers = detector.layerCount
      let length = waveform.rowLength / layers
      try waveform.forEachPart { (values, rows) throws(StoreError) in
        for start in stride(from: values.startIndex, to: values.endIndex, by: layers * length) {
          while hit == hits[event].count { (event, hit) = (event + 1, 0) }
          hits[event][hit].upper.samples = Array(values[start..<start + length])
          if layers == 2 {
            hits[event][hit].lower.samples = Array(values[start + length..<start + 2 * length])
          }
          hit += 1
        }
      }
    }
  }
}

extension StoredEvents {
  /// Files need not say that layers which no station has cannot be used.
  private func setAbsentLayers(of hits: inout [[Hit]]) {
    for event in hits.indices {
      for hit in hits[event].indices {
        hits[event][hit].badLayers.formUnion(detector.absentLayers)
      }
    }
  }
}

/// Some events with what the standard reconstruction made of them, as a file holds them.
public struct StoredReconstructedEvents: Sendable {
  let events: StoredEvents
  let stations: StoredFlatTable<StationSignal>
  let results: StoredStandardResults

  /// The events with their results.
  ///
  /// - Throws: `.readFailed` or `.damaged`.
  public func decoded() throws(StoreError) -> [ReconstructedEvent] {
    let results = try results.decoded()
    let signals = try stations.decoded(events.indexOfID) {
      StationSignal.blank(station: $0, area: events.detector.stationArea)
    }
    return try events.decoded().enumerated().map { index, event in
      ReconstructedEvent(event: event, stations: signals[index], standard: results[index])
    }
  }
}

/// Rows of /reconstruction/standard.
struct StoredStandardResults: Sendable {
  let file: FileContext
  let place: String
  let columns: StoredTable<StandardResult>
  let covariance: StoredRows<Double>
  /// Where the file does not state the distance of cores from the edge; it holds all that is
  /// needed.
  let arrayWithEdge: DetectorArray?

  func decoded() throws(StoreError) -> [StandardResult] {
    var results = [StandardResult](
      repeating: .failed(.noStandardResult), count: covariance.rows.count)
    try columns.fill(&results)
    try file.checkGood(
      results.lazy.map(\.reconstruction), firstRow: covariance.rows.lowerBound,
      place: place, mayBeUnknown: false)
    let length = covariance.rowLength
    try covariance.forEachPart { (values, rows) throws(StoreError) in
      var start = values.startIndex
      for row in rows {
        let matrix = values[start..<start + length]
        if results[row].reconstruction.status == .good, !matrix.allSatisfy(\.isFinite) {
          throw file.damaged(
            "\(place)/\(EventFormat.covariance.name)",
            "not a number in row \(covariance.rows.lowerBound + row), whose status is good")
        }
        results[row].covariance = Array(matrix)
        start += length
      }
    }
    if let arrayWithEdge {
      for index in results.indices {
        let core = results[index].shower
        results[index].edgeDistance = arrayWithEdge.distanceInsideEdge(core.coreX, core.coreY)
      }
    }
    return results
  }
}
