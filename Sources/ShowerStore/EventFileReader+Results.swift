internal import CHDF5
internal import Glibc
public import ShowerModel

/// The datasets of /reconstruction/NAME and of its stations, opened for reading, NAME standard or
/// tuned.
struct StandardTables {
  let columns: TableReader<StandardResult>
  let covariance: Dataset<Double>
  let stationPointers: FlatPointers
  let stationID: Dataset<Int64>
  let stationColumns: TableReader<StationSignal>

  /// Whether results have all columns of the newest version of the format.
  var hasAllColumns: Bool { columns.missing.isEmpty && stationColumns.missing.isEmpty }

  init(_ root: Handle, _ group: Handle, _ name: String) throws(StoreError) {
    let content = StoreError.Content.reconstruction("standard")
    let place = EventFormat.stations(of: name)
    let size = StandardResult.parameterNames.count
    columns = try TableReader(StandardResult.columns(), in: group, content: content)
    covariance = try group.column(
      EventFormat.covariance.name, as: Double.self, dimensions: 2, content: content)
    guard covariance.rowShape == [size, size] else {
      throw root.file.damaged(covariance.place, "rows of shape \(covariance.rowShape)")
    }
    stationPointers = try FlatPointers(
      EventFormat.firstStation, EventFormat.stationRows, in: group, content: content)
    guard try root.contains(place) else {
      throw .missingContent(file: root.file.path, place: "/\(place)", content)
    }
    let stations = try root.openGroup(place)
    let count = try FileStructure.rowCount(stations)
    stationID = try stations.column(EventFormat.stationID.name, as: Int64.self, content: content)
    stationColumns = try TableReader(StationSignal.columns, in: stations, content: content)
    guard stationColumns.rowCount == count, stationID.rowCount == count else {
      throw root.file.damaged(stations.place, "columns of different length")
    }
  }
}

extension EventFileReader {
  /// The standard reconstruction of some events, or another parametric fit of them by its name.
  public func standardResults(
    _ rows: Range<Int>, of name: String = "standard"
  ) throws(StoreError) -> [StandardResult] {
    try storedStandardResults(rows, name).decoded()
  }

  private func storedStandardResults(
    _ rows: Range<Int>, _ name: String
  ) throws(StoreError) -> StoredStandardResults {
    let tables = try fit(name)
    return StoredStandardResults(
      file: context, place: "/reconstruction/\(name)",
      columns: try tables.columns.stored(rows), covariance: try tables.covariance.stored(rows),
      arrayWithEdge: tables.columns.missing.contains("edge_distance") ? array : nil)
  }

  /// Definition, as JSON, of the quality cuts whose verdict the results of a fit have. Nil in files
  /// of format 1.0.0, or if no cuts were applied.
  public func selection(of name: String = "standard") throws(StoreError) -> String? {
    try reconstructionGroup(name).text("SELECTION")
  }

  /// The shower front of a fit in words, nil where the file does not tell.
  public func front(of name: String) throws(StoreError) -> String? {
    try reconstructionGroup(name).text(EventFormat.front)
  }

  /// Signals of the stations of some events, as the standard reconstruction or another fit found
  /// them.
  public func stationSignals(
    _ rows: Range<Int>, of name: String = "standard"
  ) throws(StoreError) -> [[StationSignal]] {
    let area = array.detector.stationArea
    return try storedStations(rows, name).decoded(stationOfID) {
      StationSignal.blank(station: $0, area: area)
    }
  }

  private func storedStations(
    _ rows: Range<Int>, _ name: String
  ) throws(StoreError) -> StoredFlatTable<StationSignal> {
    let tables = try fit(name)
    return try StoredFlatTable(
      try tables.stationPointers.spans(rows, limit: tables.stationID.rowCount), tables.stationID,
      [tables.stationColumns])
  }

  /// Some events with what a parametric fit made of them, the standard one unless another is named.
  public func reconstructedEvents(
    _ rows: Range<Int>, base: String = "standard", waveforms: Bool = true
  ) throws(StoreError) -> [ReconstructedEvent] {
    try storedReconstructedEvents(rows, base: base, waveforms: waveforms).decoded()
  }

  /// The same, not decoded yet, which can be done on any thread.
  public func storedReconstructedEvents(
    _ rows: Range<Int>, base: String = "standard", waveforms: Bool = true
  ) throws(StoreError) -> StoredReconstructedEvents {
    let results = try storedStandardResults(rows, base)
    let stations = try storedStations(rows, base)
    return StoredReconstructedEvents(
      events: try storedEvents(rows, waveforms: waveforms), stations: stations, results: results)
  }

  /// The results of a network or of another program, by their name; "standard" gives those of the
  /// standard reconstruction.
  ///
  /// Energies are on the scale of the file's standard reconstruction, `energyScale`, also where a
  /// method states another one, as imported results may.
  public func reconstructions(named name: String, _ rows: Range<Int>)
    throws(StoreError) -> [Reconstruction]
  {
    var results = try storedReconstructions(named: name, rows)
    let scale = try energyScale(of: name)
    guard scale != energyScale else { return results }
    let shift = log10(energyScale.perSimulation / scale.perSimulation)
    for index in results.indices { results[index].shower.logEnergy += shift }
    return results
  }

  /// The scale of the energies of one reconstruction.
  func energyScale(of name: String) throws(StoreError) -> EnergyScale {
    try Self.energyScale(of: try reconstructionGroup(name))
  }

  /// The results as the file has them.
  func storedReconstructions(named name: String, _ rows: Range<Int>)
    throws(StoreError) -> [Reconstruction]
  {
    var results = [Reconstruction](
      repeating: .failed(.noStandardResult), count: rows.count)
    try reconstructionTable(name).fill(&results, from: rows.lowerBound)
    try context.checkGood(
      results, firstRow: rows.lowerBound, place: "/reconstruction/\(name)", mayBeUnknown: true)
    return results
  }

  func reconstructionTable(_ name: String) throws(StoreError) -> TableReader<Reconstruction> {
    if let known = reconstructionTables[name] { return known }
    let table = try TableReader(
      Reconstruction.correctionColumns() + Reconstruction.furtherColumns,
      in: try reconstructionGroup(name),
      content: .reconstruction(name))
    reconstructionTables[name] = table
    return table
  }

  /// Names of the columns that a reconstruction has beyond the standard quantities.
  public func furtherColumns(of name: String) throws(StoreError) -> [String] {
    let missing = try reconstructionTable(name).missing
    return Reconstruction.furtherColumns.map(\.name).filter { !missing.contains($0) }
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
        file: path, place: "/reconstruction/\(name)", .reconstruction(name))
    }
    return try root.openGroup("reconstruction").openGroup(name)
  }

  func fit(_ name: String) throws(StoreError) -> StandardTables {
    if let known = fitTables[name] { return known }
    let tables = try StandardTables(root, try reconstructionGroup(name), name)
    fitTables[name] = tables
    return tables
  }
}
