import Glibc
import ShowerModel
import Testing

@_spi(Validation) @testable import ShowerSimulation

@Suite struct DetectorTests {
  /// A quiet station with nominal calibration.
  func quietTrace(noise: Double = 0) -> StationTrace {
    let trace = StationTrace(noiseTable: NormalTable(), detector: .telescopeArray)
    var layer = LayerElectronics()
    layer.noise = noise
    trace.begin(upper: layer, lower: layer, clockPhase: 0)
    return trace
  }

  func windows(
    of trace: StationTrace, length: Int = 128, seed: UInt64 = 1
  ) -> [(first: Int, upper: [UInt16], lower: [UInt16], passes: Bool)] {
    var result: [(first: Int, upper: [UInt16], lower: [UInt16], passes: Bool)] = []
    var random = NoiseRandom(seed)
    trace.findWindows(length: length, using: &random) { window in
      result.append(
        (
          window.firstBin,
          Array(trace.samples(layer: .upper, from: window.firstBin, count: length)),
          Array(trace.samples(layer: .lower, from: window.firstBin, count: length)),
          window.passesStationTrigger
        ))
    }
    return result
  }

  @Test func pulseShape() {
    let shape = SinglePulse.shape.map(Double.init)
    #expect(abs(shape.reduce(0, +) - 1) < 1e-6)
    let peak = shape.max() ?? 0
    // One VEM of 39.4 counts peaks at 9.3 counts.
    #expect(abs(peak * 19.2 * 2.05 - 9.3) < 0.1)
    // Crossings of half the peak between samples.
    var crossings: [Double] = []
    for i in 0..<shape.count - 1 where (shape[i] - peak / 2) * (shape[i + 1] - peak / 2) < 0 {
      crossings.append(20 * (Double(i) + (peak / 2 - shape[i]) / (shape[i + 1] - shape[i])))
    }
    #expect(crossings.count == 2)
    #expect(abs((crossings.last ?? 0) - (crossings.first ?? 0) - 81) < 4)
  }

  @Test func subBinShiftMovesTheCentroid() {
    func centroid(_ time: Double) -> Double {
      let trace = quietTrace()
      trace.add(time: time, upper: 20_000, lower: 20_000)
      let window = windows(of: trace)[0]
      let weights = window.upper.map { Double($0) - 6 }
      let sum = weights.reduce(0, +)
      return zip(weights, 0...).reduce(0) { $0 + $1.0 * Double($1.1 + window.first) } / sum * 20
    }
    // 1000 counts in the largest sample: rounding moves the centroid by 0.1 ns at most.
    #expect(abs(centroid(113) - centroid(100) - 13) < 0.3)
  }

  @Test func windowsStartThirtySamplesBeforeTheTrigger() {
    let trace = quietTrace()
    trace.add(time: 1000, upper: 4000, lower: 4000)
    let found = windows(of: trace)
    #expect(found.count == 1)
    // The pulse begins in bin (1000 + 64000)/20 = 3250, and its first sample is large enough.
    #expect(found.first?.first == 3250 - 30)
    #expect(found.first?.passes == true)
    #expect(found.first?.upper.prefix(30).allSatisfy { $0 == 6 } == true)
    #expect(found.first?.upper[30] ?? 0 > 300)
  }

  @Test func triggersNeedBothLayersAndEnoughCharge() {
    func count(_ upper: Double, _ lower: Double) -> Int {
      let trace = quietTrace()
      trace.add(time: 1000, upper: upper, lower: lower)
      return windows(of: trace).count
    }
    #expect(count(1000, 0) == 0)
    #expect(count(0, 1000) == 0)
    #expect(count(1000, 12) == 0)
    #expect(count(30, 30) == 1)
    // One muon passes L0, three do not make L1 of 150 counts, four do.
    for (charge, passes) in [(100.0, false), (200, true)] {
      let trace = quietTrace()
      trace.add(time: 1000, upper: charge, lower: charge)
      #expect(windows(of: trace).first?.passes == passes)
    }
  }

