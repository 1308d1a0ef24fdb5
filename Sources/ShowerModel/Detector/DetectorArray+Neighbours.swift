internal import Glibc

/// Neighbours by distance, for arrays without a grid.
extension DetectorArray {
  /// Neighbours are nearer than this [spacings]: along the grid of a square array, or with its
  /// corners. In a hexagonal array both are the six nearest stations.
  private static let (edgeReach, cornerReach) = (1.2, 1.5)

  func areNear(_ a: Int, _ b: Int, corners: Bool) -> Bool {
    let d = stations[a].position - stations[b].position
    let reach = spacing * (corners ? Self.cornerReach : Self.edgeReach)
    return d.x * d.x + d.y * d.y <= reach * reach
  }

  /// Largest angle between the azimuths of two successive neighbours [rad].
  func largestGap(_ index: Int) -> Double {
    let azimuths = stations.indices.filter { $0 != index && areNear($0, index, corners: true) }.map
    {
      let d = stations[$0].position - stations[index].position
      return atan2(d.y, d.x)
    }.sorted()
    guard let first = azimuths.first else { return 2 * .pi }
    return zip(azimuths, azimuths.dropFirst() + [first + 2 * .pi]).map { $1 - $0 }.max() ?? 2 * .pi
  }

  /// Number of neighbours of a station along the grid.
  public func neighbourCount(_ index: Int) -> Int {
    guard hasGrid else {
      return stations.indices.count { areNeighbours($0, index, corners: false) }
    }
    let station = stations[index]
    return [(-1, 0), (1, 0), (0, -1), (0, 1)].count {
      self.station(atColumn: station.column + $0.0, row: station.row + $0.1) != nil
    }
  }

  /// Median distance of stations to the nearest other one on the ground [m]; nil for less than two.
  public static func usualDistance(_ positions: [Position]) -> Double? {
    guard positions.count >= 2 else { return nil }
    // From west to east, so that only those near by need a look.
    let ordered = positions.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    var nearest = [Double](repeating: .infinity, count: ordered.count)
    for a in ordered.indices {
      for b in ordered.indices.dropFirst(a + 1) {
        let d = ordered[b] - ordered[a]
        guard d.x * d.x < max(nearest[a], nearest[b]) else { break }
        let square = d.x * d.x + d.y * d.y
        nearest[a] = min(nearest[a], square)
        nearest[b] = min(nearest[b], square)
      }
    }
    nearest.sort()
    return (0.5 * (nearest[(nearest.count - 1) / 2] + nearest[nearest.count / 2])).squareRoot()
  }

  /// Why positions can hardly be metres; nil where they can.
  ///
  /// Stations of an array on the ground are farther apart than some ten metres and nearer than some
  /// ten kilometres. An array that is so small, or so large, must state its unit.
  public static func reasonAgainstMetres(_ positions: [Position]) -> String? {
    guard let distance = usualDistance(positions) else { return nil }
    let size = (distance * 1000).rounded() / 1000
    if distance < 30 {
      return "positions can hardly be metres: stations are \(size) apart. Multiply kilometres by "
        + "1000. If the array is so small, state it"
    }
    if distance > 50_000 {
      return "positions can hardly be metres: stations are \(size) apart. Divide centimetres by "
        + "100. If the array is so large, state it"
    }
    return nil
  }

  /// A hexagonal array centred on the origin, without a grid of columns and rows.
  ///
  /// - Parameters:
  ///   - rings: about the central station, at most 150; it has 1 + 3 n (n + 1) stations.
  ///   - spacing: between neighbours [m].
  ///   - referenceAltitude: of the plane z = 0 above sea level [m].
  ///   - altitudeSpread: standard deviation of the stations' altitudes [m].
  /// - Returns: the array, named after its size; stations are numbered from 1, row by row.
  public static func hexagon(
    rings: Int, spacing: Double, referenceAltitude: Double = 1400, altitudeSpread: Double = 0
  ) -> DetectorArray {
    var stations: [Station] = []
    for row in -rings...rings {
      let length = 2 * rings + 1 - abs(row)
      for place in 0..<length {
        let id = stations.count + 1
        var random = CounterRandom(seed: 0, event: id, stream: .altitudes)
        stations.append(
          Station(
            id: id,
            position: Position(
              (Double(place) - 0.5 * Double(length - 1)) * spacing,
              Double(row) * spacing * 0.75.squareRoot(),
              altitudeSpread > 0 ? altitudeSpread * random.normal() : 0)))
      }
    }
    let metres = spacing == spacing.rounded() ? "\(Int(spacing))" : "\(spacing)"
    return DetectorArray(
      name: "hexagon-\(rings)-\(metres)m", spacing: spacing, referenceAltitude: referenceAltitude,
      stations: stations, hasGrid: false)
  }
}
