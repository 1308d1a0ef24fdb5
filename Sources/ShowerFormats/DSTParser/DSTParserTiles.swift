internal import ShowerModel
internal import ShowerStore

/// Tiles of stations around the largest signal.
///
/// Positions and cores are in units of the tile; older versions of dstparser had positions in
/// metres and cores in centimetres.
struct DSTParserTiles: DSTParserForm {
  private let file: NumberFile

  init(_ file: NumberFile) { self.file = file }

  /// Farthest that a station may stand from where the file has it [m].
  private static let farthest = 200.0

  private var hasUnitsOfTile: Bool {
    get throws(StoreError) { try file.shape(of: "detector_positions_abs") != nil }
  }

  func coreUnits(_ array: DetectorArray) -> (truth: Double, published: Double, combined: Double) {
    let side = (try? file.shape(of: "detector_states"))?[1] ?? 7
    let isRelative = (try? hasUnitsOfTile) ?? true
    let extent = Double((side - 1) / 2) * array.spacing
    return isRelative ? (extent, extent, 1) : (0.01, 1, 1)
  }

  func eventCount() throws(StoreError) -> Int {
    let shape = try file.shape(of: "detector_states") ?? []
    guard shape.count == 3, shape[1] == shape[2], (1...31).contains(shape[1]) else {
      throw .damaged(
        file: file.path, place: "/detector_states",
        reason: "the shape \(shape), not that of square tiles")
    }
    if try file.shape(of: "time_traces") != nil, try file.shape(of: "time_traces_low") == nil {
      throw .unsupported(
        file: file.path, place: "/time_traces", reason: "holds means of the two layers",
        remedy: "Make it again with parse_dst_file(..., avg_traces=False)")
    }
    for name in ["time_traces_low", "time_traces_up"] {
      try file.require(name, shape: shape + [WaveformBank.sampleCount])
    }
    for name in try timeNames { try file.require(name, shape: shape) }
    try file.require(try positionName, shape: shape + [3])
    return shape[0]
  }

  /// Times of the lower and of the upper layer, or of both.
  private var timeNames: [String] {
    get throws(StoreError) {
      try file.shape(of: "arrival_times_low") == nil
        ? ["arrival_times", "arrival_times"] : ["arrival_times_low", "arrival_times_up"]
    }
  }

  private var positionName: String {
    get throws(StoreError) {
      try hasUnitsOfTile ? "detector_positions_abs" : "detector_positions"
    }
  }

  func events(_ rows: Range<Int>, array: DetectorArray) throws(StoreError) -> [DSTParserStations] {
    let states = try file.values(rows, of: "detector_states")
    let cells = states.count / rows.count
    let positions = try file.values(rows, of: positionName)
    let folds = try file.shape(of: "nfold") == nil ? nil : try file.values(rows, of: "nfold")
    let names = try timeNames
    let times = (try file.values(rows, of: names[0]), try file.values(rows, of: names[1]))
    let traces = (
      try file.values(rows, of: "time_traces_low"), try file.values(rows, of: "time_traces_up")
    )
    return rows.indices.map { row in
      var event = DSTParserStations()
      for cell in 0..<cells {
        let index = (row - rows.lowerBound) * cells + cell
        let position = SIMD2(positions[3 * index], positions[3 * index + 1])
        if cell == cells / 2 { event.centre = position }
        // Cells without a station have no position.
        guard position != SIMD2(0, 0), let id = station(at: position, of: array) else { continue }
        let samples = index * WaveformBank.sampleCount..<(index + 1) * WaveformBank.sampleCount
        let (lower, upper) = (Array(traces.0[samples]), Array(traces.1[samples]))
        if lower.contains(where: { $0 != 0 }) || upper.contains(where: { $0 != 0 }) {
          event.hits.append(
            DSTParserHit(
              stationID: id, times: SIMD2(times.0[index], times.1[index]),
              foldCount: Int(saturating: folds?[index] ?? 1), lower: [lower], upper: [upper]))
        } else if states[index] == 0 {
          event.dead.append(id)
        }
      }
      return event
    }
  }

  /// Number of the station that stands nearest to a position [m], if it is near.
  private func station(at position: SIMD2<Double>, of array: DetectorArray) -> Int? {
    var best: (id: Int, square: Double)?
    for station in array.stations {
      let d = SIMD2(station.position.x, station.position.y) - position
      let square = (d * d).sum()
      if square < best?.square ?? Self.farthest * Self.farthest { best = (station.id, square) }
    }
    return best?.id
  }
}
