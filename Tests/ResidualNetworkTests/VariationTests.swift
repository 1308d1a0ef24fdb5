import Glibc
import ShowerModel
import Testing

@testable import ResidualNetwork

/// Random changes of events in training.
@Suite struct VariationTests {
  static let spec = SyntheticEvents.fullSpec
  static let names = spec.inputs.station
  let synthetic = SyntheticEvents()

  func block(_ count: Int) -> ImageBlock {
    var block = ImageBlock()
    let imager = EventImager(spec: Self.spec, array: synthetic.array)
    for id in 0..<count { imager.append(synthetic.make(id: id, seed: 8), to: &block) }
    return block
  }

  struct Filled {
    var stations: [[Float]]
    var traces: [[Float]]
    var stationCells: [Int64]
    var cells: [Float]
  }

  func fill(
    _ block: ImageBlock, _ augmentation: Augmentation, seed: UInt64 = 1, first: Int? = 0
  ) -> Filled {
    let widths = NetworkProgram.Widths(spec: Self.spec)
    let batch = Batch(
      spec: Self.spec,
      normalisation: NetworkNormalisation(
        cell: .neutral(width: widths.cell), station: .neutral(width: widths.station),
        event: .neutral(width: widths.event)),
      augmentation: augmentation, seed: seed)
    let rows = (0..<block.count).map { row in
      Batch.Row(block: 0, row: row, symmetry: 0, variation: first.map { $0 + row })
    }
    batch.fill(rows[...], from: [block])
    let inputs = batch.inputs
    func values(_ index: Int, _ width: Int) -> [[Float]] {
      guard case .floats(let pointer) = inputs[index].storage else { return [] }
      return (0..<inputs[index].shape[0]).map {
        Array(UnsafeBufferPointer(start: pointer + $0 * width, count: width))
      }
    }
    var cells: [Int64] = []
    if case .integers(let pointer) = inputs[2].storage {
      cells = Array(UnsafeBufferPointer(start: pointer, count: inputs[2].shape[0]))
    }
    // The neutral normalisation divides by 100, so that nothing is cut off.
    return Filled(
      stations: values(1, widths.station).map { $0.map { 100 * $0 } },
      traces: values(0, 2 * Self.spec.samples), stationCells: cells,
      cells: values(3, widths.cell).flatMap { $0.map { 100 * $0 } })
  }

  func column(_ name: String) throws -> Int {
    var column = 0
    for input in StationInput.all.named(Self.names) {
      if input.name == name { return column }
      column += input.width
    }
    throw NetworkError.engine("no \(name)")
  }

  @Test("nothing changes without augmentation, and the same seed gives the same changes")
  func deterministic() {
    let block = block(20)
    let plain = fill(block, Augmentation(), first: nil)
    let none = fill(block, Augmentation())
    let isUnchanged =
      none.stations == plain.stations && none.traces == plain.traces && none.cells == plain.cells
    #expect(isUnchanged)
    let first = fill(block, .detector)
    let again = fill(block, .detector)
    let other = fill(block, .detector, seed: 2)
    let later = fill(block, .detector, first: 1000)
    let isSame = first.stations == again.stations && first.traces == again.traces
    let isOther = first.stations != other.stations && first.stations != later.stations
    #expect(isSame && isOther)
  }

  @Test("clocks move times and nothing else, with the spread asked for")
  func clocks() throws {
    let block = block(60)
    var augmentation = Augmentation()
    augmentation.time = 20
    let (plain, changed) = (fill(block, Augmentation()), fill(block, augmentation))
    let residual = try column("time_residual")
    let (delay, logarithm) = (try column("trace_delay"), try column("log_time_residual"))
    let moved = Set([residual, delay, logarithm])
    var squares = 0.0
    for (before, after) in zip(plain.stations, changed.stations) {
      for index in before.indices where !moved.contains(index) {
        #expect(before[index] == after[index])
      }
      // Hundreds of ns against microseconds.
      let shift = Double(after[residual] - before[residual])
      #expect(abs(Double(after[delay] - before[delay]) - 0.1 * shift) < 1e-4)
      let t = after[logarithm]
      #expect(abs((t < 0 ? -expm1f(-t) : expm1f(t)) - after[residual]) < 1e-3)
      squares += shift * shift
    }
    let spread = 100 * (squares / Double(plain.stations.count)).squareRoot()
    #expect((18...22).contains(spread))
    let isSame = plain.traces == changed.traces && plain.cells == changed.cells
    #expect(isSame)
  }

