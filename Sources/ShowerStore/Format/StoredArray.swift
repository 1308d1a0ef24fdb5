internal import CHDF5
internal import ShowerModel

/// The group /array: one row a station.
enum StoredArray {
  static let group = "array"

  /// The attribute with the array's `GroundFrame`; not in files before format 1.4.
  private static let groundFrame = "GROUND_FRAME"

  /// Attributes with the place of x = y = 0 [deg, north and east positive]; not in files of arrays
  /// whose place is not known, or before format 1.5.
  private static let latitude = "LATITUDE"
  private static let longitude = "LONGITUDE"

  /// Most stations, and most corners of the edge.
  private static let stationLimit = 100_000

  /// The columns of the grid, which an array without one does not have.
  private static let gridColumns: [Column<Station>] = [
    column("column", "Column of the nominal grid, west to east", .int32) { Double($0.column) },
    column("row", "Row of the nominal grid, south to north", .int32) { Double($0.row) },
  ]

  static let columns: [Column<Station>] = [
    column("station_id", "Number of the station; XXYY for the Telescope Array", .int32) {
      Double($0.id)
    },
    column("x", unit: "m", "Position east", .float64) { $0.position.x },
    column("y", unit: "m", "Position north", .float64) { $0.position.y },
    column("z", unit: "m", "Position above the plane z = 0", .float64) { $0.position.z },
  ]

  /// The subgroup with the corners of the edge in order; not in files of format 1.0.0. It is a
  /// group of its own, since the columns of a group have the same number of rows.
  static let edgeGroup = "edge"

  static let edgeColumns: [Column<SIMD2<Double>>] = [
    Column("x", unit: "m", "Corner of the edge polygon, position east", \.x),
    Column("y", unit: "m", "Corner of the edge polygon, position north", \.y),
  ]

  /// A column that is only written: a `Station` is made whole.
  private static func column(
    _ name: String, unit: String = "1", _ description: String, _ storage: ColumnStorage,
    _ get: @escaping @Sendable (Station) -> Double
  ) -> Column<Station> {
    Column(name, unit: unit, description, storage: storage, get: get, set: { _, _ in })
  }

  static func write(
    _ array: DetectorArray, to root: Handle, _ queue: ChunkQueue
  ) throws(StoreError) {
    let handle = try root.createGroup(group)
    try handle.set("NAME", array.name)
    try handle.set("SPACING", array.spacing)
    try handle.set("ALTITUDE", array.referenceAltitude)
    for quantity in DetectorDescription.quantities {
      try handle.set(quantity.name.uppercased(), array.detector[quantity])
    }
    try handle.set("RESPONSE", array.detector.response)
    try handle.set("FRAME", EventFormat.frame)
    try handle.set(groundFrame, array.frame.rawValue)
    if let site = array.site {
      try handle.set(latitude, site.latitude / Units.degree)
      try handle.set(longitude, site.longitude / Units.degree)
    }
    let all = [columns[0]] + (array.hasGrid ? gridColumns : []) + columns.dropFirst()
    let table = try TableWriter(all, in: handle, queue)
    try table.append(array.stations[...])
    let corners = try TableWriter(edgeColumns, in: try handle.createGroup(edgeGroup), queue)
    try corners.append(array.edge[...])
    let datasets = table.datasets + corners.datasets
    for dataset in datasets { try dataset.passOnRest() }
    try queue.writeAll()
    for dataset in datasets { try dataset.close() }
  }

  /// The edge of an array, nil in files that state none.
  private static func edge(_ handle: Handle) throws(StoreError) -> [SIMD2<Double>]? {
    guard try handle.contains(edgeGroup) else { return nil }
    let group = try handle.openGroup(edgeGroup)
    let table = try TableReader(edgeColumns, in: group, content: .events)
    let count = try FileStructure.rowCount(group)
    guard count <= stationLimit else {
      throw group.file.damaged(group.place, "an edge of \(count) corners")
    }
    var corners = [SIMD2<Double>](repeating: .zero, count: count)
    try table.fill(&corners, from: 0)
    for (row, corner) in corners.enumerated() where !isPlace(corner.x, corner.y) {
      throw group.file.damaged(group.place, "corner \(row) has no position")
    }
    return corners
  }

  static func read(from root: Handle) throws(StoreError) -> DetectorArray {
    let handle = try root.openGroup(group)
    let table = try TableReader(columns, in: handle, content: .events)
    guard table.rowCount <= stationLimit else {
      throw handle.file.unsupported(
        handle.place, "an array of more than \(stationLimit) stations", remedy: "Split the array")
    }
    let values = try table.values(0..<table.rowCount)
    var stations: [Station] = []
    let grid = try gridCells(handle, count: table.rowCount)
    for index in 0..<table.rowCount {
      stations.append(
        Station(
          id: Int(values[0][index]), column: grid.map { Int($0[0][index]) } ?? 0,
          row: grid.map { Int($0[1][index]) } ?? 0,
          position: Position(values[1][index], values[2][index], values[3][index])))
    }
    try check(stations, handle)
    try checkUnit(stations, handle)
    var array = DetectorArray(
      name: try handle.text("NAME") ?? "",
      spacing: try spacing(handle, stations, hasGrid: grid != nil),
      referenceAltitude: try attribute("ALTITUDE", handle), stations: stations,
      edge: try edge(handle), frame: try frame(handle), detector: try detector(handle),
      hasGrid: grid != nil)
    array.site = try site(handle)
    return array
  }

