import ShowerModel
import Testing

@testable import Performance

@Suite struct StatisticTests {
  @Test func weightedQuantilesAreThoseOfNumpy() {
    // numpy.quantile([1, 2, 4, 8, 16], [.3, .5, .68, .95], weights=[1, 3, 0, 5, 1],
    // method="inverted_cdf")
    let weighted = SortedErrors(values: [1, 2, 4, 8, 16], weights: [1, 3, 0, 5, 1])
    for (p, value) in [(0.3, 2.0), (0.5, 8), (0.68, 8), (0.95, 16)] {
      #expect(weighted.quantile(p) == value)
    }
  }

  @Test func statisticsOfANumberedRange() {
    let values = (0...100).map(Double.init)
    let signed = SortedErrors(values: values, weights: nil).statistics(isDistance: false)
    #expect(abs(signed[Statistic.width68.place] - 34) < 1e-12)
    #expect(abs(signed[Statistic.width95.place] - 47.5) < 1e-12)
    #expect(signed[Statistic.mean.place] == 50)
    #expect(signed[Statistic.median.place] == 50)
    #expect(abs(signed[Statistic.coverage.place] - 2.0 / 101) < 1e-15)
    // Var = (101^2 - 1) / 12, mean x^2 = 100 (101) (201) / 6 / 101.
    #expect(abs(signed[Statistic.standardDeviation.place] - 850.0.squareRoot()) < 1e-12)
    #expect(abs(signed[Statistic.rootMeanSquare.place] - 3350.0.squareRoot()) < 1e-12)
    let distance = SortedErrors(values: values, weights: nil).statistics(isDistance: true)
    #expect(abs(distance[Statistic.width68.place] - 68) < 1e-12)
    #expect(abs(distance[Statistic.width95.place] - 95) < 1e-12)
  }

  @Test func orderIsAscendingAndStable() {
    let values: [Double] = [
      2, -1, 0, -0.0, 2, -3.5, 1e-20, -1e30, 7, .nan, 1 + 1e-15, 1, -.infinity,
    ]
    #expect(ascendingOrder(values) == [12, 7, 5, 1, 2, 3, 6, 11, 10, 0, 4, 8, 9])
    var random = CounterRandom(seed: 8, event: 2)
    let many = (0..<5000).map { _ in (random.normal() * 50).rounded() / 50 }
    let expected = many.indices.sorted { many[$0] < many[$1] || (many[$0] == many[$1] && $0 < $1) }
    #expect(ascendingOrder(many).map(Int.init) == expected)
  }

  /// Weights of groups count as repetitions of their events, also where windows leave most events
  /// out.
  @Test(arguments: [(1, false), (20, true), (64, false), (500, false), (1000, true), (4000, false)])
  func weightsCountAsRepetitions(count: Int, isDistance: Bool) {
    var random = CounterRandom(seed: 3, event: count)
    let values = (0..<count).map { _ in
      isDistance ? abs(random.normal()) : random.normal()
    }.sorted()
    let groupCount = max(count / 2, 1)
    let groups = (0..<count).map { Int32($0 * 7 % groupCount) }
    let isKept = values.map { abs($0) < 2 }
    let list = GroupedErrors(
      SortedErrors(values: values, weights: nil), groups: groups, groupCount: groupCount,
      isDistance: isDistance, isKept: isKept)
    let replicas = 10
    var weights = (0..<replicas * groupCount).map { _ in Float(random.poisson(mean: 1)) }
    for replica in 0..<replicas { weights[replica * groupCount] += 1 }
    let table = Bootstrap(
      replicas: replicas, groupCount: groupCount, groupOfShower: [], weights: weights
    ).run([list])
    for replica in 0..<replicas {
      func repeated(_ places: [Int]) -> SortedErrors {
        SortedErrors(
          values: places.flatMap { place in
            let weight = weights[replica * groupCount + Int(groups[place])]
            return [Double](repeating: values[place], count: Int(weight))
          }, weights: nil)
      }
      var expected = repeated(Array(values.indices)).statistics(isDistance: isDistance)
      expected[Statistic.trimmedDeviation.place] =
        repeated(values.indices.filter { isKept[$0] }).moments.variance.squareRoot()
      for statistic in Statistic.allCases {
        let found = Array(table[0, statistic])[replica]
        let value = expected[statistic.place]
        #expect(abs(found - value) < 1e-5 || (found.isNaN && value.isNaN), "\(statistic)")
      }
    }
  }

}
