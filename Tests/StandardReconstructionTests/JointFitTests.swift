import Foundation
import LeastSquaresFit
import ShowerModel
import Testing

@_spi(Validation) @testable import StandardReconstruction

@Suite struct JointFitTests {
  let configuration = FitConfiguration()

  /// Relative differences of the parameters, in units of their scale.
  func differences(_ a: FitParameters, _ b: FitParameters) -> [Double] {
    FitParameter.allCases.map { abs(a[$0] - b[$0]) / max(1, abs(b[$0])) }
  }

  /// A problem with all terms and all parameters free, its errors not frozen yet.
  func problem(_ stations: [FitStation]) -> FitProblem {
    FitProblem(FitModel(configuration), stations, terms: .all, free: .all)
  }

  func fit(
    _ stations: [FitStation], from start: FitParameters
  ) throws -> FitState {
    try #require(JointFit.run(problem(stations), from: start, FitWorkspace())).state
  }

  @Test(arguments: [0.0, 0.3, 12, 30, 44, 60, 70])
  func noiseFreeClosure(zenith: Double) throws {
    let truth = Synthetic.parameters(zenith: zenith)
    let start = truth.shifted(by: [1.5, -1.0, 0.05, -0.04, 0.3, 0.8, 0.1])
    let result = try fit(Synthetic.stations(truth), from: start)
    #expect(result.minimum.chi2 < 1e-10)
    #expect(differences(result.parameters, truth).allSatisfy { $0 < 1e-6 })
  }

  @Test func jacobianEqualsCentralDifferences() throws {
    for zenith in [0.0, 20, 45, 66] {
      let truth = Synthetic.parameters(zenith: zenith)
      var stations = Synthetic.stations(truth, threshold: 0.05)
      // Off the minimum, and with every kind of term.
      for i in stations.indices { stations[i].signal *= i.isMultiple(of: 2) ? 1.3 : 0.6 }
      for i in stations.indices.suffix(4) {
        stations[i].hasTime = false
        stations[i].hasSignal = false
        stations[i].isSilent = true
      }
      let frozen = problem(stations).constrained(to: SIMD2(10, 20))
        .frozen(at: truth, reusing: FrozenErrors())
      let isPoisson = stations.indices.map { frozen.errors[$0].isPoisson }
      #expect(isPoisson.contains(true) && isPoisson.contains(false))
      #expect(largestJacobianDifference(frozen, at: truth) < 1e-6, "zenith \(zenith)")
    }
  }

  @Test func manyStartsReachOneMinimum() throws {
    let truth = Synthetic.parameters(zenith: 35)
    let stations = Synthetic.stations(truth)
    var random = CounterRandom(seed: 1, event: 0)
    var reached = 0
    for _ in 0..<200 {
      let start = truth.shifted(
        by: [3, 3, 0.1, 0.1, 0.5, 2, 0.2].map { $0 * random.normal() })
      let result = try fit(stations, from: start)
      if differences(result.parameters, truth).allSatisfy({ $0 < 1e-5 }) { reached += 1 }
    }
    #expect(reached == 200)
  }

  /// Turns positions by 90 degrees about the vertical.
  func turned(_ p: Position) -> Position { Position(-p.y, p.x, p.z) }

  @Test func turningAndMovingTheEventTurnsAndMovesTheResult() throws {
    let truth = Synthetic.parameters(zenith: 25)
    var stations = Synthetic.stations(truth)
    var random = CounterRandom(seed: 2, event: 0)
    for i in stations.indices {
      stations[i].time += 50 * random.normal()
      stations[i].signal *= exp(0.1 * random.normal())
    }
    let plain = try fit(stations, from: truth).parameters
    let moved = stations.map { station in
      var station = station
      station.position = turned(station.position) + Position(5000, -3000, 0)
      station.time += 1000
      return station
    }
    var start = truth
    start[.coreX] = -truth[.coreY] + 50
    start[.coreY] = truth[.coreX] - 30
    start[.axisX] = -truth[.axisY]
    start[.axisY] = truth[.axisX]
    start[.time] = truth[.time] + 10
    let result = try fit(moved, from: start).parameters
    #expect(abs(result.core.x - (-plain.core.y + 5000)) < 1e-3)
    #expect(abs(result.core.y - (plain.core.x - 3000)) < 1e-3)
    #expect(abs(result[.axisX] + plain[.axisY]) < 1e-6)
    #expect(abs(result[.axisY] - plain[.axisX]) < 1e-6)
    #expect(abs(result.signal800 / plain.signal800 - 1) < 1e-6)
    #expect(abs(result.time - plain.time - 1000) < 1e-3)
  }

