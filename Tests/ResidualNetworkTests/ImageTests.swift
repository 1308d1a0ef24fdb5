import Glibc
import ShowerModel
import Testing

@testable import ResidualNetwork

@Suite struct ImageTests {
  let synthetic = SyntheticEvents()

  func image(_ event: ReconstructedEvent, spec: NetworkSpec, array: DetectorArray) -> ImageBlock {
    var block = ImageBlock()
    EventImager(spec: spec, array: array).append(event, to: &block)
    return block
  }

  func spec(gridSize: Int) -> NetworkSpec {
    var spec = SyntheticEvents.fullSpec
    spec.gridSize = gridSize
    return spec
  }

  @Test("the core lies in the middle of the image", arguments: 4...8)
  func centring(gridSize: Int) {
    for id in 0..<40 {
      let event = synthetic.make(id: id, seed: 1)
      let block = image(event, spec: spec(gridSize: gridSize), array: synthetic.array)
      let widths = NetworkProgram.Widths(spec: spec(gridSize: gridSize))
      // Where the offset input vanishes: half a cell from the centre at most.
      #expect(abs(block.event[2]) <= 0.5 && abs(block.event[3]) <= 0.5)
      for cell in 0..<gridSize * gridSize
      where block.aliveCells[0] & (1 << UInt64(cell)) != 0 {
        let expectedX =
          1.2 * (Float(cell % gridSize) - 0.5 * Float(gridSize - 1) - block.event[2])
        #expect(abs(block.cell[cell * widths.cell + 2] - expectedX) < 1e-4)
      }
    }
  }

  @Test("what the monitoring knows of clocks and calibration is seen, in its two inputs alone")
  func accuracy() throws {
    var event = synthetic.make(id: 3, seed: 2)
    let nominal = image(event, spec: SyntheticEvents.fullSpec, array: synthetic.array)
    event.event.accuracy = DetectorAccuracy(clockError: 40, calibrationError: 0.06)
    let poor = image(event, spec: SyntheticEvents.fullSpec, array: synthetic.array)
    let changed = nominal.event.indices.filter { nominal.event[$0] != poor.event[$0] }
    // Two vectors come before the scalars.
    let place = try #require(EventInput.all.firstIndex { $0.name == "clock_error" }) + 2
    #expect(changed == [place, place + 1])
    #expect(changed.map { nominal.event[$0] } == [1.5, 3])
    #expect(changed.map { poor.event[$0] } == [4, 6])
    #expect(isSame(nominal.station, poor.station) && nominal.trace == poor.trace)
  }

