/// One surface detector station.
public struct Station: Sendable, Equatable {
  /// Name of the station as a number; for the Telescope Array XXYY, column and row of its grid.
  public let id: Int
  /// Column (west to east) and row (south to north) of the nominal grid; 0 in an array without one.
  public let column: Int
  public let row: Int
  /// x east, y north, z up from the plane z = 0 of the array's frame [m].
  public let position: Position

  public init(id: Int, column: Int, row: Int, position: Position) {
    self.id = id
    self.column = column
    self.row = row
    self.position = position
  }

  /// A station of an array without a grid.
  public init(id: Int, position: Position) {
    self.init(id: id, column: 0, row: 0, position: position)
  }
}

/// The stations of an observatory, on their nominal square grid or anywhere.
public struct DetectorArray: Sendable, Equatable {
  public let name: String
  /// Whether stations have columns and rows. Without them, neighbours are those near by.
  public let hasGrid: Bool
  /// Grid spacing, or usual distance of neighbours [m].
  public let spacing: Double
  /// Altitude above sea level of the plane z = 0 at x = y = 0 [m].
  public let referenceAltitude: Double
  /// How the coordinates lie on the Earth.
  public let frame: GroundFrame
  public let stations: [Station]
  /// Corners of the edge, the closed polygon around the area where showers are measured well [m]; x
  /// east, y north.
  public let edge: [SIMD2<Double>]
  /// What its stations are.
  public let detector: DetectorDescription
  /// Where x = y = 0 lies on the Earth; nil where it is not known. Sky coordinates need it.
  public var site: GeographicSite?

  private let stationOfCell: [Int32]
  private let columns: Range<Int>
  private let rows: Range<Int>

  /// An array of stations, at most one a grid cell, and the corners of its edge in order; without
  /// an edge it is the convex hull of the stations.
  public init(
    name: String, spacing: Double, referenceAltitude: Double, stations: [Station],
    edge: [SIMD2<Double>]? = nil, frame: GroundFrame = .flat,
    detector: DetectorDescription = .telescopeArray, hasGrid: Bool = true
  ) {
    self.hasGrid = hasGrid
    self.frame = frame
    self.detector = detector
    self.name = name
    self.spacing = spacing
    self.referenceAltitude = referenceAltitude
    self.stations = stations
    self.edge =
      edge ?? DetectorArray.convexHull(stations.map { SIMD2($0.position.x, $0.position.y) })
    let columnNumbers = hasGrid ? stations.map(\.column) : []
    let rowNumbers = hasGrid ? stations.map(\.row) : []
    columns = (columnNumbers.min() ?? 0)..<(columnNumbers.max() ?? -1) + 1
    rows = (rowNumbers.min() ?? 0)..<(rowNumbers.max() ?? -1) + 1
    var cells = [Int32](repeating: -1, count: columns.count * rows.count)
    for (index, station) in stations.enumerated().reversed() where hasGrid {
      cells[(station.row - rows.lowerBound) * columns.count + station.column - columns.lowerBound] =
        Int32(index)
    }
    stationOfCell = cells
  }

  /// Index of each station by its number; of the first one where several have it. Made anew for
  /// every call.
  public var indexOfStation: [Int: Int] {
    Dictionary(stations.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Index of the station at a grid cell, nil where there is none.
  public func station(atColumn column: Int, row: Int) -> Int? {
    guard columns.contains(column), rows.contains(row) else { return nil }
    let index =
      stationOfCell[(row - rows.lowerBound) * columns.count + column - columns.lowerBound]
    return index < 0 ? nil : Int(index)
  }

  /// Whether two stations share an edge (4) or an edge or corner (8) of the grid.
  ///
  /// Without a grid they are neighbours within 1.2 spacings, or 1.5 spacings with corners.
  public func areNeighbours(_ a: Int, _ b: Int, corners: Bool) -> Bool {
    guard hasGrid else { return a != b && areNear(a, b, corners: corners) }
    let dx = abs(stations[a].column - stations[b].column)
    let dy = abs(stations[a].row - stations[b].row)
    return corners ? max(dx, dy) == 1 : dx + dy == 1
  }

  /// Whether a station lacks one of its eight neighbours.
  ///
  /// Without a grid: whether its neighbours leave more than 100 degrees of azimuth free.
  public func isAtEdge(_ index: Int) -> Bool {
    guard hasGrid else { return largestGap(index) > 100 * Units.degree }
    let (c, r) = (stations[index].column, stations[index].row)
    return (-1...1).contains { dx in
      (-1...1).contains { dy in station(atColumn: c + dx, row: r + dy) == nil }
    }
  }

  /// A square grid centred on the origin, on level ground or on ground as rough as asked for.
  ///
  /// Altitudes depend on the station's number alone, so that all samples of one grid have one
  /// array.
  /// - Parameters:
  ///   - columns: from west to east.
  ///   - rows: from south to north, at most 999.
  ///   - spacing: between neighbours [m].
  ///   - referenceAltitude: of the plane z = 0 above sea level [m].
  ///   - altitudeSpread: standard deviation of the stations' altitudes [m].
  /// - Returns: the array, named after its size.
  public static func idealGrid(
    columns: Int, rows: Int, spacing: Double = 1200, referenceAltitude: Double = 1400,
    altitudeSpread: Double = 0
  ) -> DetectorArray {
    // Numbers are column and row in decimal digits.
    let columnStep = rows < 100 ? 100 : 1000
    var stations: [Station] = []
    for column in 1...columns {
      for row in 1...rows {
        let x = (Double(column) - 0.5 * Double(columns + 1)) * spacing
        let y = (Double(row) - 0.5 * Double(rows + 1)) * spacing
        let id = columnStep * column + row
        var random = CounterRandom(seed: 0, event: id, stream: .altitudes)
        let z = altitudeSpread > 0 ? altitudeSpread * random.normal() : 0
        stations.append(Station(id: id, column: column, row: row, position: Position(x, y, z)))
      }
    }
    let metres = spacing == spacing.rounded() ? "\(Int(spacing))" : "\(spacing)"
    let suffix = spacing == 1200 ? "" : "-\(metres)m"
    return DetectorArray(
      name: "ideal-\(columns)x\(rows)" + suffix, spacing: spacing,
      referenceAltitude: referenceAltitude,
      stations: stations)
  }
}
