import Glibc
import Testing

@testable import ShowerModel

@Suite struct CounterRandomTests {
  /// Known answers published with the generator (Random123, kat_vectors).
  @Test func knownAnswers() {
    #expect(
      CounterRandom.philox(counter: .zero, key: .zero)
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      CounterRandom.philox(
        counter: SIMD4(repeating: 0xffff_ffff), key: SIMD2(repeating: 0xffff_ffff))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      CounterRandom.philox(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func streamsDifferAndRepeat() {
    var a = CounterRandom(seed: 1, event: 5, station: 2, stream: .particles)
    var b = CounterRandom(seed: 1, event: 5, station: 2, stream: .particles)
    #expect((0..<10).map { _ in a.next() } == (0..<10).map { _ in b.next() })
    var firsts = Set<UInt64>()
    for event in 0..<20 {
      for station in 0..<5 {
        for stream in [RandomStream.shower, .particles, .electronics] {
          var random = CounterRandom(seed: 1, event: event, station: station, stream: stream)
          firsts.insert(random.next())
        }
      }
    }
    #expect(firsts.count == 300)
  }

  /// Streams have numbers of their own, except for those that shared one before they had names.
  @Test func streamNumbers() {
    let known: [Set<RandomStream>] = [
      [.generic, .shower, .altitudes, .depthOfMaximum, .photonSignals],
      [.deadStations, .protonSignals], [.clock, .heliumSignals],
      [.detectorSettings, .poissonWeights], [.badLayers, .bootstrap],
      [.stationRisetimes, .singleMuons],
    ]
    let groups = Dictionary(grouping: RandomStream.allCases, by: \.number)
    #expect(groups.keys.allSatisfy { (0..<256).contains($0) })
    #expect(Set(groups.values.filter { $0.count > 1 }.map { Set($0) }) == Set(known))
  }

  func moments(_ count: Int, _ draw: (inout CounterRandom) -> Double) -> (Double, Double) {
    var random = CounterRandom(seed: 7, event: 1)
    var (sum, squares) = (0.0, 0.0)
    for _ in 0..<count {
      let x = draw(&random)
      sum += x
      squares += x * x
    }
    let mean = sum / Double(count)
    return (mean, squares / Double(count) - mean * mean)
  }

  /// Mean and variance within five standard errors.
  func check(
    _ mean: Double, _ variance: Double, kurtosis: Double = 6,
    _ draw: (inout CounterRandom) -> Double
  ) {
    let n = 40_000.0
    let (m, v) = moments(Int(n), draw)
    #expect(abs(m - mean) < 5 * (variance / n).squareRoot())
    #expect(abs(v - variance) < 5 * variance * ((kurtosis + 2) / n).squareRoot())
  }

  @Test func momentsOfTheDistributions() {
    check(0.5, 1 / 12.0) { $0.uniform() }
    check(0, 1) { $0.normal() }
    check(3, 9) { $0.exponential(mean: 3) }
    check(0.7 * 2, 0.7 * 4, kurtosis: 9) { $0.gamma(shape: 0.7, scale: 2) }
    check(5 * 0.5, 5 * 0.25) { $0.gamma(shape: 5, scale: 0.5) }
    for mean in [0.05, 1, 9.9, 10.1, 60, 3000] {
      check(mean, mean, kurtosis: 3 + 1 / mean) { Double($0.poisson(mean: mean)) }
    }
  }

  /// chi2 of the Poisson frequencies on both sides of the switch of algorithm.
  @Test(arguments: [6.0, 14.0])
  func poissonFrequencies(mean: Double) {
    var random = CounterRandom(seed: 3, event: 9)
    var counts = [Double](repeating: 0, count: 60)
    let n = 50_000
    for _ in 0..<n { counts[min(random.poisson(mean: mean), 59)] += 1 }
    var (chi2, bins) = (0.0, 0)
    for k in 0..<60 {
      let expected = Double(n) * exp(-mean + Double(k) * log(mean) - lgamma(Double(k) + 1))
      guard expected > 20 else { continue }
      chi2 += (counts[k] - expected) * (counts[k] - expected) / expected
      bins += 1
    }
    #expect(chi2 < Double(bins) + 5 * (2 * Double(bins)).squareRoot())
  }
}