  @Test("truth, ids and the clock of the event are not seen; nor is the place of the array")
  func nothingForbidden() {
    for id in 0..<20 {
      let event = synthetic.make(id: id, seed: 2)
      let reference = image(event, spec: SyntheticEvents.fullSpec, array: synthetic.array)

      var changed = event
      changed.event.id = 77
      changed.event.showerID = 78
      changed.event.time = 1e9
      changed.event.truth = nil
      for index in changed.event.hits.indices {
        changed.event.hits[index].truth = HitTruth(muonSignal: 9, electromagneticSignal: 9)
        changed.event.hits[index].windowStart += 65536
      }
      for index in changed.stations.indices { changed.stations[index].time += 65536 }
      changed.standard.reconstruction.shower.time += 65536
      // In a variable, since a failure would print every sample.
      var isEqual = isSame(
        image(changed, spec: SyntheticEvents.fullSpec, array: synthetic.array), reference)
      #expect(isEqual)

      let shift = Position(8192, -4096, 0)
      let moved = DetectorArray(
        name: "moved", spacing: 1200, referenceAltitude: 1400,
        stations: synthetic.array.stations.map {
          Station(id: $0.id + 5000, column: $0.column, row: $0.row, position: $0.position + shift)
        })
      changed = event
      changed.standard.reconstruction.shower.coreX += shift.x
      changed.standard.reconstruction.shower.coreY += shift.y
      let image = image(changed, spec: SyntheticEvents.fullSpec, array: moved)
      // The core within its cell is a quotient by 1200 m: equal within rounding, all else exactly.
      isEqual =
        isSame(image.cell, reference.cell) && isSame(image.station, reference.station)
        && image.trace == reference.trace
      #expect(isEqual)
      for (a, b) in zip(image.event, reference.event) { #expect(abs(a - b) < 1e-6) }
    }
  }

  /// Bit for bit: what is not known of a station is NaN.
  func isSame(_ a: [Float], _ b: [Float]) -> Bool { a.map(\.bitPattern) == b.map(\.bitPattern) }

  func isSame(_ a: ImageBlock, _ b: ImageBlock) -> Bool {
    isSame(a.event, b.event) && isSame(a.cell, b.cell) && isSame(a.station, b.station)
      && a.trace == b.trace && a.stationCell == b.stationCell && a.aliveCells == b.aliveCells
      && a.scaleVariables == b.scaleVariables
  }

  @Test("an event that is turned gives the turned image and targets", arguments: 0..<8)
  func equivariance(number: Int) {
    let symmetry = GridSymmetry.all[number]
    for gridSize in [5, 6] {
      let spec = spec(gridSize: gridSize)
      for id in 0..<8 {
        let event = synthetic.make(id: id, seed: 3)
        let turned = synthetic.turned(event, by: symmetry)
        let plain = Filled(
          [image(event, spec: spec, array: synthetic.array)], symmetry: number, spec: spec)
        let expected = Filled(
          [image(turned, spec: spec, array: synthetic.array)], symmetry: 0, spec: spec)
        let isClose = plain.isClose(to: expected)
        #expect(isClose)

        for target in NetworkTarget.all {
          guard let truth = event.event.truth, let turnedTruth = turned.event.truth else {
            continue
          }
          let before = target.value(truth, event.standard.shower)
          let after = target.value(turnedTruth, turned.standard.shower)
          let sign = symmetry.isMirror && target.isOdd ? -1.0 : 1
          #expect(abs(after - sign * before) < 1e-9 * max(1, abs(before)))
        }
      }
    }
  }

  /// What a batch of one event holds, stations ordered by cell.
  struct Filled {
    let event: [Float]
    let cell: [Float]
    let stations: [Int: [Float]]

    init(_ blocks: [ImageBlock], symmetry: Int, spec: NetworkSpec) {
      let widths = NetworkProgram.Widths(spec: spec)
      func plain(_ width: Int) -> InputNormalisation { .neutral(width: width) }
      let batch = Batch(
        spec: spec,
        normalisation: NetworkNormalisation(
          cell: plain(widths.cell), station: plain(widths.station), event: plain(widths.event)))
      batch.fill([Batch.Row(block: 0, row: 0, symmetry: symmetry)], from: blocks)
      let inputs = batch.inputs
      func floats(_ index: Int) -> [Float] {
        guard case .floats(let pointer) = inputs[index].storage else { return [] }
        return Array(UnsafeBufferPointer(start: pointer, count: inputs[index].shape.reduce(1, *)))
      }
      event = floats(4)
      cell = floats(3)
      var stations: [Int: [Float]] = [:]
      if case .integers(let cells) = inputs[2].storage {
        for station in 0..<inputs[2].shape[0] {
          let (f, t) = (widths.station, 2 * spec.samples)
          stations[Int(cells[station])] =
            Array(floats(1)[station * f..<(station + 1) * f])
            + Array(floats(0)[station * t..<(station + 1) * t])
        }
      }
      self.stations = stations
    }

    func isClose(to other: Filled) -> Bool {
      func close(_ a: [Float], _ b: [Float]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 2e-5 * max(1, abs($0)) }
      }
      return close(event, other.event) && close(cell, other.cell)
        && stations.keys == other.stations.keys
        && stations.allSatisfy { close($0.value, other.stations[$0.key] ?? []) }
    }
  }

