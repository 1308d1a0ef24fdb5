import Glibc
import Numerics
import ShowerModel
import Testing

@testable import ResidualNetwork

/// Slopes and errors fitted to made-up outputs, whose truth is known.
@Suite struct CombinationTests {
  /// mean 0.5 sizes at the middle, size that falls with the signal.
  static let scaling: TargetScaling = {
    var random = CounterRandom(seed: 1, event: 0)
    var (variables, residuals): ([Double], [Double]) = ([], [])
    for _ in 0..<20_000 {
      let (x, s) = (random.uniform(1..<1.4), random.uniform(1..<5))
      variables += [x, s]
      residuals.append(size(s) * (0.5 + 0.4 * (s - 3) + random.normal()))
    }
    guard let scaling = try? TargetScaling(variables: variables, residuals: residuals, isOdd: false)
    else { preconditionFailure("the scaling of numbers can be fitted") }
    return scaling
  }()

  static func size(_ s: Double) -> Double { exp(-0.4 * (s - 3)) }

  /// One validation split: `noise(s)` in units of the size, `slope(s)` what the output is worth.
  struct Toy {
    var variables: [Double] = []
    var residuals: [Double] = []
    var outputs: [Double] = []
    var predicted: [Double] = []
    var members: [Double] = []
    var logSignals: [Double] = []

    init(
      seed: UInt64, count: Int = 3000, calibration: Double = 1, slope: (Double) -> Double,
      noise: (Double) -> Double = { _ in 0.8 }, isHeteroscedastic: Bool = false,
      disagrees: Bool = false
    ) {
      var random = CounterRandom(seed: seed, event: 0)
      for _ in 0..<count {
        let (x, s) = (random.uniform(1..<1.4), random.uniform(1..<5))
        let (mean, size) = CombinationTests.scaling.values(secZenith: x, logSignal800: s)
        let output = 0.6 * random.normal()
        let known = isHeteroscedastic ? (random.uniform() < 0.5 ? 0.5 : 1.5) : 1
        let spread = disagrees ? 0.6 * abs(random.normal()) : 0
        let width = (pow(noise(s) * known, 2) + spread * spread).squareRoot()
        variables += [x, s]
        logSignals.append(s)
        outputs.append(output)
        predicted.append(known * known)
        members.append(0.25 * spread * spread)
        residuals.append(
          calibration * mean + size * (slope(s) * output + width * random.normal()))
      }
    }

    func fitted() throws -> TargetCombination {
      try CombinationFit(
        variables: variables, residuals: residuals, outputs: outputs,
        predictedVariances: predicted, memberVariances: members, scaling: CombinationTests.scaling
      ).fitted()
    }

    /// (truth - corrected) / error by event.
    func pulls(_ combination: TargetCombination) -> [Double] {
      residuals.indices.map { index in
        var output = MemberOutputs([[Float(outputs[index])]], target: 0, targetCount: 1)
        output.predictedVariance = predicted[index]
        output.memberVariance = members[index]
        let value = combination.value(
          output, scaling: CombinationTests.scaling, secZenith: variables[2 * index],
          logSignal800: variables[2 * index + 1])
        return (residuals[index] - value.correction) / value.sigma
      }
    }
  }

  func coverage(_ pulls: [Double]) -> Double {
    Double(pulls.count { abs($0) < 1 }) / Double(max(pulls.count, 1))
  }

