import Glibc
internal import ShowerModel

/// Makes the image of an event: the stations about the fitted core, on their grid.
///
/// Uses only the event's waveforms, what the monitoring knows, and the standard reconstruction.
/// Positions are relative to the fitted core, and times to the fitted front. So a network cannot
/// learn where the array stands, nor the event's clock. Truth, ids and times of day are never read.
struct EventImager: Sendable {
  let gridSize: Int
  /// 0 without an encoder.
  let samples: Int
  /// Samples that trace features look at.
  private let traceLength: Int
  private let measuresTraces: Bool
  let cellInputs: [ImageInput<CellView>]
  let stationInputs: [ImageInput<StationView>]
  let eventInputs: [ImageInput<EventView>]
  /// Whether the network is told of bad layers, and so sees their traces as zeros. One that is not
  /// knows stations with two good layers only: it sees the good layer's trace in both places.
  private let masksLayers: Bool
  private let array: DetectorArray
  /// Length of a sample [ns].
  private let samplePeriod: Double
  private let gridOrigin: SIMD2<Double>

  init(spec: NetworkSpec, array: DetectorArray) {
    gridSize = spec.gridSize
    samples = spec.readsWaveforms ? spec.samples : 0
    traceLength = spec.samples
    measuresTraces = spec.inputs.station.contains { TraceFeatures.names.contains($0) }
    cellInputs = CellInput.all.named(spec.inputs.cell)
    stationInputs = StationInput.all.named(spec.inputs.station)
    eventInputs = EventInput.all.named(spec.inputs.event)
    masksLayers =
      spec.inputs.station.contains(StationInput.upperBad)
      && spec.inputs.station.contains(StationInput.lowerBad)
    self.array = array
    samplePeriod = array.detector.samplePeriod
    // The median is one of the values or the mean of two, so it moves with the array exactly.
    gridOrigin =
      array.hasGrid
      ? SIMD2(
        median(array.stations.map { $0.position.x - array.spacing * Double($0.column) }),
        median(array.stations.map { $0.position.y - array.spacing * Double($0.row) })) : .zero
  }

  /// Appends the image of an event whose standard status is good.
  func append(_ reconstructed: ReconstructedEvent, to block: inout ImageBlock) {
    let (event, standard) = (reconstructed.event, reconstructed.standard)
    let axis = standard.shower.axis
    let window = Window(core: axis.core, array: array, origin: gridOrigin, size: gridSize)
    let expected = ExpectedSignal(standard: standard)

    let stationCells = window.stationCells
    var alive: UInt64 = 0
    for (cell, station) in stationCells.enumerated() where station >= 0 {
      if !event.deadStations.contains(station) { alive |= 1 << UInt64(cell) }
    }
    // A station with both layers bad tells nothing.
    let groups = event.hits.stationRuns.filter { event.hits[$0.lowerBound].badLayers != .both }
    for hit in event.hits where hit.badLayers == .both {
      if let cell = window.cell(of: hit.station) { alive &= ~(1 << UInt64(cell)) }
    }
    var triggered: UInt64 = 0
    for group in groups {
      guard let cell = window.cell(of: event.hits[group.lowerBound].station),
        alive & (1 << UInt64(cell)) != 0
      else { continue }
      triggered |= 1 << UInt64(cell)
    }

    let view = EventView(
      standard: standard, direction: axis.direction.vector, coreInImage: window.coreFromCentre,
      accuracy: event.accuracy)
    append(eventInputs, of: view, to: &block.event)
    block.scaleVariables.append(Self.secZenith(standard))
    block.scaleVariables.append(log(standard.signal800))
    block.aliveCells.append(alive)

    let frame = ShowerFrame(axis)
    var places = [CellView](repeating: .nowhere, count: gridSize * gridSize)
    for (cell, station) in stationCells.enumerated() {
      guard alive & (1 << UInt64(cell)) != 0 else {
        for input in cellInputs { for _ in 0..<input.width { block.cell.append(0) } }
        continue
      }
      let position = array.stations[station].position
      let distance = max(axis.distance(of: position), 10)
      places[cell] = CellView(
        offset: position - axis.core, inShowerPlane: frame.place(of: position - axis.core),
        distance: distance, upstream: axis.upstream(of: position),
        logExpectedSignal: expected.logarithm(atDistance: distance),
        hasWaveform: triggered & (1 << UInt64(cell)) != 0)
      append(cellInputs, of: places[cell], to: &block.cell)
    }

    for group in groups {
      let index = event.hits[group.lowerBound].station
      guard let cell = window.cell(of: index), triggered & (1 << UInt64(cell)) != 0
      else { continue }
      let signal =
        reconstructed.stations.first { $0.station == index }
        ?? StationSignal(
          station: index, time: .nan, timeError: 0, upper: 0, lower: 0,
          badLayers: event.hits[group.lowerBound].badLayers, windowCount: group.count,
          isSaturated: false)
      let first = firstWindow(of: group, in: event.hits, signalTime: signal.time)
      // Times are subtracted first: the clock of the event cancels to the last bit.
      let afterCore = event.hits[first].windowStart - standard.shower.time
      let view = StationView(
        signal: signal, place: places[cell],
        traceDelay: afterCore - axis.planeDelay(at: array.stations[index].position),
        trace: measuresTraces
          ? TraceFeatures(
            event.hits[first..<group.upperBound], samples: traceLength, samplePeriod: samplePeriod)
          : .none)
      block.stationCell.append(UInt8(cell))
      append(stationInputs, of: view, to: &block.station)
      if samples > 0 { appendTrace(event.hits[first..<group.upperBound], to: &block.trace) }
    }
    block.stationStart.append(Int32(block.stationCell.count))
  }

