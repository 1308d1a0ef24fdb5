import Glibc
import ShowerModel

/// Delays and errors of the three timing fits of the published chain.
///
/// With `a_I` the mean curvature at the zenith angle, r the axis distance, rho the measured density
/// and `G = (1 - 0.1 D)^1.05`, D along the axis in units of 1200 m:
///
/// | fit | delay [ns] | scatter [ns] | term |
/// |---|---|---|---|
/// | plane | 0 | `K a_I (1 + r/30 m)^1.5 rho^-0.3` | `delta^2 / sigma` |
/// | fixed | `0.80 a_I (1 + r/30 m)^1.5 rho^-0.5` | the same | `delta^2 / sigma^2` |
/// | free | `a G (1 + r/30 m)^1.35 rho^-0.5` | `1.56 G (1 + r/30 m)^1.5 rho^-0.3` | the same |
enum PublishedFront: Equatable {
  case plane(scatter: Double)
  case fixedCurvature(scatter: Double)
  case freeCurvature

  /// Five, or six with the curvature.
  var parameterCount: Int { self == .freeCurvature ? 6 : 5 }
}

/// Parameters of a timing fit: direction of travel `n_x, n_y`, core x and y [L], time of the plane
/// front at the core [L], curvature a of the experiment.
struct TimingParameters: Equatable {
  /// The last two elements are not used.
  var values: SIMD8<Double>

  init(travel: SIMD2<Double>, core: SIMD2<Double>, time: Double, curvature: Double = 2.6) {
    values = SIMD8(travel.x, travel.y, core.x, core.y, time, curvature, 0, 0)
  }

  /// Horizontal components of the direction of travel, held below 85 degrees.
  var travel: SIMD2<Double> {
    let n = SIMD2(values[0], values[1])
    let length = (n * n).sum().squareRoot()
    return length > 0.9961946980917455 ? n * (0.9961946980917455 / length) : n
  }
  var core: SIMD2<Double> {
    get { SIMD2(values[2], values[3]) }
    set { (values[2], values[3]) = (newValue.x, newValue.y) }
  }
  var time: Double { values[4] }
  var curvature: Double {
    get { values[5] }
    set { values[5] = newValue }
  }
  /// theta [rad].
  var zenith: Double { asin((travel * travel).sum().squareRoot()) }
  /// Azimuth of the direction of travel [rad].
  var azimuth: Double { atan2(values[1], values[0]) }
}

/// A station in a timing fit.
struct TimingStation {
  /// Index of the hit.
  let hit: Int
  /// x, y, z [L].
  let position: SIMD3<Double>
  /// [L].
  let time: Double
  /// Square of the error of the leading edge [L2].
  let variance: Double
  /// Density [VEM/m2], and powers of it.
  let density: Double
  let inverseRoot: Double
  let inverse03: Double

  init(hit: Int, _ data: PublishedHit, _ position: Position, area: Double) {
    self.hit = hit
    self.position = position / GridUnits.length
    time = data.time
    variance = data.timeVariance
    density = data.charge / area
    inverseRoot = 1 / density.squareRoot()
    inverse03 = pow(density, -0.3)
  }
}

/// What all stations share at a point.
struct TimingPoint {
  let n: SIMD2<Double>
  let core: SIMD2<Double>
  let cosine: Double
  let time: Double
  let curvature: Double
  /// a_I and its derivatives by n_x and n_y.
  let mean: Double
  let meanPerTravel: SIMD2<Double>

  init(_ parameters: TimingParameters) {
    n = parameters.travel
    core = parameters.core
    time = parameters.time
    curvature = parameters.curvature
    let sine = (n * n).sum().squareRoot()
    cosine = (1 - sine * sine).squareRoot()
    let zenith = asin(sine)
    mean = ShowerFront.meanCurvature(zenith: zenith)
    let step = 1e-6
    let slope =
      (ShowerFront.meanCurvature(zenith: zenith + step)
        - ShowerFront.meanCurvature(zenith: abs(zenith - step))) / (2 * step)
    meanPerTravel = sine > 1e-9 ? n * (slope / (sine * cosine)) : .zero
  }
}

