import Foundation
import LeastSquaresFit
import ShowerModel
import Testing

@testable import StandardReconstruction

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

  func truth(zenith: Double, signal800: Double = 60) -> JointParameters {
    var truth = Synthetic.parameters(zenith: zenith, signal800: signal800)
    truth.q[JointParameters.curvature] = 1
    return truth
  }

  /// Stations with exactly the time of the front and the signal of the lateral distribution.
  func stations(_ parameters: JointParameters, threshold: Double = 0.5) -> [FitStation] {
    let point = ModelPoint(parameters)
    return Synthetic.stations(parameters, threshold: threshold, configuration: configuration).map {
      var station = $0
      station.time = time(station, point)
      return station
    }
  }

  func time(_ station: FitStation, _ point: ModelPoint) -> Double {
    StationModel(
      station.position, point, configuration.lateralDistribution, configuration.front,
      tuned: front, logSignal: { station.logSignal }, softening: configuration.coreSoftening
    ).time
  }

  func fit(_ stations: [FitStation], from start: JointParameters) throws -> JointFit {
    let function = JointFitFunction(configuration: configuration)
    function.load(stations, terms: .all)
    return try #require(JointFit.run(function, from: start, LevenbergMarquardt()))
  }

  @Test(arguments: [0.0, 12, 30, 44])
  func noiseFreeClosure(zenith: Double) throws {
    let truth = truth(zenith: zenith)
    var start = truth
    for (index, shift) in [0.6, -0.4, 0.02, -0.02, 0.2, 0.8, 0.1].enumerated() {
      start.q[index] += shift
    }
    let result = try fit(stations(truth), from: start)
    #expect(result.minimum.chi2 < 1e-8)
    for index in 0..<JointParameters.count {
      #expect(abs(result.parameters.q[index] - truth.q[index]) < 1e-5, "\(index)")
    }
  }

  @Test func jacobianEqualsCentralDifferences() throws {
    for zenith in [0.0, 20, 40] {
      let truth = truth(zenith: zenith)
      let function = JointFitFunction(configuration: configuration)
      function.load(stations(truth), terms: .all)
      function.freeze(at: truth)
      function.base = truth
      function.tie = SIMD2(10, 20)
      let n = function.residualCount
      #expect(n == function.timeCount + function.signalCount + function.silentCount + 3)
      var jacobian = [Double](repeating: 0, count: n * 7)
      let start = (0..<7).map { truth.q[$0] }
      start.withUnsafeBufferPointer { q in
        jacobian.withUnsafeMutableBufferPointer { function.jacobian(at: q, into: $0) }
      }
      for p in 0..<7 {
        let h = 1e-5
        let sides = [-h, h].map { step in
          var q = start
          q[p] += step
          var r = [Double](repeating: 0, count: n)
          q.withUnsafeBufferPointer { q in
            r.withUnsafeMutableBufferPointer { function.residuals(at: q, into: $0) }
          }
          return r
        }
        // Where a variable is held to its range, the front has a kink: not within h of these places.
        for row in 0..<n {
          let numeric = (sides[1][row] - sides[0][row]) / (2 * h)
          #expect(
            abs(numeric - jacobian[row * 7 + p]) < 1e-5 * max(1, abs(jacobian[row * 7 + p])),
            "zenith \(zenith), row \(row), parameter \(p)")
        }
      }
    }
  }

  /// Events of the tuned front itself, with its own scatter, of times and of whole showers.
  @Test func eventsOfTheFrontAreFittedWithoutBiasAndWithUnitPulls() throws {
    let truth = truth(zenith: 30)
    let exact = stations(truth, threshold: 1)
    let errors = FrozenErrors(at: truth, stations: exact, configuration: configuration)
    var random = CounterRandom(seed: 8, event: 0)
    var (sums, squares) = ([Double](repeating: 0, count: 7), [Double](repeating: 0, count: 7))
    let repeats = 400
    for _ in 0..<repeats {
      var shower = truth
      shower.q[JointParameters.curvature] += front.scaleSigma * random.normal()
      let point = ModelPoint(shower)
      var stations = exact
      for i in stations.indices {
        // The delay depends on the measured signal.
        let sigma = errors.isPoisson[i] ? 0 : errors.signal[i]
        stations[i].signal = max(stations[i].signal + sigma * random.normal(), 0.3)
        let place = stations[i]
        stations[i].time = time(place, point)
        let own = FrozenErrors(at: shower, stations: [place], configuration: configuration)
        stations[i].time += own.time[0] * random.normal()
      }
      let function = JointFitFunction(configuration: configuration)
      function.load(stations, terms: .all)
      let fit = try #require(JointFit.run(function, from: truth, LevenbergMarquardt()))
      var matrix = [Double](repeating: 0, count: 49)
      let isRegular = matrix.withUnsafeMutableBufferPointer {
        function.covariance(at: fit.parameters, LevenbergMarquardt(), into: $0)
      }
      #expect(isRegular)
      for p in 0..<7 {
        let pull = (fit.parameters.q[p] - shower.q[p]) / matrix[8 * p].squareRoot()
        sums[p] += pull / Double(repeats)
        squares[p] += pull * pull / Double(repeats)
      }
    }
    // Axis, time and scale; core and size have the published errors of signals, which are no scatter of ours.
    for p in [JointParameters.axisX, JointParameters.axisY, JointParameters.time] {
      let width = (squares[p] - sums[p] * sums[p]).squareRoot()
      #expect(abs(width - 1) < 0.12, "parameter \(p): \(width)")
      #expect(abs(sums[p]) < 0.25, "parameter \(p): \(sums[p])")
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
    var start = truth
    let (core, axis) = (image(truth.q[0], truth.q[1]), image(truth.q[2], truth.q[3]))
    start.q = [core.x, core.y, axis.x, axis.y, truth.q[4], truth.q[5], truth.q[6], 0]
    let result = try fit(moved, from: start).parameters
    let (plainCore, plainAxis) = (image(plain.q[0], plain.q[1]), image(plain.q[2], plain.q[3]))
    let expected = [
      plainCore.x, plainCore.y, plainAxis.x, plainAxis.y, plain.q[4], plain.q[5], plain.q[6],
    ]
    for index in 0..<7 { #expect(abs(result.q[index] - expected[index]) < 1e-6, "\(index)") }
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
    let expected = ShowerFront.linsley.expectedCurvature(
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
    let function = JointFitFunction(configuration: FitConfiguration())
    function.load(Synthetic.stations(truth), terms: .all)
    #expect(function.scaleSigma == nil)
    #expect(function.residualCount == function.timeCount + function.signalCount)
  }
}