  @Test func pullsHaveUnitWidthUnderTheFitsOwnErrors() throws {
    // Errors drawn from the frozen sigmas, Gaussian terms only: the covariance must be right.
    let truth = Synthetic.parameters(zenith: 30, signal800: 80)
    let exact = Synthetic.stations(truth, threshold: 6)
    let errors = FrozenErrors(at: truth, stations: exact, configuration: configuration)
    var random = CounterRandom(seed: 3, event: 0)
    let workspace = FitWorkspace()
    var sums: [FitParameter: Double] = [:]
    let repeats = 300
    for _ in 0..<repeats {
      var stations = exact
      for i in stations.indices {
        stations[i].time += errors[i].time * random.normal()
        stations[i].signal += errors[i].signal * random.normal()
      }
      let state = try #require(
        workspace.minimise(
          problem(stations).with(errors), from: truth, stepLimit: JointFit.tight,
          needsCovariance: true))
      let covariance = try #require(state.covariance)
      for p in FitParameter.allCases {
        let pull = (state.parameters[p] - truth[p]) / covariance[p, p].squareRoot()
        sums[p, default: 0] += pull * pull / Double(repeats)
      }
    }
    // 300 repeats: the variance of a unit Gaussian is known to 8 %.
    for (p, sum) in sums { #expect(abs(sum - 1) < 0.3, "parameter \(p): \(sum)") }
  }

  @Test func poissonTermIsContinuousAndSigned() {
    let near = PoissonTerm.residual(measured: 6, expected: 6 * (1 + 1.0001e-4))
    let series = PoissonTerm.residual(measured: 6, expected: 6 * (1 + 0.9999e-4))
    #expect(abs(near.residual / series.residual - 1) < 1e-3)
    #expect(PoissonTerm.residual(measured: 6, expected: 5).residual > 0)
    #expect(PoissonTerm.residual(measured: 5, expected: 6).residual < 0)
    // D(0, m) = 2 m.
    #expect(abs(PoissonTerm.residual(measured: 0, expected: 2).residual + 1.6.squareRoot()) < 1e-12)
    // n = 6, m = 3: D = 2 (6 ln 2 - 3) = 2.3178.
    #expect(
      abs(PoissonTerm.residual(measured: 6, expected: 3).residual - (0.4 * 2.317766).squareRoot())
        < 1e-6)
  }

  @Test func errorsHaveTheCheckedValues() {
    // Table of check values of the INR chain: zenith, S800, r, sigma_t.
    var configuration = configuration
    configuration.front = .linsley
    configuration.timeError = .published
    configuration.usesExpectedSignalSigma = false
    for (zenith, signal800, r, expected) in [
      (0.0, 20.0, 1000.0, 182.98), (30, 20, 2000, 979.8), (45, 60, 500, 32.19),
    ] {
      var parameters = Synthetic.parameters(
        zenith: zenith, azimuth: 90, core: .zero, signal800: signal800)
      parameters[.curvature] = ShowerFront.linsley.expectedCurvature(
        signal800: signal800, zenith: zenith * Units.degree)
      let station = FitStation(
        station: 0, position: Position(r, 0, 0), time: 0, hasTime: true, signal: 5,
        hasSignal: true, isSilent: false)
      let errors = FrozenErrors(at: parameters, stations: [station], configuration: configuration)
      #expect(abs(errors[0].time / expected - 1) < 2e-3)
      #expect(abs(errors[0].signal - (10 / 3 + 0.0225 * 25).squareRoot()) < 1e-12)
    }
  }
}
