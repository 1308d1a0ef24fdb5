import Foundation
import LeastSquaresFit
import ShowerModel
import Testing

@_spi(Validation) @testable import StandardReconstruction

@Suite struct TunedFrontFitTests {
  let front: TunedFront
  let configuration: FitConfiguration

  init() throws {
    let text = try String(
      contentsOf: repository.appending(path: "tables/fronts/telescope-array-tuned.json"),
      encoding: .utf8)
    front = try TunedFrontFile(parsing: text, file: "telescope-array-tuned").front
    var configuration = FitConfiguration()
    configuration.tunedFront = front
    self.configuration = configuration
  }

  func truth(zenith: Double, signal800: Double = 60) -> FitParameters {
    var truth = Synthetic.parameters(zenith: zenith, signal800: signal800)
    truth[.curvature] = 1
    return truth
  }

  /// Stations with exactly the time of the front and the signal of the lateral distribution.
  func stations(_ parameters: FitParameters, threshold: Double = 0.5) -> [FitStation] {
    let point = ModelPoint(parameters)
    return Synthetic.stations(parameters, threshold: threshold, configuration: configuration).map {
      var station = $0
      station.time = time(station, point)
      return station
    }
  }

  func time(_ station: FitStation, _ point: ModelPoint) -> Double {
    StationModel(station.position, point, configuration, logSignal: { station.logSignal }).time
  }

  /// A problem with all terms and all parameters free, its errors not frozen yet.
  func problem(_ stations: [FitStation]) -> FitProblem {
    FitProblem(FitModel(configuration), stations, terms: .all, free: .all)
  }

  func fit(_ stations: [FitStation], from start: FitParameters) throws -> FitState {
    try #require(JointFit.run(problem(stations), from: start, FitWorkspace())).state
  }

  @Test(arguments: [0.0, 12, 30, 44])
  func noiseFreeClosure(zenith: Double) throws {
    let truth = truth(zenith: zenith)
    let start = truth.shifted(by: [0.6, -0.4, 0.02, -0.02, 0.2, 0.8, 0.1])
    let result = try fit(stations(truth), from: start)
    #expect(result.minimum.chi2 < 1e-8)
    for parameter in FitParameter.allCases {
      #expect(abs(result.parameters[parameter] - truth[parameter]) < 1e-5, "\(parameter)")
    }
  }

