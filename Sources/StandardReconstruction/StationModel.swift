import Glibc
import ShowerModel

/// Derivatives of a term by the parameters in native units. What is not listed is zero.
struct Derivatives {
  /// By core x, core y [m], n_x and n_y.
  var place: SIMD4<Double>
  var logSignal800 = 0.0
  var time = 0.0
  var curvature = 0.0
}

/// The parameters in native units, with what all stations share.
struct ModelPoint {
  let core: SIMD2<Double>
  let n: SIMD3<Double>
  /// d n_z by core and axis.
  let cosZenithPerPlace: SIMD4<Double>
  let logSignal800: Double
  let time: Double
  let curvature: Double

  init(_ parameters: JointParameters) {
    core = parameters.core
    n = parameters.direction.vector
    cosZenithPerPlace = SIMD4(0, 0, -n.x / n.z, -n.y / n.z)
    // Beyond this a trial step has gone astray; finite values let the fit step back.
    logSignal800 = min(max(parameters.q[JointParameters.logSignal800], -30), 30)
    time = parameters.time
    curvature = parameters.curvature
  }
}

/// Expected signal and time of one station, and their derivatives.
struct StationModel {
  /// Station relative to the core, and its projection on the axis [m].
  private let d: SIMD3<Double>
  private let l: Double
  private let r: Double
  private let lateral: LateralDistribution.Value
  private let front: ShowerFront.Value
  /// S_fit [VEM/m2].
  let signal: Double
  /// Fitted arrival [ns]; only where it was asked for.
  let time: Double

  @inline(__always)
  init(
    _ position: Position, _ point: ModelPoint, _ lateralDistribution: LateralDistribution,
    _ front: ShowerFront, softening: Double, needsTime: Bool = true
  ) {
    d = position - SIMD3(point.core.x, point.core.y, 0)
    l = (d * point.n).sum()
    r = max((d * d).sum() - l * l + softening * softening, softening * softening).squareRoot()
    lateral = lateralDistribution.value(r, point.n.z)
    signal = exp(point.logSignal800 + lateral.logarithm)
    self.front =
      needsTime
      ? front.value(r, lateral.logarithm)
      : ShowerFront.Value(shape: 0, perDistance: 0, perLogLDF: 0)
    time = point.time - l / Units.speedOfLight + point.curvature * self.front.shape
  }

  /// Axis distance with the softening, r_eff [m].
  var distance: Double { r }

  /// Derivatives of ln S_fit and of the fitted arrival.
  @inline(__always)
  func derivatives(_ point: ModelPoint) -> (logSignal: Derivatives, time: Derivatives) {
    let axis = point.cosZenithPerPlace
    // l = d.n and d.dd, the part of |d|^2 that moves with the core.
    let dl = SIMD4(-point.n.x, -point.n.y, d.x, d.y) + d.z * axis
    let ownPart = SIMD4(-d.x, -d.y, 0, 0)
    let dr = (ownPart - l * dl) * (1 / r)
    let dLog = lateral.perDistance * dr + lateral.perCosZenith * axis
    let delay = front.perDistance * dr + front.perLogLDF * dLog
    return (
      Derivatives(place: dLog, logSignal800: 1),
      Derivatives(
        place: point.curvature * delay - dl * (1 / Units.speedOfLight), time: 1,
        curvature: front.shape)
    )
  }
}
