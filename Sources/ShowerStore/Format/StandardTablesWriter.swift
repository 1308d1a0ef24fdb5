internal import ShowerModel

/// The groups /reconstruction/standard and /stations of a new file.
final class StandardTablesWriter {
  var rowCount: Int { columns.rowCount }
  private let array: DetectorArray
  private let columns: TableWriter<StandardResult>
  private let covariance: DatasetWriter<Double>
  private let firstStation: DatasetWriter<Int64>
  private let stationRows: DatasetWriter<Int64>
  private let stationID: DatasetWriter<Int64>
  private let stationColumns: TableWriter<StationSignal>

  init(_ root: Handle, reconstruction: Handle, array: DetectorArray, energyScale: EnergyScale)
    throws(StoreError)
  {
    self.array = array
    let group = try reconstruction.createGroup("standard")
    try group.set("METHOD", "Joint fit of lateral distribution and shower front")
    try group.set(EventFormat.energyScale, energyScale.rawValue)
    let size = StandardResult.parameterNames.count
    columns = try TableWriter(StandardResult.columns(on: energyScale), in: group)
    covariance = try DatasetWriter(
      EventFormat.covariance, in: group, rowShape: [size, size],
      chunkRows: EventFormat.covarianceChunk)
    try covariance.set("PARAMETERS", StandardResult.parameterNames.joined(separator: ", "))
    firstStation = try DatasetWriter(EventFormat.firstStation, in: group)
    stationRows = try DatasetWriter(EventFormat.stationRows, in: group)
    let stations = try root.createGroup("stations")
    stationID = try DatasetWriter(EventFormat.stationID, in: stations)
    stationColumns = try TableWriter(StationSignal.columns, in: stations)
  }

  func append(_ result: StandardResult, _ signals: [StationSignal]) throws(StoreError) {
    let size = StandardResult.parameterNames.count
    guard result.covariance.count == size * size else {
      throw covariance.file.invalid(
        covariance.place, "a matrix of \(result.covariance.count) elements")
    }
    try columns.append(result)
    try covariance.append(row: result.covariance)
    try firstStation.append(Int64(stationID.rowCount))
    try stationRows.append(Int64(signals.count))
    for signal in signals {
      try stationID.append(try array.id(ofStation: signal.station, for: stationID))
      try stationColumns.append(signal)
    }
  }

  func close() throws(StoreError) {
    try columns.close()
    try covariance.close()
    try firstStation.close()
    try stationRows.close()
    try stationID.close()
    try stationColumns.close()
  }
}