  private static func site(_ handle: Handle) throws(StoreError) -> GeographicSite? {
    guard let north = try handle.number(latitude), let east = try handle.number(longitude)
    else { return nil }
    guard abs(north) <= 90, abs(east) <= 360 else {
      throw handle.file.damaged(handle.place, "\(latitude) \(north), \(longitude) \(east)")
    }
    return GeographicSite(latitude: north * Units.degree, longitude: east * Units.degree)
  }

  /// Columns and rows; nil for an array without a grid.
  private static func gridCells(_ handle: Handle, count: Int) throws(StoreError) -> [[Double]]? {
    let (hasColumn, hasRow) = (try handle.contains("column"), try handle.contains("row"))
    guard hasColumn || hasRow else { return nil }
    return try TableReader(gridColumns, in: handle, content: .events).values(0..<count)
  }

  /// Refuses positions that can hardly be metres, unless the column says that they are.
  private static func checkUnit(_ stations: [Station], _ handle: Handle) throws(StoreError) {
    let unit = try Handle(
      handle.file, handle.path(of: "x"), H5Dclose,
      opening: H5Dopen2(handle.id, "x", chdf5_default())
    ).text("UNIT")
    guard unit != "m", let reason = DetectorArray.reasonAgainstMetres(stations.map(\.position))
    else { return }
    throw handle.file.damaged(handle.place, reason + " by the attribute UNIT \"m\" of /array/x")
  }

  private static func frame(_ handle: Handle) throws(StoreError) -> GroundFrame {
    guard let text = try handle.text(groundFrame) else { return .flat }
    guard let frame = GroundFrame(rawValue: text) else {
      throw handle.file.damaged(handle.place, "\(groundFrame) \"\(text)\", which is no frame")
    }
    return frame
  }

  /// The description of the stations; older files state no more than the sample period.
  private static func detector(_ handle: Handle) throws(StoreError) -> DetectorDescription {
    var detector = DetectorDescription.telescopeArray
    for quantity in DetectorDescription.quantities {
      let name = quantity.name.uppercased()
      guard let value = try handle.number(name) else { continue }
      guard detector.set(quantity, to: value) else {
        throw handle.file.damaged(
          handle.place,
          "\(name) \(value), not \(quantity.limits.lowerBound) to \(quantity.limits.upperBound) "
            + quantity.unit)
      }
    }
    if let response = try handle.text("RESPONSE") { detector.response = response }
    return detector
  }

  private static func spacing(
    _ handle: Handle, _ stations: [Station], hasGrid: Bool
  ) throws(StoreError) -> Double {
    if !hasGrid, try handle.number("SPACING") == nil,
      let usual = DetectorArray.usualDistance(stations.map(\.position))
    {
      return usual
    }
    let spacing = try attribute("SPACING", handle)
    guard spacing > 0 else { throw handle.file.damaged(handle.place, "SPACING \(spacing)") }
    return spacing
  }

  private static func attribute(_ name: String, _ handle: Handle) throws(StoreError) -> Double {
    guard let number = try handle.number(name), isPlace(number) else {
      throw handle.file.damaged(handle.place, "no attribute \(name), or no possible one")
    }
    return number
  }

  /// Whether these can be lengths of an array on the Earth [m].
  private static func isPlace(_ lengths: Double...) -> Bool {
    lengths.allSatisfy { abs($0) <= 1e7 }
  }

  /// What an array must keep so that it can be made: every number once, positions, a grid of
  /// sensible size.
  private static func check(_ stations: [Station], _ handle: Handle) throws(StoreError) {
    let (file, place) = (handle.file, handle.place)
    var ids: Set<Int> = []
    for station in stations {
      guard ids.insert(station.id).inserted else {
        throw file.damaged(place, "station \(station.id) occurs twice")
      }
      guard isPlace(station.position.x, station.position.y, station.position.z) else {
        throw file.damaged(place, "station \(station.id) has no position within 10,000 km")
      }
    }
    let (columns, rows) = (stations.map(\.column), stations.map(\.row))
    let width = (columns.max() ?? 0) - (columns.min() ?? 0)
    let height = (rows.max() ?? 0) - (rows.min() ?? 0)
    guard max(width, height) < 10_000, (width + 1) * (height + 1) <= 10_000_000 else {
      throw file.damaged(place, "a grid of \(width + 1) by \(height + 1) cells")
    }
  }
}
