import ShowerModel
import Testing

@testable import Performance

@Suite struct BootstrapTests {
  private func list(_ values: [Float], showers: [Int32], nobody: Int) -> WeightedErrors {
    let order = ascendingOrder(values).map(Int.init)
    return WeightedErrors(
      values: order.map { values[$0] }, showers: order.map { showers[$0] }, nobody: Int32(nobody),
      isDistance: false)
  }

  private func interval(_ values: [Float], showers: [Int32], count: Int, seed: UInt64 = 1)
    -> Estimate
  {
    let bootstrap = Bootstrap(replicas: 200, seed: seed, threads: 1, showerCount: count)
    let table = bootstrap.run([list(values, showers: showers, nobody: count)])
    return Estimate(value: 0, replicas: table[0, .mean])
  }

  @Test func weightsArePoissonOfMeanOne() {
    var weights = [UInt8](repeating: 0, count: 100_003)
    weights.withUnsafeMutableBufferPointer { PoissonWeights.fill($0, seed: 9, replica: 4) }
    let count = Double(weights.count)
    let mean = weights.reduce(0) { $0 + Double($1) } / count
    let square = weights.reduce(0) { $0 + Double($1) * Double($1) } / count
    #expect(abs(mean - 1) < 0.012)
    #expect(abs(square - mean * mean - 1) < 0.025)
    for (k, probability) in [0.367879, 0.367879, 0.183940, 0.061313, 0.015328].enumerated() {
      let found = Double(weights.count { Int($0) == k }) / count
      #expect(abs(found - probability) < 4 * (probability / count).squareRoot())
    }
  }

  /// The mean of 100 normal numbers is within the 68 % interval about as often as it says.
  @Test func intervalsCover() {
    var (covered68, covered95) = (0, 0)
    let toys = 300
    for toy in 0..<toys {
      var random = CounterRandom(seed: 11, event: toy)
      let values = (0..<100).map { _ in Float(random.normal()) }
      let found = interval(
        values, showers: (0..<100).map(Int32.init), count: 100, seed: UInt64(toy + 1))
      if found.low68 <= 0 && found.high68 >= 0 { covered68 += 1 }
      if found.low95 <= 0 && found.high95 >= 0 { covered95 += 1 }
    }
    // Three binomial standard deviations: 0.081 and 0.038.
    #expect(abs(Double(covered68) / Double(toys) - 0.68) < 0.081)
    #expect(abs(Double(covered95) / Double(toys) - 0.95) < 0.038)
  }

  /// Ten uses of a shower with one error are one measurement: sqrt(10) wider than ten would be.
  @Test func reusedShowersCountOnce() {
    var random = CounterRandom(seed: 2, event: 0)
    let errors = (0..<300).map { _ in Float(random.normal()) }
    let values = (0..<3000).map { errors[$0 / 10] }
    let clustered = interval(values, showers: (0..<3000).map { Int32($0 / 10) }, count: 300)
    let naive = interval(values, showers: (0..<3000).map(Int32.init), count: 3000)
    let ratio = (clustered.high68 - clustered.low68) / (naive.high68 - naive.low68)
    #expect(ratio > 2.5 && ratio < 4)
  }

  @Test func threadsChangeNothing() {
    let sample = SyntheticSample(events: 200).sample()
    func json(threads: Int) throws -> String {
      let comparison = Comparison(
        sample, settings: ComparisonSettings(replicas: 30, threads: threads))
      let summary = Summary(title: "", method: "", comparison: comparison, provenance: [])
      return String(decoding: try summary.json(), as: UTF8.self)
    }
    #expect(throws: Never.self) {
      let one = try json(threads: 1)
      #expect(try one == json(threads: 2))
      #expect(try one == json(threads: 7))
    }
  }
}
