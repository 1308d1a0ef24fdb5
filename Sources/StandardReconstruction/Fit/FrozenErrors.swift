import Glibc
import ShowerModel

/// Errors of one station during a pass, and the form of its signal term.
struct StationErrors: Equatable {
  /// sigma_t [ns]; NaN without a timing term.
  fileprivate(set) var time = Double.nan
  /// sigma_S [VEM/m2]; NaN without a signal term.
  fileprivate(set) var signal = Double.nan
  /// Whether the signal term is Poisson instead of Gaussian.
  fileprivate(set) var isPoisson = false
  /// How often the station has changed the form of its signal term; nil before the first pass.
  fileprivate var changes: Int?

  /// Whether the term is Poisson at an expected density with a limit [VEM/m2].
  fileprivate func usesPoisson(expected: Double, limit: Double) -> Bool {
    (changes ?? 0) >= 2 || expected <= limit
  }
}

/// Errors and forms of the signal terms of all stations, fixed during one pass.
///
/// A change inside a pass would make chi2 discontinuous.
struct FrozenErrors: Equatable {
  /// By index of the station in the fit.
  private var stations: [StationErrors] = []

  init() {}

  /// Errors and forms of the terms at a point, as in a first pass.
  init(at parameters: FitParameters, stations: [FitStation], configuration: FitConfiguration) {
    reset(count: stations.count)
    freeze(at: parameters, stations, configuration)
  }

  subscript(station: Int) -> StationErrors { stations[station] }

  /// Forgets the errors of an earlier event or start; the memory is kept.
  mutating func reset(count: Int) {
    stations.removeAll(keepingCapacity: true)
    for _ in 0..<count { stations.append(StationErrors()) }
  }

  /// Sets errors and forms of the signal terms from the model at a point.
  ///
  /// `sigma_S^2 = 2 S/A + (0.15 S)^2`, S measured or expected, A the area (1/A^2 for A S < 0.3).
  /// `sigma_t^2 = (30 ns)^2 + ts^2`, `ts = 0.377 ns a_L (1 + rc/30 m)^1.5 S(rc)^-0.3`,
  /// rc = max(r, 150 m). a_L is held to 0.3 ... 3 of its mean. Source: INR chain of the Telescope
  /// Array. A tuned front brings its own sigma_t.
  ///
  /// The Poisson term is used where the expected signal is at or below 12 VEM, which is 4 VEM/m2 in
  /// 3 m2. Each form can pull the expected signal across that limit, so the two forms could
  /// alternate without end. A station that returns to a form it had left is Poisson from then on.
  /// This is valid on both sides.
  mutating func freeze(
    at parameters: FitParameters, _ fitted: [FitStation], _ configuration: FitConfiguration
  ) {
    let point = ModelPoint(parameters)
    let scatter = TimeScatter(parameters, point, configuration)
    let limit = configuration.largestPoissonDensity
    stations.withUnsafeMutableBufferPointer { stations in
      for (i, station) in fitted.enumerated() where station.isHit {
        if station.hasTime { stations[i].time = scatter.sigma(of: station) }
        guard station.hasSignal else { continue }
        let model = StationModel(station.position, point, configuration, needsTime: false)
        // Expectations of the start are too far off: a first pass has errors of measured signals.
        stations[i].signal = configuration.signalSigma(
          measured: station.signal,
          expected: stations[i].changes == nil ? station.signal : model.signal)
        let wasPoisson = stations[i].isPoisson
        stations[i].isPoisson = stations[i].usesPoisson(
          expected: model.signal, limit: limit)
        guard let changes = stations[i].changes else {
          stations[i].changes = 0
          continue
        }
        if stations[i].isPoisson != wasPoisson {
          stations[i].changes = changes + 1
          if changes + 1 >= 2 { stations[i].isPoisson = true }
        }
      }
    }
  }

  /// Whether a signal term would change its form if errors were frozen anew at a point.
  func changesSignalTerm(
    at parameters: FitParameters, _ fitted: [FitStation], _ configuration: FitConfiguration
  ) -> Bool {
    let point = ModelPoint(parameters)
    let limit = configuration.largestPoissonDensity
    for (i, station) in fitted.enumerated() where station.hasSignal {
      let model = StationModel(station.position, point, configuration, needsTime: false)
      let usesPoisson = stations[i].usesPoisson(expected: model.signal, limit: limit)
      if usesPoisson != stations[i].isPoisson { return true }
    }
    return false
  }
}

/// Errors of the times at a point.
private struct TimeScatter {
  let configuration: FitConfiguration
  let axis: ShowerAxis
  let point: ModelPoint
  /// a_L, held to 0.3 ... 3 of its mean.
  let linsley: Double
  /// Mean curvature a_I at this zenith angle.
  let mean: Double

  init(_ parameters: FitParameters, _ point: ModelPoint, _ configuration: FitConfiguration) {
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
    case .halfUtah:
      let rc = max(r, 150)
      let ldf = configuration.lateralDistribution.value(rc, point.n.z)
      let x = 1 + rc / 30
      let growth = ShowerFront.axialGrowth(axis.upstream(of: station.position)).value
      scatter =
        0.78 * growth * x * x.squareRoot() * exp(-0.3 * (point.logSignal800 + ldf.logarithm))
    case .measuredSignal:
      let x = 1 + r / 30
      scatter = 0.70 * mean * x * x.squareRoot() * pow(max(station.signal, 0.1), -0.3)
    case .constant:
      scatter = 0
    }
    let scaled = configuration.timeScatterScale * scatter
    return (configuration.timeResolution * configuration.timeResolution + scaled * scaled)
      .squareRoot()
  }
}
