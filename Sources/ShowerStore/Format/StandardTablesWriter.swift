internal import ShowerModel

extension MethodIdentity.Kind {
  /// What is said of the results of a parametric fit.
  fileprivate var parametricMethod: String {
    self == .published
      ? "Published chain of the Telescope Array: timing fits, then a lateral distribution about "
        + "a fixed axis; the zenith angle has 0.5 degrees added"
      : "Joint fit of lateral distribution and shower front"
  }
}

/// The groups /reconstruction/NAME and its stations of a new file, NAME standard, published or
/// tuned.
final class StandardTablesWriter {
  var rowCount: Int { columns.rowCount }
  private let array: DetectorArray
  private let columns: TableWriter<StandardResult>
  private let covariance: DatasetWriter<Double>
  private let firstStation: DatasetWriter<Int64>
  private let stationRows: DatasetWriter<Int64>
  private let stationID: DatasetWriter<Int64>
  private let stationColumns: TableWriter<StationSignal>
  let datasets: [any ChunkedWriter]

  /// `selection` is the definition of the quality cuts whose verdict the results have. `front` is
  /// that of the shower front. Nil for none.
  init(
    _ root: Handle, _ identity: MethodIdentity, reconstruction: Handle, array: DetectorArray,
    selection: String?, front: String?, energyScale: EnergyScale, _ queue: ChunkQueue
  )
    throws(StoreError)
  {
    self.array = array
    let name = identity.name
    let group = try reconstruction.createGroup(name)
    try group.set(EventFormat.identity, JSONText.encode(identity))
    try group.set("METHOD", identity.kind.parametricMethod)
    if let front { try group.set(EventFormat.front, front) }
    if let selection { try group.set("SELECTION", selection) }
    try group.set(EventFormat.energyScale, energyScale.rawValue)
    let size = StandardResult.parameterNames.count
    columns = try TableWriter(StandardResult.columns(on: energyScale), in: group, queue)
    covariance = try DatasetWriter(
      EventFormat.covariance, in: group, queue, rowShape: [size, size],
      chunkRows: EventFormat.covarianceChunk)
    try covariance.set("PARAMETERS", StandardResult.parameterNames.joined(separator: ", "))
    firstStation = try DatasetWriter(EventFormat.firstStation, in: group, queue)
    stationRows = try DatasetWriter(EventFormat.stationRows, in: group, queue)
    let stations = try root.createGroup(EventFormat.stations(of: name))
    stationID = try DatasetWriter(EventFormat.stationID, in: stations, queue)
    stationColumns = try TableWriter(StationSignal.columns, in: stations, queue)
    datasets =
      columns.datasets + [covariance, firstStation, stationRows, stationID]
      + stationColumns.datasets
  }

  /// Appends results and the stations of each; `afterBlock` gets the number of rows whenever a
  /// block ends.
  func append(
    _ results: [StandardResult], _ signals: [[StationSignal]],
    afterBlock: (_ rowCount: Int) throws(StoreError) -> Void
  ) throws(StoreError) {
    let size = StandardResult.parameterNames.count
    for result in results where result.covariance.count != size * size {
      throw covariance.file.invalid(
        covariance.place, "a matrix of \(result.covariance.count) elements")
    }
    try EventBlock.append(results.count, to: rowCount, passingOn: datasets) {
      (part) throws(StoreError) in
      try columns.append(results[part])
      for index in part {
        covariance.append(row: results[index].covariance)
        firstStation.append(Int64(stationID.rowCount))
        stationRows.append(Int64(signals[index].count))
        for signal in signals[index] {
          stationID.append(try array.id(ofStation: signal.station, for: stationID))
        }
      }
      try stationColumns.append(Array(signals[part].joined())[...])
    } afterBlock: { (count) throws(StoreError) in
      try afterBlock(count)
    }
  }

  /// Appends results of another file that has all columns, as they are stored.
  func append(
    _ rows: Range<Int>, of source: StandardTables,
    afterBlock: (_ rowCount: Int) throws(StoreError) -> Void
  ) throws(StoreError) {
    try EventBlock.append(rows.count, to: rowCount, passingOn: datasets) {
      (part) throws(StoreError) in
      let first = rows.lowerBound + part.lowerBound
      let rows = first..<first + part.count
      columns.append(stored: try source.columns.stored(rows), count: rows.count)
      covariance.append(stored: try source.covariance.stored(rows))
      for span in try source.stationPointers.spans(rows, limit: source.stationID.rowCount) {
        span.appendPointers(to: firstStation, stationRows, firstRow: stationID.rowCount)
        stationID.append(stored: try source.stationID.stored(span.rows))
        stationColumns.append(
          stored: try source.stationColumns.stored(span.rows), count: span.rows.count)
      }
    } afterBlock: { (count) throws(StoreError) in
      try afterBlock(count)
    }
  }
}
