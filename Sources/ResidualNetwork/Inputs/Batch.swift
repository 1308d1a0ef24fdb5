internal import ShowerModel

/// Memory that grows when needed and is never copied: the inputs of a batch.
private final class Buffer<Element: BitwiseCopyable> {
  private(set) var pointer = UnsafeMutablePointer<Element>.allocate(capacity: 1)
  private var capacity = 1

  func reserve(_ count: Int) {
    guard count > capacity else { return }
    pointer.deallocate()
    capacity = count + count / 4
    pointer = .allocate(capacity: capacity)
  }

  deinit { pointer.deallocate() }
}

/// The inputs of a network for some events, normalised, each event turned as wished.
final class Batch {
  /// One event of the batch.
  struct Row {
    let block: Int
    let row: Int
    let symmetry: Int
    /// Number of the random changes of this event; nil for none.
    var variation: Int?
  }

  private let spec: NetworkSpec
  private let widths: NetworkProgram.Widths
  private let cellColumns: Columns
  private let stationColumns: Columns
  private let eventColumns: Columns
  private let cellMaps: [[Int]]
  private let samples: Int
  private let augmentation: Augmentation
  private let seed: UInt64
  private let variableColumns: StationColumns

  private let traces = Buffer<Float>()
  private let stations = Buffer<Float>()
  private let stationCells = Buffer<Int64>()
  private let cells = Buffer<Float>()
  private let events = Buffer<Float>()
  /// A row of station inputs while it is changed.
  private let scratch = Buffer<Float>()
  private var stationCount = 0
  private var count = 0

  /// With `augmentation`, events whose row has a number are changed by random numbers of the seed
  /// and that number.
  init(
    spec: NetworkSpec, normalisation: NetworkNormalisation, augmentation: Augmentation = .init(),
    seed: UInt64 = 0
  ) {
    self.spec = spec
    widths = NetworkProgram.Widths(spec: spec)
    samples = spec.readsWaveforms ? spec.samples : 0
    cellColumns = Columns(CellInput.all.named(spec.inputs.cell), normalisation.cell)
    stationColumns = Columns(StationInput.all.named(spec.inputs.station), normalisation.station)
    eventColumns = Columns(EventInput.all.named(spec.inputs.event), normalisation.event)
    self.augmentation = augmentation
    self.seed = seed
    variableColumns = StationColumns(spec.inputs.station)
    scratch.reserve(widths.station)
    cellMaps = GridSymmetry.all.map { $0.cellMap(gridSize: spec.gridSize) }
  }

  /// Fills the batch with events.
  func fill(_ rows: ArraySlice<Row>, from blocks: [ImageBlock]) {
    count = rows.count
    let most = rows.reduce(0) { $0 + blocks[$1.block].stations(of: $1.row).count }
    traces.reserve(2 * samples * most)
    stations.reserve(widths.station * most)
    stationCells.reserve(most)
    cells.reserve(spec.cellCount * widths.cell * count)
    events.reserve(widths.event * count)
    cells.pointer.update(repeating: 0, count: spec.cellCount * widths.cell * count)
    stationCount = 0
    for (index, row) in rows.enumerated() { append(row, of: blocks[row.block], at: index) }
  }

  /// The inputs in the order of `forward`, valid until the next `fill`.
  var inputs: [TorchModule.Input] {
    [
      .floats(traces.pointer, [stationCount, max(samples, 1), 2]),
      .floats(stations.pointer, [stationCount, widths.station]),
      .integers(stationCells.pointer, [stationCount]),
      .floats(cells.pointer, [count * spec.cellCount, widths.cell]),
      .floats(events.pointer, [count, widths.event]),
    ]
  }

