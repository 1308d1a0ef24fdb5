import Glibc
import Numerics
import ShowerModel
import Testing

@testable import ResidualNetwork

/// Residuals beyond the cut, of which a network only knows that they are cut.
@Suite struct OuterOutputsTests {
  /// One event in 25 lies beyond four sizes, by as much as an exponential distribution says. The
  /// network recognises these, says four, and is sure of it.
  private struct Toy {
    var variables: [Double] = []
    var residuals: [Double] = []
    var outputs: [Double] = []
    var predicted: [Double] = []
    private let scaling = CombinationTests.scaling

    init(seed: UInt64, count: Int) {
      var random = CounterRandom(seed: seed, event: 0)
      for _ in 0..<count {
        let (x, s) = (random.uniform(1..<1.4), random.uniform(1..<5))
        let (mean, size) = scaling.values(secZenith: x, logSignal800: s)
        let isFar = random.uniform() < 0.04
        let sign: Double = random.uniform() < 0.5 ? -1 : 1
        let output = isFar ? sign * (3.9 + 0.1 * random.uniform()) : 0.7 * random.normal()
        let z = isFar ? sign * (4 - 2 * log(random.uniform())) : output + 0.5 * random.normal()
        variables += [x, s]
        outputs.append(output)
        predicted.append(isFar ? 0.01 : 0.25)
        residuals.append(mean + size * z)
      }
    }

    func fitted() throws -> TargetCombination {
      try CombinationFit(
        variables: variables, residuals: residuals, outputs: outputs,
        predictedVariances: predicted, memberVariances: outputs.map { _ in 0 }, scaling: scaling
      ).fitted()
    }

    func values(_ combination: TargetCombination) -> [TargetCombination.Value] {
      outputs.indices.map { index in
        var output = MemberOutputs([[Float(outputs[index])]], target: 0, targetCount: 1)
        output.predictedVariance = predicted[index]
        return combination.value(
          output, scaling: scaling, secZenith: variables[2 * index],
          logSignal800: variables[2 * index + 1])
      }
    }
  }

  @Test("errors hold for outputs at the cut, and corrections reach beyond it")
  func outerErrorsHold() throws {
    let fit = try Toy(seed: 1, count: 60_000).fitted()
    let fresh = Toy(seed: 2, count: 40_000)
    var without = fit
    without.outer = nil
    let values = fresh.values(fit)
    let far = fresh.outputs.indices.filter { abs(fresh.outputs[$0]) > 3.5 }
    func pulls(_ events: [Int], _ values: [TargetCombination.Value]) -> [Double] {
      events.map { (fresh.residuals[$0] - values[$0].correction) / values[$0].sigma }
    }
    func coverage(_ pulls: [Double]) -> Double {
      Double(pulls.count { abs($0) < 1 }) / Double(pulls.count)
    }
    #expect(far.count > 1000)
    #expect(abs(coverage(pulls(far, values)) - 0.683) < 0.05)
    #expect(coverage(pulls(far, fresh.values(without))) < 0.2)
    #expect(abs(coverage(pulls(Array(values.indices), values)) - 0.683) < 0.01)
    // The median of an exponential distribution of scale 2 lies 1.39 beyond its begin.
    let outward = far.map { fresh.outputs[$0] < 0 ? -1.0 : 1.0 }
    let medianPull = quantile(of: zip(outward, pulls(far, values)).map { $0 * $1 }, 0.5)
    #expect(abs(medianPull) < 0.1)
    let excess = try #require(fit.outer?.points.last?.excess)
    #expect(abs(excess - 1.44) < 0.2)
    #expect(far.allSatisfy { abs(values[$0].correction) > 0 })
  }

  @Test("small outputs are left as they are, to the last bit")
  func innerOutputs() throws {
    let toy = Toy(seed: 3, count: 20_000)
    let fit = try toy.fitted()
    var without = fit
    without.outer = nil
    let (with, plain) = (toy.values(fit), toy.values(without))
    for index in toy.outputs.indices where abs(toy.outputs[index]) <= 2 {
      #expect(with[index].correction == plain[index].correction)
      #expect(with[index].sigma == plain[index].sigma)
    }
  }

  @Test("too few large outputs have no functions of their own")
  func fewOutputs() throws {
    #expect(try Toy(seed: 4, count: 1500).fitted().outer == nil)
    #expect(try Toy(seed: 4, count: 4000).fitted().outer?.points.count == 2)
  }

  @Test("both functions are continuous, odd and even")
  func interpolation() throws {
    var outer = try #require(try Toy(seed: 5, count: 20_000).fitted().outer)
    outer.points = [
      .init(output: 2, excess: 0, spread: 0), .init(output: 3, excess: 0.5, spread: 1),
      .init(output: 4, excess: 1.5, spread: 3),
    ]
    #expect(outer.isValid)
    for (output, excess, spread) in [
      (1.9, 0, 0), (2, 0, 0), (2.5, 0.25, 0.5), (3, 0.5, 1), (3.5, 1, 2), (4, 1.5, 3), (9, 1.5, 3),
    ] {
      #expect(outer.value(output) == (excess, spread))
      #expect(outer.value(-output) == (-excess, spread))
    }
    #expect(outer.withoutExcess.value(3) == (0, hypot(0.5, 1)))
    outer.points.reverse()
    #expect(!outer.isValid)
  }
}
