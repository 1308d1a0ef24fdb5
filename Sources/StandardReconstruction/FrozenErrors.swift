import Glibc
import ShowerModel

/// Errors and branches of every station, fixed during one pass.
///
/// A switch inside a pass would make chi2 discontinuous.
struct FrozenErrors: Equatable {
  /// sigma_t [ns]; NaN without a timing term.
  private(set) var time: [Double] = []
  /// sigma_S [VEM/m2].
  private(set) var signal: [Double] = []
  /// Poisson instead of Gaussian term.
  private(set) var isPoisson: [Bool] = []
  /// How often a station has changed its branch.
  private var changes: [Int] = []

  init() {}

  /// Errors and branches at given parameters, as in a first pass.
  init(at parameters: JointParameters, stations: [FitStation], configuration: FitConfiguration) {
    reset(count: stations.count)
    freeze(at: parameters, stations, configuration)
  }

  /// Forgets the branches of an earlier event or start.
  mutating func reset(count: Int) {
    time.removeAll(keepingCapacity: true)
    signal.removeAll(keepingCapacity: true)
    isPoisson.removeAll(keepingCapacity: true)
    changes.removeAll(keepingCapacity: true)
    for _ in 0..<count {
      time.append(.nan)
      signal.append(.nan)
      isPoisson.append(false)
      changes.append(-1)
    }
  }

  /// Sets errors and branches from the model at some parameters.
  ///
  /// `sigma_S^2 = 2 S/A + (0.15 S)^2`, S measured or expected, A = 3 m2 (1/A^2 for S < 0.1).
  /// `sigma_t^2 = (30 ns)^2 + ts^2`, `ts = 0.377 ns a_L (1 + rc/30 m)^1.5 S(rc)^-0.3`, rc = max(r, 150 m),
  /// with a_L held to 0.3 ... 3 of its mean. Source: INR chain of the Telescope Array. A tuned front brings
  /// sigma_t of its own.
  ///
  /// The Poisson term is used where the expected signal is at or below 4 VEM/m2. Each term, once used,
  /// can pull the expectation to the other side of 4 and so call for the other one, without end; a station
  /// that comes back to a term it had left is therefore Poisson from then on, which is valid on both sides.
  mutating func freeze(
    at parameters: JointParameters, _ stations: [FitStation], _ configuration: FitConfiguration
  ) {
    let point = ModelPoint(parameters)
    let scatter = TimeScatter(parameters, point, configuration)
    for (i, station) in stations.enumerated() where station.isHit {
      if station.hasTime { time[i] = scatter.sigma(of: station) }
      guard station.hasSignal else { continue }
      let model = StationModel(
        station.position, point, configuration.lateralDistribution, configuration.front,
        softening: configuration.coreSoftening, needsTime: false)
      signal[i] = configuration.signalSigma(measured: station.signal, expected: model.signal)
      let wasPoisson = isPoisson[i]
      isPoisson[i] = usesPoisson(i, expected: model.signal)
      if changes[i] < 0 {
        changes[i] = 0
      } else if isPoisson[i] != wasPoisson {
        changes[i] += 1
        if changes[i] >= 2 { isPoisson[i] = true }
      }
    }
  }

  /// Whether any branch would change if it were frozen anew at some parameters.
  func changesBranch(
    at parameters: JointParameters, _ stations: [FitStation], _ configuration: FitConfiguration
  ) -> Bool {
    let point = ModelPoint(parameters)
    for (i, station) in stations.enumerated() where station.hasSignal {
      let model = StationModel(
        station.position, point, configuration.lateralDistribution, configuration.front,
        softening: configuration.coreSoftening, needsTime: false)
      if usesPoisson(i, expected: model.signal) != isPoisson[i] { return true }
    }
    return false
  }

  private func usesPoisson(_ i: Int, expected: Double) -> Bool { changes[i] >= 2 || expected <= 4 }
}

/// Errors of the times at given parameters.
private struct TimeScatter {
  let configuration: FitConfiguration
  let axis: ShowerAxis
  let point: ModelPoint
  /// a_L, held to 0.3 ... 3 of its mean.
  let linsley: Double
  /// Mean curvature a_I at this zenith angle.
  let mean: Double

  init(_ parameters: JointParameters, _ point: ModelPoint, _ configuration: FitConfiguration) {
    self.configuration = configuration
    self.point = point
    axis = parameters.showerAxis
    mean = ShowerFront.meanCurvature(zenith: parameters.direction.zenith)
    let expected = configuration.expectedCurvature(
      signal800: exp(point.logSignal800), zenith: parameters.direction.zenith)
    let ratio = configuration.isCurved ? parameters.curvature / expected : 1
    linsley = 1.3 * mean * min(max(ratio, 0.3), 3)
  }

  func sigma(of station: FitStation) -> Double {
    let r = axis.distance(of: station.position)
    if let tuned = configuration.tunedFront {
      let place = TunedFront.StationCoordinates(
        distance: r, logSignal: station.logSignal, secant: 1 / point.n.z,
        upstream: axis.upstream(of: station.position))
      return configuration.timeScatterScale * tuned.sigma(at: place)
    }
    let scatter: Double
    switch configuration.timeError {
    case .published:
      let rc = max(r, 150)
      let ldf = configuration.lateralDistribution.value(rc, point.n.z)
      let x = 1 + rc / 30
      scatter =
        0.377 * linsley * x * x.squareRoot() * exp(-0.3 * (point.logSignal800 + ldf.logarithm))
    case .measuredSignal:
      let x = 1 + r / 30
      scatter = 0.70 * mean * x * x.squareRoot() * pow(max(station.signal, 0.1), -0.3)
    case .constant:
      scatter = 0
    }
    return hypot(configuration.timeResolution, configuration.timeScatterScale * scatter)
  }
}