  private func append(_ row: Row, of block: ImageBlock, at index: Int) {
    let symmetry = GridSymmetry.all[row.symmetry]
    let event = row.row
    block.event.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      eventColumns.write(
        base + event * widths.event, to: events.pointer + index * widths.event, symmetry)
    }
    var random = row.variation.map { CounterRandom(seed: seed, event: $0, stream: .augmentation) }
    var alive = block.aliveCells[event]
    if var draws = random {
      alive = surviving(alive, &draws)
      random = draws
    }
    cellMaps[row.symmetry].withUnsafeBufferPointer { map in
      appendCells(of: block, event: event, at: index, alive: alive, symmetry, map)
      for station in block.stations(of: event) {
        let cell = Int(block.stationCell[station])
        guard alive & (1 << UInt64(cell)) != 0 else { continue }
        var variation: StationVariation?
        if var draws = random {
          variation = StationVariation(augmentation, &draws)
          random = draws
        }
        stationCells.pointer[stationCount] = Int64(index * spec.cellCount + map[cell])
        append(station: station, of: block, symmetry, variation)
        stationCount += 1
      }
    }
  }

  /// Working cells without those that die at random.
  private func surviving(_ alive: UInt64, _ random: inout CounterRandom) -> UInt64 {
    guard augmentation.deadStations > 0 else { return alive }
    var (left, result) = (alive, alive)
    while left != 0 {
      let cell = left.trailingZeroBitCount
      left &= left - 1
      if random.uniform() < augmentation.deadStations { result &= ~(1 << UInt64(cell)) }
    }
    return result
  }

  private func appendCells(
    of block: ImageBlock, event: Int, at index: Int, alive: UInt64, _ symmetry: GridSymmetry,
    _ map: UnsafeBufferPointer<Int>
  ) {
    guard widths.cell > 0 else { return }
    block.cell.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      var left = alive
      while left != 0 {
        let cell = left.trailingZeroBitCount
        left &= left - 1
        cellColumns.write(
          base + (event * spec.cellCount + cell) * widths.cell,
          to: cells.pointer + (index * spec.cellCount + map[cell]) * widths.cell, symmetry)
      }
    }
  }

  /// Inputs and trace of one station.
  private func append(
    station: Int, of block: ImageBlock, _ symmetry: GridSymmetry, _ variation: StationVariation?
  ) {
    block.station.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      var row = base + station * widths.station
      if let variation {
        scratch.pointer.update(from: row, count: widths.station)
        variation.apply(to: scratch.pointer, variableColumns)
        row = UnsafePointer(scratch.pointer)
      }
      stationColumns.write(row, to: stations.pointer + stationCount * widths.station, symmetry)
    }
    guard samples > 0 else { return }
    let target = traces.pointer + 2 * samples * stationCount
    block.trace.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      let from = base + 2 * samples * station
      let unit = 1 / TraceTransform.scale
      for sample in 0..<2 * samples { target[sample] = Float(from[sample]) * unit }
      variation?.apply(toTrace: target, from: from, samples: samples)
    }
  }
}

/// Normalises and turns a row of inputs.
private struct Columns {
  private let normalisation: InputNormalisation
  /// First component of each vector.
  private let vectors: [Int]
  /// Numbers that change their sign in a mirror.
  private let odd: [Int]
  private let width: Int

  init<View>(_ inputs: [ImageInput<View>], _ normalisation: InputNormalisation) {
    self.normalisation = normalisation
    var (vectors, odd): ([Int], [Int]) = ([], [])
    var width = 0
    for input in inputs {
      if input.kind == .vector { vectors.append(width) }
      if input.kind == .odd { odd.append(width) }
      width += input.width
    }
    self.vectors = vectors
    self.odd = odd
    self.width = width
  }

  func write(
    _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ symmetry: GridSymmetry
  ) {
    let limit = InputNormalisation.limit
    normalisation.mean.withUnsafeBufferPointer { mean in
      normalisation.factor.withUnsafeBufferPointer { factor in
        for index in 0..<width {
          let value = (source[index] - mean[index]) * factor[index]
          target[index] = value.isNaN ? 0 : max(-limit, min(limit, value))
        }
      }
    }
    guard symmetry != .identity else { return }
    if symmetry.isMirror { for index in odd { target[index] = -target[index] } }
    for index in vectors {
      let (x, y) = (target[index], target[index + 1])
      target[index] = Float(symmetry.xx) * x + Float(symmetry.xy) * y
      target[index + 1] = Float(symmetry.yx) * x + Float(symmetry.yy) * y
    }
  }
}