  @Test("ADC counts become ln(1 + 10 VEM) within a step of the fixed-point numbers")
  func transform() {
    let counts: [UInt16] = [0, 6, 7, 10, 45, 400, 4000, 60000, 6, 6, 6]
    let waveform = Waveform(samples: counts, pedestal: 6, pedestalDeviation: 0.3, countsPerVEM: 39)
    var trace = [Int16](repeating: 0, count: 32)
    trace.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      TraceTransform.place(waveform, layer: .lower, offset: 2, into: base, samples: 16)
    }
    #expect(trace[1] == 0 && trace[3] == 0)
    for (index, count) in counts.enumerated() {
      let vem = max(0, (Double(count) - 6) / 39)
      let expected = min(log1p(10 * vem), 32767.0 / 4096)
      #expect(abs(Double(trace[2 * (index + 2) + 1]) / 4096 - expected) < 1.5 / 4096)
      #expect(trace[2 * (index + 2)] == 0)
    }
  }

  @Test("a bad layer is zero and masked; a network without masks sees the good layer twice")
  func badLayers() throws {
    var event = synthetic.make(id: 3, seed: 4)
    let samples = SyntheticEvents.tinySpec.samples
    // The lower layer must differ, or nothing would be told apart.
    for index in event.event.hits.indices {
      event.event.hits[index].lower.samples = event.event.hits[index].lower.samples.map { $0 + 3 }
    }
    let good = image(event, spec: SyntheticEvents.tinySpec, array: synthetic.array)
    event.event.hits[0].badLayers = .upper
    let station = event.event.hits[0].station
    let row = try #require(event.stations.firstIndex { $0.station == station })
    event.stations[row].badLayers = .upper
    event.stations[row].upper = .nan

    func layers(_ block: ImageBlock) -> (upper: [Int16], lower: [Int16]) {
      let trace = block.trace[0..<2 * samples]
      return (
        stride(from: 0, to: 2 * samples, by: 2).map { trace[$0] },
        stride(from: 1, to: 2 * samples, by: 2).map { trace[$0] }
      )
    }
    func input(_ name: String, _ block: ImageBlock, _ spec: NetworkSpec) throws -> Float {
      block.station[try #require(spec.inputs.station.firstIndex(of: name))]
    }
    var spec = SyntheticEvents.tinySpec
    let masked = image(event, spec: spec, array: synthetic.array)
    #expect(layers(masked).upper.allSatisfy { $0 == 0 })
    #expect(layers(masked).lower == layers(good).lower && layers(good).upper != layers(good).lower)
    // The rest of the event is as before.
    #expect(masked.trace.dropFirst(2 * samples) == good.trace.dropFirst(2 * samples))
    #expect(masked.aliveCells == good.aliveCells && masked.stationCell == good.stationCell)
    #expect(try input("upper_bad", masked, spec) == 1)
    #expect(try input("lower_bad", masked, spec) == 0)
    #expect(try input("upper_bad", good, spec) == 0)
    #expect(try input("layer_asymmetry", masked, spec) == 0)
    let (signal, before) = (
      try input("log_signal", masked, spec), try input("log_signal", good, spec)
    )
    #expect(signal.isFinite && abs(signal - before) < 0.2)
    #expect(masked.station.allSatisfy { $0.isFinite })

    spec.inputs.station.removeAll { ["upper_bad", "lower_bad"].contains($0) }
    let mirrored = image(event, spec: spec, array: synthetic.array)
    #expect(layers(mirrored).upper == layers(good).lower)
    #expect(layers(mirrored).lower == layers(good).lower)

    // With both layers bad the station is as good as dead.
    event.event.hits[0].badLayers = .both
    var dead = event
    dead.event.hits.remove(at: 0)
    dead.event.deadStations.append(station)
    let without = image(dead, spec: spec, array: synthetic.array)
    let isSame = isSame(image(event, spec: spec, array: synthetic.array), without)
    #expect(isSame)
  }

  @Test("windows longer or shorter than the network's traces", arguments: [128, 192, 256, 384])
  func lengths(samples: Int) {
    let event = synthetic.make(id: 3, seed: 4)
    var long = event
    for index in long.event.hits.indices {
      long.event.hits[index].upper.samples += [UInt16](repeating: 45, count: samples - 128)
      long.event.hits[index].lower.samples += [UInt16](repeating: 45, count: samples - 128)
    }
    let short = image(event, spec: SyntheticEvents.tinySpec, array: synthetic.array)
    let isCut = isSame(image(long, spec: SyntheticEvents.tinySpec, array: synthetic.array), short)
    #expect(isCut)
    var spec = SyntheticEvents.tinySpec
    spec.samples = samples
    let whole = image(long, spec: spec, array: synthetic.array)
    let trace = whole.trace[0..<2 * samples]
    #expect(trace.prefix(256) == short.trace.prefix(256))
    // 39 counts are one VEM: ln(1 + 10).
    let late = Int16((4096 * log(11.0)).rounded())
    #expect(trace.dropFirst(256).allSatisfy { abs($0 - late) <= 1 })
    let padded = image(event, spec: spec, array: synthetic.array)
    #expect(padded.trace[256..<2 * samples].allSatisfy { $0 == 0 })
  }

  @Test("windows of a station keep their distance in time; an early accidental one is left out")
  func windows() throws {
    var event = synthetic.make(id: 3, seed: 4)
    let hit = try #require(event.event.hits.first)
    var (accidental, second) = (hit, hit)
    accidental.windowStart -= 9000
    second.windowStart += 128 * 20 + 200
    event.event.hits.replaceSubrange(0..<1, with: [accidental, hit, second])
    var spec = SyntheticEvents.tinySpec
    spec.samples = 256
    spec.gridSize = 8
    let block = image(event, spec: spec, array: synthetic.array)
    let single = image(synthetic.make(id: 3, seed: 4), spec: spec, array: synthetic.array)
    #expect(block.station == single.station)
    // A gap of ten samples, then the second window.
    let trace = Array(block.trace[0..<512])
    let expected =
      Array(single.trace[0..<256]) + [Int16](repeating: 0, count: 20)
      + Array(single.trace[0..<236])
    #expect(trace == expected)
  }
}

extension InputNormalisation {
  static func neutral(width: Int) -> InputNormalisation {
    var result = InputNormalisation(of: [ImageInput<EventView>](), InputMoments(width: 0))
    result.mean = [Float](repeating: 0, count: width)
    // Small, so that nothing is clipped.
    result.factor = [Float](repeating: 1e-2, count: width)
    return result
  }
}