/// The term of one station in a timing fit.
struct TimingTerm {
  /// The square of this counts.
  let value: Double
  let derivatives: SIMD8<Double>
  /// Error of the time [L].
  let sigma: Double
}

extension TimingStation {
  /// The residual of a station in units of its error, its derivatives by the parameters, and the
  /// error [L].
  @inline(__always)
  func residual(_ point: TimingPoint, _ front: PublishedFront) -> TimingTerm {
    let d = SIMD2(position.x, position.y) - point.core
    let along = (point.n * d).sum()
    let alongBy = SIMD8(d.x, d.y, -point.n.x, -point.n.y, 0, 0, 0, 0)
    let distance = max((d * d).sum() - along * along, 1e-12).squareRoot()
    let distanceBy = (SIMD8(0, 0, -d.x, -d.y, 0, 0, 0, 0) - along * alongBy) * (1 / distance)
    let scale = GridUnits.length / 30
    let u = 1 + scale * distance
    let root = u.squareRoot()
    let (power, powerBy) = (u * root, 1.5 * root * scale * distanceBy)
    let meanBy = SIMD8(point.meanPerTravel.x, point.meanPerTravel.y, 0, 0, 0, 0, 0, 0)

    let (delay, delayBy): (Double, SIMD8<Double>)
    let (scatter, scatterBy): (Double, SIMD8<Double>)
    switch front {
    case .plane(let k):
      (delay, delayBy) = (0, .zero)
      let c = k * inverse03 * GridUnits.perNanosecond
      (scatter, scatterBy) = (c * point.mean * power, c * (point.mean * powerBy + power * meanBy))
    case .fixedCurvature(let k):
      let shape = point.mean * power
      let shapeBy = point.mean * powerBy + power * meanBy
      let c = 0.80 * inverseRoot * GridUnits.perNanosecond
      let s = k * inverse03 * GridUnits.perNanosecond
      (delay, delayBy) = (c * shape, c * shapeBy)
      (scatter, scatterBy) = (s * shape, s * shapeBy)
    case .freeCurvature:
      // Beyond 12 km along the axis the published formula has no value.
      let base = max(1 - 0.1 * along, 1e-3)
      let g = pow(base, 1.05)
      let gBy = -0.105 * g / base * alongBy
      let c = inverseRoot * GridUnits.perNanosecond
      let bent = c * pow(u, 1.35)
      let bentBy = 1.35 * bent / u * scale * distanceBy
      delay = point.curvature * g * bent
      delayBy =
        point.curvature * (g * bentBy + bent * gBy) + SIMD8(0, 0, 0, 0, 0, g * bent, 0, 0)
      let s = 1.56 * inverse03 * GridUnits.perNanosecond
      (scatter, scatterBy) = (s * g * power, s * (g * powerBy + power * gBy))
    }
    let delta = time - (point.time + along - position.z * point.cosine) - delay
    let tilt = -position.z / point.cosine
    let deltaBy =
      -delayBy - alongBy
      + SIMD8(tilt * point.n.x, tilt * point.n.y, 0, 0, -1, 0, 0, 0)
    let square = scatter * scatter + variance
    let sigma = square.squareRoot()
    let sigmaBy = scatter / sigma * scatterBy
    if case .plane = front {
      let weight = 1 / sigma.squareRoot()
      return TimingTerm(
        value: delta * weight,
        derivatives: weight * deltaBy - 0.5 * delta * weight / sigma * sigmaBy, sigma: sigma)
    }
    return TimingTerm(
      value: delta / sigma, derivatives: (1 / sigma) * (deltaBy - delta / sigma * sigmaBy),
      sigma: sigma)
  }
}