  @Test func laterSignalsOpenNewWindows() {
    let trace = quietTrace()
    for time in [0.0, 500, 10_000] { trace.add(time: time, upper: 200, lower: 200) }
    let found = windows(of: trace)
    // 500 ns fall into the first window of 98 x 20 ns after the trigger.
    #expect(found.count == 2)
    #expect(abs((found.last?.first ?? 0) - (found.first?.first ?? 0) - 500) <= 1)
  }

  @Test func saturation() {
    let trace = quietTrace()
    trace.add(time: 0, upper: 1e5, lower: 1e6)
    let window = windows(of: trace)[0]
    let peak = 0.2371 * 1e5 + 6
    let d = peak - 2000
    // Past the point where the compression would turn over, full scale.
    #expect(d > 12_000 && window.upper.max() == 4095 && window.lower.max() == 4095)
    #expect(SinglePulse.compressed(1500, above: 2000) == 1500)
    #expect(abs(SinglePulse.compressed(2600, above: 2000) - (2000 + 600 * expf(-0.05))) < 0.1)
  }

  @Test func noiseHasThePedestalAndWidth() {
    let trace = quietTrace(noise: 0.75)
    trace.add(time: 0, upper: 200, lower: 200)
    let window = windows(of: trace, length: 256)[0]
    let quiet = window.upper[80...].map(Double.init) + window.lower[80...].map(Double.init)
    #expect(abs(mean(quiet) - 6) < 0.15)
    #expect(abs(deviation(quiet) - 0.80) < 0.12)
  }

  /// M = -ln Z^2 by 11 bits: the whole distribution, and the mean ln 2 + gamma.
  @Test func tableOfLogSquares() {
    let normal = NormalTable()
    let values = (0..<2048).map { normal.minusLogSquare(UInt64($0)) }
    #expect(values == values.sorted(by: >))
    #expect(abs(mean(values) - (log(2) + 0.5772156649)) < 1e-3)
    #expect(abs(deviation(values) - Double.pi / 2.0.squareRoot()) < 0.01)
    for m in [-2.0, 0, 2, 5, 10] {
      // P(-ln Z^2 > m) = erf(exp(-m/2)/sqrt 2).
      let share = Double(values.count { $0 > m }) / 2048
      #expect(abs(share - erf(exp(-m / 2) / 2.0.squareRoot())) < 0.001)
    }
  }

  /// The histogram of background muons peaks at VEM/cos 35 degrees, 48 counts.
  @Test func singleMuonPeak() {
    let response = ParticleResponse(laws: TestSetup.laws, normal: NormalTable())
    let electronics = LayerElectronics()
    var random = CounterRandom(seed: 9, event: 2)
    let charges = (0..<40_000).map { _ in
      let deposit = response.backgroundMuon(using: &random).upper
      return electronics.charge(deposit: deposit, normal: random.normal(), using: &random)
    }
    let peak = mode(charges, width: 6, range: 20..<100)
    #expect(abs(peak / 48 - 1) < 0.07, "\(peak)")
  }

  @Test func photoStatistics() {
    let electronics = LayerElectronics()
    var random = CounterRandom(seed: 9, event: 3)
    for deposit in [0.3, 2.05, 20] {
      let charges = (0..<20_000).map { _ in
        electronics.charge(deposit: deposit, normal: random.normal(), using: &random)
      }
      let electrons = deposit * 12
      #expect(abs(mean(charges) / (deposit * 19.2) - 1) < 0.02)
      let expected = ((1 + 0.16) / electrons).squareRoot()
      #expect(abs(deviation(charges) / mean(charges) / expected - 1) < 0.05)
    }
  }

  /// Maximum of a parabola through the three highest neighbouring cells.
  func mode(_ values: [Double], width: Double, range: Range<Double>) -> Double {
    var counts = [Double](
      repeating: 0, count: Int((range.upperBound - range.lowerBound) / width) + 1)
    for value in values where range.contains(value) {
      counts[Int((value - range.lowerBound) / width)] += 1
    }
    let top = counts.indices.dropFirst().dropLast().max { counts[$0] < counts[$1] } ?? 1
    let (a, b, c) = (counts[top - 1], counts[top], counts[top + 1])
    let shift = 0.5 * (a - c) / (a - 2 * b + c)
    return range.lowerBound + (Double(top) + 0.5 + shift) * width
  }
}