  @Test("gains change traces as another calibration would")
  func gains() throws {
    let block = block(60)
    var augmentation = Augmentation()
    augmentation.gain = 0.05
    let (plain, changed) = (fill(block, Augmentation()), fill(block, augmentation))
    let (signal, asymmetry) = (try column("log_signal"), try column("layer_asymmetry"))
    for index in plain.traces.indices {
      // The largest samples tell the gains.
      var gains: [Double] = []
      for layer in 0..<2 {
        let samples = stride(from: layer, to: plain.traces[index].count, by: 2)
        let peak = try #require(samples.max { plain.traces[index][$0] < plain.traces[index][$1] })
        let (before, after) = (plain.traces[index][peak], changed.traces[index][peak])
        guard before > 3 else { continue }
        gains.append(Double(expm1f(after) / expm1f(before)))
        for sample in samples {
          let expected = log1p(
            try #require(gains.last) * Double(expm1f(plain.traces[index][sample])))
          #expect(abs(Double(changed.traces[index][sample]) - expected) < 6e-3)
        }
      }
      guard gains.count == 2 else { continue }
      let (before, after) = (plain.stations[index], changed.stations[index])
      // Both layers of these events see the same.
      let ratio = (exp(Double(after[signal])) - 0.1) / (exp(Double(before[signal])) - 0.1)
      #expect(abs(ratio - 0.5 * (gains[0] + gains[1])) < 0.01)
      let expected = (gains[0] - gains[1]) / (gains[0] + gains[1])
      #expect(abs(Double(after[asymmetry] - before[asymmetry]) - expected) < 0.01)
    }
  }

  @Test("dead stations vanish from cells and stations; bad layers are zero and masked")
  func deadAndBad() throws {
    let block = block(150)
    var augmentation = Augmentation()
    augmentation.deadStations = 0.1
    let (plain, dead) = (fill(block, Augmentation()), fill(block, augmentation))
    let part = Double(dead.stations.count) / Double(plain.stations.count)
    #expect((0.86...0.94).contains(part))
    #expect(Set(dead.stationCells).isSubset(of: Set(plain.stationCells)))
    let width = NetworkProgram.Widths(spec: Self.spec).cell
    for cell in dead.stationCells { #expect(dead.cells[Int(cell) * width] == 1) }
    for cell in Set(plain.stationCells).subtracting(dead.stationCells) {
      #expect(dead.cells[Int(cell) * width..<(Int(cell) + 1) * width].allSatisfy { $0 == 0 })
    }

    augmentation = Augmentation()
    augmentation.badLayers = 0.2
    let bad = fill(block, augmentation)
    let (upper, lower) = (try column("upper_bad"), try column("lower_bad"))
    let asymmetry = try column("layer_asymmetry")
    let features = [try column("upper_t50"), try column("lower_t50")]
    var count = 0
    for (station, trace) in zip(bad.stations, bad.traces) {
      for (layer, flag) in [upper, lower].enumerated() where station[flag] == 1 {
        count += 1
        #expect(stride(from: layer, to: trace.count, by: 2).allSatisfy { trace[$0] == 0 })
        #expect(station[asymmetry] == 0)
        #expect(station[features[layer]] == 0)
      }
      #expect(station[upper] * station[lower] == 0)
    }
    #expect((0.16...0.24).contains(Double(count) / Double(bad.stations.count)))
  }
}
