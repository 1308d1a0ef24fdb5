internal import CHDF5
public import ShowerModel

/// The datasets of /reconstruction/standard and /stations, opened for reading.
struct StandardTables {
  let columns: TableReader<StandardResult>
  let covariance: Dataset<Double>
  let stationPointers: FlatPointers
  let stationID: Dataset<Int64>
  let stationColumns: TableReader<StationSignal>

  static let remedy = "Run airshower reconstruct first"

  init(_ root: Handle, _ group: Handle) throws(StoreError) {
    let remedy = StandardTables.remedy
    let size = StandardResult.parameterNames.count
    columns = try TableReader(StandardResult.columns(), in: group, remedy: remedy)
    covariance = try group.column(
      EventFormat.covariance.name, as: Double.self, dimensions: 2, remedy: remedy,
      cacheBytes: EventFormat.blockCache)
    guard covariance.rowShape == [size, size] else {
      throw root.file.damaged(covariance.place, "rows of shape \(covariance.rowShape)")
    }
    stationPointers = try FlatPointers(
      EventFormat.firstStation, EventFormat.stationRows, in: group, remedy: remedy)
    guard try root.contains("stations") else {
      throw .missingContent(file: root.file.path, place: "/stations", remedy: remedy)
    }
    let stations = try root.openGroup("stations")
    let count = try FileStructure.rowCount(stations)
    stationID = try stations.column(EventFormat.stationID.name, as: Int64.self, remedy: remedy)
    stationColumns = try TableReader(StationSignal.columns, in: stations, remedy: remedy)
    guard stationColumns.rowCount == count, stationID.rowCount == count else {
      throw root.file.damaged(stations.place, "columns of different length")
    }
  }
}

extension EventFileReader {
  /// The standard reconstruction of some events.
  public func standardResults(_ rows: Range<Int>) throws(StoreError) -> [StandardResult] {
    let tables = try standard()
    var results = [StandardResult](
      repeating: .failed(.noStandardResult), count: rows.count)
    try tables.columns.fill(&results, from: rows.lowerBound)
    let lacksEdgeDistance = tables.columns.missing.contains("edge_distance")
    let size = StandardResult.parameterNames.count
    let matrices = try tables.covariance.read(rows)
    for index in results.indices {
      results[index].covariance = Array(
        matrices[index * size * size..<(index + 1) * size * size])
      // Files of format 1.0.0 hold all that it is made of.
      if lacksEdgeDistance {
        let core = results[index].shower
        results[index].edgeDistance = array.distanceInsideEdge(core.coreX, core.coreY)
      }
    }
    return results
  }

  /// Definition of the quality cuts whose verdict the standard results carry, as JSON; nil in files of
  /// format 1.0.0, or where no cuts were made.
  public func selection() throws(StoreError) -> String? {
    try reconstructionGroup("standard").text("SELECTION")
  }

  /// Signals of the stations of some events, as the standard reconstruction found them.
  public func stationSignals(_ rows: Range<Int>) throws(StoreError) -> [[StationSignal]] {
    let tables = try standard()
    let ranges = try tables.stationPointers.ranges(rows, limit: tables.stationID.rowCount)
    return try gathered(ranges) { (span) throws(StoreError) in
      var signals = try self.stations(tables.stationID, span).map {
        StationSignal.blank(station: $0)
      }
      try tables.stationColumns.fill(&signals, from: span.lowerBound)
      return signals
    }
  }

  /// Some events with what the standard reconstruction made of them.
  public func reconstructedEvents(_ rows: Range<Int>, waveforms: Bool = true)
    throws(StoreError) -> [ReconstructedEvent]
  {
    let results = try standardResults(rows)
    let signals = try stationSignals(rows)
    let events = try self.events(rows, waveforms: waveforms)
    return rows.indices.map { row in
      let index = row - rows.lowerBound
      return ReconstructedEvent(
        event: events[index], stations: signals[index], standard: results[index])
    }
  }

  /// The results of a network, by its name; "standard" gives those of the standard reconstruction.
  public func reconstructions(named name: String, _ rows: Range<Int>)
    throws(StoreError) -> [Reconstruction]
  {
    let table: TableReader<Reconstruction>
    if let known = reconstructionTables[name] {
      table = known
    } else {
      table = try TableReader(
        Reconstruction.columns(), in: try reconstructionGroup(name),
        remedy: EventFileReader.remedy(name))
      reconstructionTables[name] = table
    }
    var results = [Reconstruction](
      repeating: .failed(.noStandardResult), count: rows.count)
    try table.fill(&results, from: rows.lowerBound)
    return results
  }

  /// The scale of a group's energies; that of the simulation where the file states none.
  static func energyScale(of group: Handle) throws(StoreError) -> EnergyScale {
    guard let name = try group.text(EventFormat.energyScale) else { return .simulation }
    guard let scale = EnergyScale(rawValue: name) else {
      throw group.file.damaged(group.place, "unknown \(EventFormat.energyScale) \"\(name)\"")
    }
    return scale
  }

  func reconstructionGroup(_ name: String) throws(StoreError) -> Handle {
    guard name == "standard" ? hasStandard : reconstructionNames.contains(name) else {
      throw .missingContent(
        file: path, place: "/reconstruction/\(name)", remedy: EventFileReader.remedy(name))
    }
    return try root.openGroup("reconstruction").openGroup(name)
  }

  private static func remedy(_ name: String) -> String {
    name == "standard" ? StandardTables.remedy : "Run airshower correct first"
  }

  private func standard() throws(StoreError) -> StandardTables {
    if let standardTables { return standardTables }
    let tables = try StandardTables(root, try reconstructionGroup("standard"))
    standardTables = tables
    return tables
  }
}