  @Test("slopes are found, and their errors are their scatter")
  func slopes() throws {
    var (pulls, calibration): ([Double], [Double]) = ([], [])
    for seed in 0..<200 {
      let fit = try Toy(seed: 100 + UInt64(seed), count: 500, slope: { _ in 0.7 }).fitted()
      pulls.append((fit.slopes[1] - 0.7) / fit.slopeErrors[1])
      calibration.append((fit.slopes[0] - 1) / fit.slopeErrors[0])
    }
    for values in [pulls, calibration] {
      let mean = values.reduce(0, +) / 200
      let width = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 200).squareRoot()
      // 200 toys know a width to 5 %.
      #expect(abs(mean) < 0.25 && (0.85...1.15).contains(width), "\(mean) \(width)")
    }
  }

  @Test("outputs that mean nothing are dropped, but for the chance of two standard errors")
  func useless() throws {
    var kept = 0
    for seed in 0..<400 {
      let toy = Toy(seed: 1000 + UInt64(seed), count: 300, calibration: 0, slope: { _ in 0 })
      let fit = try toy.fitted()
      if fit.slopes[1] != 0 {
        kept += 1
        #expect(fit.slopes[1] < 4.5 * fit.slopeErrors[1])
      } else {
        #expect(fit.slopes[2] == 0 && fit.slopes[3] == 0)
      }
      if fit.slopes == [0, 0, 0, 0] {
        // The standard value comes back bit for bit.
        let value = fit.value(
          MemberOutputs([[2]], target: 0, targetCount: 1), scaling: Self.scaling, secZenith: 1.2,
          logSignal800: 3)
        #expect(value.correction == 0)
      }
    }
    // 2.3 % of a Gaussian lie above two standard deviations: 9 +- 3 of 400.
    #expect((1...20).contains(kept), "\(kept)")
  }

  @Test("a network that learnt nothing leaves the calibration, if that is real")
  func calibration() throws {
    let fit = try Toy(seed: 7, slope: { _ in 0 }).fitted()
    #expect(abs(fit.slopes[0] - 1) < 4 * fit.slopeErrors[0] && fit.slopes[1] == 0)
  }

  @Test("a prediction of the wrong sign is worth nothing")
  func wrongSign() throws {
    #expect(try Toy(seed: 8, slope: { _ in -0.5 }).fitted().slopes[1] == 0)
  }

  @Test("a slope that changes with the signal is taken, one that does not is not")
  func crossTerms() throws {
    let changing = try Toy(seed: 9, slope: { 0.6 + 0.2 * ($0 - 3) }).fitted()
    // s runs over -1...1 as the signal does over 1...5.
    #expect(abs(changing.slopes[3] - 0.4) < 0.1 && abs(changing.slopes[1] - 0.6) < 0.1)
    let taken = try (0..<60).count {
      try Toy(seed: 2000 + UInt64($0), count: 1200, slope: { _ in 0.6 }).fitted().slopes[3] != 0
    }
    #expect(taken <= 2)
  }

  @Test("errors hold on other events, at every signal")
  func errors() throws {
    let noise: (Double) -> Double = { 0.4 + 0.15 * $0 }
    let fit = try Toy(seed: 10, count: 6000, slope: { _ in 0.7 }, noise: noise).fitted()
    let fresh = Toy(seed: 11, count: 20_000, slope: { _ in 0.7 }, noise: noise)
    let pulls = fresh.pulls(fit)
    #expect(abs(coverage(pulls) - 0.683) < 0.02)
    for bin in [1.0..<2, 2..<3, 3..<4, 4..<5] {
      let some = pulls.indices.filter { bin.contains(fresh.logSignals[$0]) }.map { pulls[$0] }
      #expect(abs(coverage(some) - 0.683) < 0.04, "\(bin) \(coverage(some))")
    }
  }

  @Test("errors that the network predicts are kept by event and scaled as a whole")
  func predictedErrors() throws {
    let fit = try Toy(
      seed: 12, count: 6000, slope: { _ in 0.7 }, noise: { _ in 0.4 }, isHeteroscedastic: true
    ).fitted()
    let fresh = Toy(
      seed: 13, count: 20_000, slope: { _ in 0.7 }, noise: { _ in 0.4 }, isHeteroscedastic: true)
    let pulls = fresh.pulls(fit)
    for known in [0.25, 2.25] {
      let some = pulls.indices.filter { fresh.predicted[$0] == known }.map { pulls[$0] }
      #expect(some.count > 5000 && abs(coverage(some) - 0.683) < 0.03, "\(coverage(some))")
    }
  }

  @Test("what members disagree about enters the error by as much as it says")
  func memberSpread() throws {
    let fit = try Toy(seed: 14, count: 8000, slope: { _ in 0.7 }, disagrees: true).fitted()
    // The members scatter by half of what their mean is wrong by.
    #expect((2.0...6).contains(fit.variance[1]))
    let fresh = Toy(seed: 15, count: 20_000, slope: { _ in 0.7 }, disagrees: true)
    let pulls = fresh.pulls(fit)
    let middle = quantile(of: fresh.members, 0.5)
    for isLarge in [false, true] {
      let some = pulls.indices.filter { (fresh.members[$0] > middle) == isLarge }.map { pulls[$0] }
      #expect(abs(coverage(some) - 0.683) < 0.03, "\(coverage(some))")
    }
  }

  @Test("outputs with errors behind them are read as such")
  func outputsWithErrors() {
    let two: [ArraySlice<Float>] = [[1, 2, 0, Float(log(2.0))], [3, 2, 0, 0]]
    let first = MemberOutputs(two, target: 0, targetCount: 2)
    #expect(first.mean == 2 && first.memberVariance == 1 && first.predictedVariance == 1)
    let second = MemberOutputs(two, target: 1, targetCount: 2)
    #expect(second.mean == 2 && second.memberVariance == 0)
    #expect(abs(second.predictedVariance - 2.5) < 1e-6)
    #expect(MemberOutputs([[5]], target: 0, targetCount: 1).predictedVariance == 1)
  }
}
