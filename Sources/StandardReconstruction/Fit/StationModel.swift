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

  init(_ parameters: FitParameters) {
    core = parameters.core
    n = parameters.direction.vector
    cosZenithPerPlace = SIMD4(0, 0, -n.x / n.z, -n.y / n.z)
    // Beyond this a trial step has gone astray; finite values let the fit step back.
    logSignal800 = min(max(parameters[.logSignal800], -30), 30)
    time = parameters.time
    curvature = parameters.curvature
  }
}

/// Delay for a curvature of 1, and its derivatives.
private struct FrontValue {
  var shape = 0.0
  /// By r [1/m] and ln LDF.
  var perDistance = 0.0
  var perLogLDF = 0.0
  /// By n_z and by l [1/m], of a tuned front.
  var dependsOnAxis = false
  var perCosZenith = 0.0
  var perUpstream = 0.0

  init() {}

  init(_ value: ShowerFront.Value) {
    shape = value.shape
    perDistance = value.perDistance
    perLogLDF = value.perLogLDF
  }

  /// A front whose delays grow upstream.
  init(_ value: ShowerFront.Value, upstream: Double) {
    let growth = ShowerFront.axialGrowth(upstream)
    shape = value.shape * growth.value
    perDistance = value.perDistance * growth.value
    perLogLDF = value.perLogLDF * growth.value
    dependsOnAxis = true
    perUpstream = value.shape * growth.perUpstream
  }

  init(_ value: TunedFront.Value, cosZenith: Double) {
    shape = value.delay
    perDistance = value.perDistance
    dependsOnAxis = true
    // d sec theta / d n_z = -1 / n_z^2.
    perCosZenith = -value.perSecant / (cosZenith * cosZenith)
    perUpstream = value.perUpstream
  }
}

/// Expected signal and time of one station, and their derivatives.
struct StationModel {
  /// Station relative to the core, and its projection on the axis [m].
  private let d: SIMD3<Double>
  private let l: Double
  private let r: Double
  private let lateral: LateralDistribution.Value
  /// d ln S_fit / dl [1/m].
  private let perUpstream: Double
  private let front: FrontValue
  /// S_fit [VEM/m2].
  let signal: Double
  /// Fitted arrival [ns]; only where it was asked for.
  let time: Double

  @inline(__always)
  init(
    _ position: Position, _ point: ModelPoint, _ lateralDistribution: LateralDistribution,
    _ front: ShowerFront, tuned: TunedFront? = nil, logSignal: () -> Double = { 0 },
    attenuation: Double = 0, softening: Double, needsTime: Bool = true
  ) {
    d = position - SIMD3(point.core.x, point.core.y, 0)
    l = (d * point.n).sum()
    r = max((d * d).sum() - l * l + softening * softening, softening * softening).squareRoot()
    lateral = lateralDistribution.value(r, point.n.z)
    perUpstream = attenuation
    signal = exp(point.logSignal800 + lateral.logarithm + attenuation * l)
    if !needsTime {
      self.front = FrontValue()
    } else if let tuned {
      let place = TunedFront.StationCoordinates(
        distance: r, logSignal: logSignal(), secant: 1 / point.n.z, upstream: l)
      self.front = FrontValue(tuned.value(at: place), cosZenith: point.n.z)
    } else {
      let value = front.value(r, lateral.logarithm)
      self.front = front.growsUpstream ? FrontValue(value, upstream: l) : FrontValue(value)
    }
    time = point.time - l / Units.speedOfLight + point.curvature * self.front.shape
  }

  /// The station as the settings of a fit describe it.
  ///
  /// - Parameters:
  ///   - position: of the station [m].
  ///   - point: the parameters.
  ///   - configuration: settings with lateral distribution and front.
  ///   - logSignal: ln of the measured density, asked for with a tuned front alone.
  ///   - needsTime: whether the arrival is computed.
  @inline(__always)
  init(
    _ position: Position, _ point: ModelPoint, _ configuration: FitConfiguration,
    logSignal: () -> Double = { 0 }, needsTime: Bool = true
  ) {
    self.init(
      position, point, configuration.lateralDistribution, configuration.front,
      tuned: configuration.tunedFront, logSignal: logSignal,
      attenuation: configuration.attenuation, softening: configuration.coreSoftening,
      needsTime: needsTime)
  }

  /// Axis distance with the softening, r_eff [m].
  var distance: Double { r }

  /// Derivatives of l, r and ln LDF by core and axis.
  @inline(__always)
  private func placeDerivatives(
    _ point: ModelPoint
  ) -> (upstream: SIMD4<Double>, distance: SIMD4<Double>, logLDF: SIMD4<Double>) {
    let axis = point.cosZenithPerPlace
    // l = d.n and d.dd, the part of |d|^2 that moves with the core.
    let dl = SIMD4(-point.n.x, -point.n.y, d.x, d.y) + d.z * axis
    let ownPart = SIMD4(-d.x, -d.y, 0, 0)
    let dr = (ownPart - l * dl) * (1 / r)
    return (dl, dr, lateral.perDistance * dr + lateral.perCosZenith * axis)
  }

  /// Derivatives of ln S_fit.
  @inline(__always)
  func signalDerivatives(_ point: ModelPoint) -> Derivatives {
    let by = placeDerivatives(point)
    return Derivatives(place: by.logLDF + perUpstream * by.upstream, logSignal800: 1)
  }

  /// Derivatives of the fitted arrival.
  @inline(__always)
  func timeDerivatives(_ point: ModelPoint) -> Derivatives {
    let by = placeDerivatives(point)
    var delay = front.perDistance * by.distance + front.perLogLDF * by.logLDF
    if front.dependsOnAxis {
      delay += front.perCosZenith * point.cosZenithPerPlace + front.perUpstream * by.upstream
    }
    return Derivatives(
      place: point.curvature * delay - by.upstream * (1 / Units.speedOfLight), time: 1,
      curvature: front.shape)
  }
}