  /// sec theta of a result, held where a shower grazes the ground.
  static func secZenith(_ standard: StandardResult) -> Double {
    1 / max(standard.shower.axis.direction.vector.z, 0.05)
  }

  private func append<View>(
    _ inputs: [ImageInput<View>], of view: borrowing View, to values: inout [Float]
  ) {
    for input in inputs {
      let value = input.value(view)
      values.append(Float(value.x))
      if input.kind == .vector { values.append(Float(value.y)) }
    }
  }

  /// The window in which the signal begins: an accidental muon may have opened an earlier one.
  private func firstWindow(of group: Range<Int>, in hits: [Hit], signalTime: Double) -> Int {
    group.last { hits[$0].windowStart <= signalTime } ?? group.lowerBound
  }

  /// Windows at their true distance in time, zero between and beyond them.
  private func appendTrace(_ windows: ArraySlice<Hit>, to traces: inout [Int16]) {
    let begin = traces.count
    traces.append(contentsOf: repeatElement(0, count: 2 * samples))
    guard let start = windows.first?.windowStart else { return }
    traces.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for hit in windows {
        let delay = ((hit.windowStart - start) / samplePeriod).rounded()
        guard delay >= 0, delay < Double(samples) else { break }
        for layer in Layer.allCases {
          let isBad = hit.badLayers.contains(layer)
          if isBad && masksLayers { continue }
          TraceTransform.place(
            hit[isBad ? layer.other : layer], layer: layer, offset: Int(delay), into: base + begin,
            samples: samples)
        }
      }
    }
  }
}

/// The N x N grid cells about a core. Of an array without a grid they are the N^2 nearest stations,
/// the nearest first, for networks to which the order means nothing.
private struct Window {
  /// Station of each cell, -1 where there is none.
  let stationCells: [Int]
  /// Core relative to the centre of the image, in units of the spacing; to the nearest station
  /// in an array without a grid.
  let coreFromCentre: SIMD2<Double>

  /// The core lies in the central cell (N odd) or in the square between the central four (N even).
  init(core: Position, array: DetectorArray, origin: SIMD2<Double>, size: Int) {
    guard array.hasGrid else {
      (stationCells, coreFromCentre) = Self.nearest(to: core, of: array, count: size * size)
      return
    }
    let place = (SIMD2(core.x, core.y) - origin) / array.spacing
    let nearest = size % 2 == 1 ? place.rounded(.toNearestOrAwayFromZero) : place.rounded(.down)
    // A fit can end anywhere; a window beyond the array is empty wherever it is.
    let held = nearest.clamped(
      lowerBound: .init(repeating: -1e6), upperBound: .init(repeating: 1e6))
    let firstColumn = Int(held.x) - (size - 1) / 2
    let firstRow = Int(held.y) - (size - 1) / 2
    stationCells = (0..<size * size).map {
      array.station(atColumn: firstColumn + $0 % size, row: firstRow + $0 / size) ?? -1
    }
    coreFromCentre = place - held - (size % 2 == 1 ? 0 : 0.5)
  }

  private static func nearest(
    to core: Position, of array: DetectorArray, count: Int
  ) -> (stations: [Int], core: SIMD2<Double>) {
    let distances = array.stations.map { station in
      let d = SIMD2(station.position.x - core.x, station.position.y - core.y)
      return (d * d).sum()
    }
    let nearest = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
    let stations =
      nearest.prefix(count) + [Int](repeating: -1, count: max(count - nearest.count, 0))
    let centre = nearest.first.map { array.stations[$0].position } ?? core
    let offset = (SIMD2(core.x, core.y) - SIMD2(centre.x, centre.y)) / array.spacing
    return (Array(stations), offset)
  }

  func cell(of station: Int) -> Int? { stationCells.firstIndex(of: station) }
}

/// Directions along and across the projected shower axis, in the plane of the shower.
private struct ShowerFrame {
  private let along: SIMD3<Double>
  private let across: SIMD3<Double>

  init(_ axis: ShowerAxis) {
    along = axis.direction.zenithUnit
    across = axis.direction.azimuthUnit
  }

  func place(of offset: SIMD3<Double>) -> SIMD2<Double> {
    SIMD2((offset * along).sum(), (offset * across).sum())
  }
}

/// ln of S800 LDF(r) of one event.
private struct ExpectedSignal {
  private let logSignal800: Double
  private let cosZenith: Double

  init(standard: StandardResult) {
    logSignal800 = log(standard.signal800)
    cosZenith = max(cos(standard.shower.zenith), 0.05)
  }

  func logarithm(atDistance distance: Double) -> Double {
    logSignal800 + LateralDistribution.inr.value(distance, cosZenith).logarithm
  }
}

private func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  let sorted = values.sorted()
  return 0.5 * (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2])
}
