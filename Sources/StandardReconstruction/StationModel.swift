import Glibc
import ShowerModel

/// Derivatives by the seven parameters in native units.
typealias Derivatives = SIMD8<Double>

/// The parameters in native units, with what all stations share.
struct ModelPoint {
  let core: SIMD2<Double>
  let n: SIMD3<Double>
  let logSignal800: Double
  let time: Double
  let curvature: Double

  init(_ parameters: JointParameters) {
    core = parameters.core
    n = parameters.direction.vector
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

  /// d l, d r_eff and d ln LDF by core and axis.
  private func geometry(
    _ point: ModelPoint
  ) -> (upstream: Derivatives, distance: Derivatives, logLDF: Derivatives) {
    let n = point.n
    var dl = Derivatives()
    dl[0] = -n.x
    dl[1] = -n.y
    dl[2] = d.x - d.z * n.x / n.z
    dl[3] = d.y - d.z * n.y / n.z
    var ownPart = Derivatives()  // d.dd
    ownPart[0] = -d.x
    ownPart[1] = -d.y
    let dr = (ownPart - l * dl) / r
    var dLog = lateral.perDistance * dr
    dLog[2] += lateral.perCosZenith * (-n.x / n.z)
    dLog[3] += lateral.perCosZenith * (-n.y / n.z)
    return (dl, dr, dLog)
  }

  func logSignalDerivatives(_ point: ModelPoint) -> Derivatives {
    var result = geometry(point).logLDF
    result[JointParameters.logSignal800] = 1
    return result
  }

  func timeDerivatives(_ point: ModelPoint) -> Derivatives {
    let (dl, dr, dLog) = geometry(point)
    var result =
      -dl / Units.speedOfLight
      + point.curvature * (front.perDistance * dr + front.perLogLDF * dLog)
    result[JointParameters.time] = 1
    result[JointParameters.curvature] = front.shape
    return result
  }
}
