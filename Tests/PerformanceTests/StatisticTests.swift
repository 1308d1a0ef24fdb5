import ShowerModel
import Testing

@testable import Performance

@Suite struct StatisticTests {
  @Test func quantilesAreThoseOfNumpy() {
    // numpy.quantile([1, 2, 4, 8, 16], [0, .3, .5, .68, .95, 1])
    let values: [Double] = [1, 2, 4, 8, 16]
    let expected = [(0.0, 1.0), (0.3, 2.4), (0.5, 4), (0.68, 6.88), (0.95, 14.4), (1, 16)]
    for (p, value) in expected { #expect(abs(quantile(values, p) - value) < 1e-12) }
    #expect(quantile([Double](), 0.5).isNaN)
    #expect(quantile([3.0], 0.84) == 3)
  }

  @Test func statisticsOfANumberedRange() {
    let values = (0...100).map(Float.init)
    let signed = statistics(ofSorted: values, isDistance: false)
    #expect(abs(signed[Statistic.width68.place] - 34) < 1e-12)
    #expect(abs(signed[Statistic.width95.place] - 47.5) < 1e-12)
    #expect(signed[Statistic.mean.place] == 50)
    #expect(signed[Statistic.median.place] == 50)
    // Var = (101^2 - 1) / 12, mean x^2 = 100 (101) (201) / 6 / 101.
    #expect(abs(signed[Statistic.standardDeviation.place] - 850.0.squareRoot()) < 1e-12)
    #expect(abs(signed[Statistic.rootMeanSquare.place] - 3350.0.squareRoot()) < 1e-12)
    let distance = statistics(ofSorted: values, isDistance: true)
    #expect(abs(distance[Statistic.width68.place] - 68) < 1e-12)
    #expect(abs(distance[Statistic.width95.place] - 95) < 1e-12)
  }

  @Test func orderIsAscendingAndStable() {
    let values: [Float] = [2, -1, 0, -0.0, 2, -3.5, 1e-20, -1e30, 7]
    #expect(ascendingOrder(values) == [7, 5, 1, 2, 3, 6, 0, 4, 8])
  }

  @Test(arguments: [(1, false), (20, true), (64, false), (65, true), (500, false), (1000, true)])
  func weightsCountAsRepetitions(count: Int, isDistance: Bool) {
    var random = CounterRandom(seed: 3, event: count)
    let values = (0..<count).map { _ in Float(random.normal()) }.sorted()
    let showers = (0..<count).map { Int32($0 * 7 % count) }
    let list = WeightedErrors(
      values: values, showers: showers, nobody: Int32(count), isDistance: isDistance)
    for _ in 0..<20 {
      var weights = (0..<count).map { _ in UInt8(random.poisson(mean: 1)) }
      weights[0] += 1
      weights.append(0)
      let repeated = zip(values, showers).flatMap { value, shower in
        [Float](repeating: value, count: Int(weights[Int(shower)]))
      }
      let expected = statistics(ofSorted: repeated, isDistance: isDistance)
      var blocks = [UInt32](repeating: 0, count: list.blockCount)
      let found = weights.withUnsafeBufferPointer { weights in
        blocks.withUnsafeMutableBufferPointer { blocks in
          guard let weights = weights.baseAddress, let blocks = blocks.baseAddress else {
            return ErrorStatistics(repeating: .nan)
          }
          return list.statistics(weights: weights, blockWeights: blocks)
        }
      }
      for statistic in Statistic.allCases {
        #expect(abs(found[statistic.place] - expected[statistic.place]) < 1e-5, "\(statistic)")
      }
    }
  }

  @Test func sevenDigitsAreKept() {
    #expect(rounded(0.123456789) == 0.1234568)
    #expect(rounded(-98765.4321) == -98765.43)
    #expect(rounded(1.23456789e12) == 1.234568e12)
    #expect(rounded(0) == 0)
  }
}