  @Test func jacobianEqualsCentralDifferences() throws {
    for zenith in [0.0, 20, 40] {
      let truth = truth(zenith: zenith)
      let frozen = problem(stations(truth)).constrained(to: SIMD2(10, 20))
        .frozen(at: truth, reusing: FrozenErrors())
      #expect(
        frozen.residualCount == frozen.timeCount + frozen.signalCount + frozen.silentCount + 3)
      // Where a variable is held to its range, the front has a kink: none is within 1e-5 of here.
      #expect(largestJacobianDifference(frozen, at: truth) < 1e-5, "zenith \(zenith)")
    }
  }

  /// Events of the tuned front itself, with its own scatter, of times and of whole showers.
  @Test func eventsOfTheFrontAreFittedWithoutBiasAndWithUnitPulls() throws {
    let truth = truth(zenith: 30)
    let exact = stations(truth, threshold: 1)
    let errors = FrozenErrors(at: truth, stations: exact, configuration: configuration)
    var random = CounterRandom(seed: 8, event: 0)
    let workspace = FitWorkspace()
    var pulls: [FitParameter: [Double]] = [:]
    let repeats = 400
    for _ in 0..<repeats {
      var shower = truth
      shower[.curvature] += front.scaleSigma * random.normal()
      let point = ModelPoint(shower)
      var stations = exact
      for i in stations.indices {
        // The delay depends on the measured signal.
        let sigma = errors[i].isPoisson ? 0 : errors[i].signal
        stations[i].signal = max(stations[i].signal + sigma * random.normal(), 0.3)
        let place = stations[i]
        stations[i].time = time(place, point)
        let own = FrozenErrors(at: shower, stations: [place], configuration: configuration)
        stations[i].time += own[0].time * random.normal()
      }
      let fit = try #require(JointFit.run(problem(stations), from: truth, workspace))
      let covariance = try #require(
        workspace.covariance(of: fit.problem, at: fit.state.parameters))
      for p in FitParameter.allCases {
        let pull = (fit.state.parameters[p] - shower[p]) / covariance[p, p].squareRoot()
        pulls[p, default: []].append(pull)
      }
    }
    // Axis and time alone: core and S800 have the published errors of signals, which are not those
    // of this sample.
    for p in [FitParameter.axisX, .axisY, .time] {
      let values = try #require(pulls[p])
      let mean = values.reduce(0) { $0 + $1 / Double(repeats) }
      let square = values.reduce(0) { $0 + $1 * $1 / Double(repeats) }
      let width = (square - mean * mean).squareRoot()
      #expect(abs(width - 1) < 0.12, "parameter \(p): \(width)")
      #expect(abs(mean) < 0.25, "parameter \(p): \(mean)")
    }
  }

  /// Turns by 90 degrees or mirrors at the x axis, positions and shower alike.
  @Test(arguments: [false, true])
  func turningOrMirroringTheEventDoesSoToTheResult(isMirrored: Bool) throws {
    func image(_ x: Double, _ y: Double) -> SIMD2<Double> {
      isMirrored ? SIMD2(x, -y) : SIMD2(-y, x)
    }
    let truth = truth(zenith: 33)
    var stations = stations(truth)
    var random = CounterRandom(seed: 2, event: 0)
    for i in stations.indices {
      stations[i].time += 60 * random.normal()
      stations[i].signal *= exp(0.1 * random.normal())
    }
    let plain = try fit(stations, from: truth).parameters
    let moved = stations.map { station in
      var station = station
      let place = image(station.position.x, station.position.y)
      station.position = Position(place.x, place.y, station.position.z)
      return station
    }
    func image(_ parameters: FitParameters) -> FitParameters {
      let core = image(parameters[.coreX], parameters[.coreY])
      let axis = image(parameters[.axisX], parameters[.axisY])
      var result = parameters
      (result[.coreX], result[.coreY]) = (core.x, core.y)
      (result[.axisX], result[.axisY]) = (axis.x, axis.y)
      return result
    }
    let result = try fit(moved, from: image(truth)).parameters
    for p in FitParameter.allCases { #expect(abs(result[p] - image(plain)[p]) < 1e-6, "\(p)") }
  }

  @Test func theResultIsToldInTheUsualUnits() throws {
    let parameters = truth(zenith: 30)
    let fit = StandardFit(
      array: Synthetic.array, energyTable: try Synthetic.energyTable(),
      configuration: configuration)
    let signals = stations(parameters, threshold: 1).map {
      StationSignal(
        station: $0.station, time: $0.time, timeError: 20, upper: 3 * $0.signal,
        lower: 3 * $0.signal)
    }
    let (result, rows) = fit.reconstruct(signals)
    #expect(result.status == .good)
    #expect(result.shower.direction.angle(to: parameters.direction) < 2 * Units.degree)
    let expected = configuration.front.expectedCurvature(
      signal800: result.signal800, zenith: result.shower.zenith)
    #expect((0.7...1.3).contains(result.curvature / expected))
    #expect(abs(result.curvatureSigma / expected) <= front.scaleSigma * 1.0001)
    #expect(abs(result.covariance[48].squareRoot() - result.curvatureSigma) < 1e-12)
    for row in rows where row.role == .fitted {
      #expect(front.ranges.sigma.contains(row.timeSigma) && row.timePull.isFinite)
    }
  }

  @Test func publishedFrontsAreUntouched() throws {
    let truth = Synthetic.parameters(zenith: 30)
    let problem = FitProblem(
      FitModel(FitConfiguration()), Synthetic.stations(truth), terms: .all, free: .all)
    #expect(problem.curvatureConstraint == nil)
    #expect(problem.residualCount == problem.timeCount + problem.signalCount)
  }
}
