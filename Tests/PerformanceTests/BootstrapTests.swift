import Foundation
import ShowerModel
import Testing

@testable import Performance

@Suite struct BootstrapTests {
  private func list(_ values: [Double], showers: [Int32], in bootstrap: Bootstrap) -> GroupedErrors
  {
    let order = ascendingOrder(values).map(Int.init)
    return GroupedErrors(
      SortedErrors(values: order.map { values[$0] }, weights: nil),
      groups: order.map { bootstrap.groupOfShower[Int(showers[$0])] },
      groupCount: bootstrap.groupCount, isDistance: false)
  }

  private func interval(_ values: [Double], showers: [Int32], count: Int, seed: UInt64 = 1)
    -> Estimate
  {
    let bootstrap = Bootstrap(replicas: 200, seed: seed, showerCount: count)
    let table = bootstrap.run([list(values, showers: showers, in: bootstrap)])
    return Estimate(value: 0, replicas: table[0, .mean])
  }

  /// A product of matrices may add the columns at its edge in another order. No sum is rounded, so
  /// every place gives the same bits.
  @Test func equalErrorsHaveEqualReplicasWhateverIsBesideThem() {
    var random = CounterRandom(seed: 3, event: 0)
    let showers = (0..<Int32(900))
    let bootstrap = Bootstrap(replicas: 37, seed: 2, showerCount: showers.count)
    let errors = list(
      showers.map { _ in pow(random.normal(), 3) }, showers: Array(showers), in: bootstrap)
    for count in 1...9 {
      let table = bootstrap.run(Array(repeating: errors, count: count))
      let alone = bootstrap.run([errors])
      for statistic in Statistic.allCases where statistic != .trimmedDeviation {
        for place in 0..<count {
          #expect(Array(table[place, statistic]) == Array(alone[0, statistic]))
        }
      }
    }
  }

  /// The stated scatter of a 95 % interval with the seed is that of intervals of normal numbers.
  @Test(arguments: [100, 1000])
  func intervalsScatterAsStated(replicas: Int) {
    let widths = (0..<400).map { toy in
      var random = CounterRandom(seed: 5, event: toy)
      let found = Estimate(value: 0, replicas: (0..<replicas).map { _ in random.normal() })
      return found.high95 - found.low95
    }
    let mean = widths.reduce(0, +) / 400
    let variance = widths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400
    let scatter = ComparisonSettings(replicas: replicas).intervalScatter
    #expect(abs(variance.squareRoot() / mean / scatter - 1) < 0.15)
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

  /// 68 % intervals of 200 toys contain the truth in 65 to 71 % of the cases, 95 % intervals in
  /// about 95 %.
  ///
  /// The truths are mean, standard deviation, 68 % half width, and the gain of a second, correlated
  /// method. One quantity alone scatters by 3.3 % in 200 toys, so its own limits are three times
  /// that.
  @Test func intervalsCover() {
    let (toys, events) = (200, 200)
    // Errors x + y before and x + 0.5 y after, of unit normal numbers: variances 2 and 1.25.
    let deviation = 2.0.squareRoot()
    let truths = [0, deviation, 0.994458 * deviation, 1 - (1.25 / 2).squareRoot()]
    var covered68 = [0, 0, 0, 0]
    var covered95 = [0, 0, 0, 0]
    for toy in 0..<toys {
      var random = CounterRandom(seed: 14, event: toy)
      let pairs = (0..<events).map { _ in (random.normal(), random.normal()) }
      let showers = (0..<events).map(Int32.init)
      let bootstrap = Bootstrap(
        replicas: 200, seed: UInt64(toy + 1), showerCount: events)
      let table = bootstrap.run([
        list(pairs.map { $0 + $1 }, showers: showers, in: bootstrap),
        list(pairs.map { $0 + 0.5 * $1 }, showers: showers, in: bootstrap),
      ])
      let replicas = [
        Array(table[0, .mean]), Array(table[0, .standardDeviation]), Array(table[0, .width68]),
        zip(table[0, .standardDeviation], table[1, .standardDeviation]).map { 1 - $1 / $0 },
      ]
      for number in truths.indices {
        let found = Estimate(value: 0, replicas: replicas[number])
        if found.low68 <= truths[number] && truths[number] <= found.high68 {
          covered68[number] += 1
        }
        if found.low95 <= truths[number] && truths[number] <= found.high95 {
          covered95[number] += 1
        }
      }
    }
    for number in truths.indices {
      #expect(abs(Double(covered68[number]) / Double(toys) - 0.68) < 0.099, "\(covered68)")
      #expect(abs(Double(covered95[number]) / Double(toys) - 0.95) < 0.046, "\(covered95)")
    }
    let pooled = Double(covered68.reduce(0, +)) / Double(toys * truths.count)
    #expect(pooled >= 0.65 && pooled <= 0.71, "\(covered68)")
  }

  /// Ten uses of a shower with one error are one measurement: sqrt(10) wider than ten would be.
  @Test func reusedShowersCountOnce() {
    var random = CounterRandom(seed: 2, event: 0)
    let errors = (0..<300).map { _ in random.normal() }
    let values = (0..<3000).map { errors[$0 / 10] }
    let clustered = interval(values, showers: (0..<3000).map { Int32($0 / 10) }, count: 300)
    let naive = interval(values, showers: (0..<3000).map(Int32.init), count: 3000)
    let ratio = (clustered.high68 - clustered.low68) / (naive.high68 - naive.low68)
    #expect(ratio > 2.5 && ratio < 4)
  }

  /// Above the limit showers are drawn in groups: the interval of a mean stays sigma / sqrt(n).
  @Test func groupsOfShowersKeepTheInterval() {
    let count = 3 * Bootstrap.groupLimit
    var random = CounterRandom(seed: 4, event: 1)
    // A period of four, which groups must not follow.
    let values = (0..<count).map { random.normal() + 5 * Double($0 % 4) }
    let found = interval(values, showers: (0..<count).map(Int32.init), count: count)
    let expected = ((1 + 25 * 1.25) / Double(count)).squareRoot()
    #expect(abs((found.high68 - found.low68) / 2 / expected - 1) < 0.15)
    let groups = Bootstrap(replicas: 1, seed: 1, showerCount: count).groupOfShower
    #expect(Set(groups).count > Bootstrap.groupLimit * 9 / 10)
    #expect(groups.allSatisfy { $0 >= 0 && Int($0) < Bootstrap.groupLimit })
  }
}
