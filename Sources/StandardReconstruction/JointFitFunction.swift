import Glibc
internal import LeastSquaresFit
import ShowerModel

/// Internal parameters of the joint fit, and their scale.
///
/// q = (x_c/100 m, y_c/100 m, n_x, n_y, ln S800, t0/100 ns, a/1 ns): no pole at the zenith.
struct JointParameters {
  static let count = 7
  static let coreX = 0
  static let coreY = 1
  static let axisX = 2
  static let axisY = 3
  static let logSignal800 = 4
  static let time = 5
  static let curvature = 6
  /// Native units of one unit of each q.
  static let scale: [Double] = [100, 100, 1, 1, 1, 100, 1]

  var q: [Double]

  init(core: SIMD2<Double>, axis: SIMD2<Double>, signal800: Double, time: Double, curvature: Double)
  {
    q = [
      core.x / 100, core.y / 100, axis.x, axis.y, log(signal800), time / 100, curvature,
    ]
  }

  var core: SIMD2<Double> { SIMD2(q[0], q[1]) * 100 }
  var signal800: Double { exp(q[4]) }
  var time: Double { q[5] * 100 }
  var curvature: Double { q[6] }
  /// (n_x, n_y), held below 85 degrees.
  var axis: SIMD2<Double> { JointParameters.limited(SIMD2(q[2], q[3])) }
  var isZenithLimited: Bool { axis != SIMD2(q[2], q[3]) }
  var direction: Direction {
    let n = axis
    return Direction(along: SIMD3(n.x, n.y, (1 - (n * n).sum()).squareRoot()))
  }
  var showerAxis: ShowerAxis {
    ShowerAxis(core: Position(core.x, core.y, 0), direction: direction)
  }

  static func limited(_ n: SIMD2<Double>) -> SIMD2<Double> {
    let limit = 0.9961946980917455  // sin 85 degrees
    let length = (n * n).sum().squareRoot()
    return length > limit ? n * (limit / length) : n
  }
}

/// Errors and branches of every station, fixed during one pass.
///
/// A switch inside a pass would make chi2 discontinuous.
struct FrozenErrors: Equatable {
  /// sigma_t [ns].
  var time: [Double]
  /// sigma_S [VEM/m2].
  var signal: [Double]
  /// Expected signal at or below 4 VEM/m2: Poisson term.
  var isPoisson: [Bool]
}

/// The residual vector of section 8.2 with its analytic Jacobian.
///
/// Rows: times, then signals, then silent stations, then the two of the core's tie, where there is one.
final class JointFitFunction: ResidualFunction {
  let stations: [FitStation]
  let lateralDistribution: LateralDistribution
  let front: ShowerFront
  let softening: Double
  var errors: FrozenErrors
  /// Indices of the fitted parameters.
  let free: [Int]
  /// Values of all seven; the free ones are overwritten.
  let base: [Double]
  /// Tie of the core: centre and width [m].
  let tie: (centre: SIMD2<Double>, width: Double)?
  /// Fit times, signals, or both.
  let usesTimes: Bool
  let usesSignals: Bool

  let timeCount: Int
  let signalCount: Int
  let silentCount: Int

  init(
    stations: [FitStation], configuration: FitConfiguration, errors: FrozenErrors, free: [Int],
    base: JointParameters, tie: (centre: SIMD2<Double>, width: Double)? = nil,
    usesTimes: Bool = true, usesSignals: Bool = true
  ) {
    self.stations = stations
    lateralDistribution = configuration.lateralDistribution
    front = configuration.front
    softening = configuration.coreSoftening
    self.errors = errors
    self.free = free
    self.base = base.q
    self.tie = tie
    self.usesTimes = usesTimes
    self.usesSignals = usesSignals
    timeCount = usesTimes ? stations.count { $0.hasTime } : 0
    signalCount = usesSignals ? stations.count { $0.hasSignal } : 0
    silentCount = usesSignals ? stations.count { $0.isSilent } : 0
  }

  var parameterCount: Int { free.count }
  var residualCount: Int { timeCount + signalCount + silentCount + (tie == nil ? 0 : 2) }

  func residuals(
    at parameters: UnsafeBufferPointer<Double>, into residuals: UnsafeMutableBufferPointer<Double>
  ) {
    evaluate(parameters, residuals: residuals, jacobian: nil)
  }

  func jacobian(
    at parameters: UnsafeBufferPointer<Double>, into jacobian: UnsafeMutableBufferPointer<Double>
  ) {
    evaluate(parameters, residuals: nil, jacobian: jacobian)
  }

  /// All seven parameters, from the free ones.
  func all(_ parameters: some Collection<Double>) -> JointParameters {
    var result = JointParameters(core: .zero, axis: .zero, signal800: 1, time: 0, curvature: 0)
    result.q = base
    for (index, value) in zip(free, parameters) { result.q[index] = value }
    return result
  }

  private func evaluate(
    _ parameters: UnsafeBufferPointer<Double>, residuals: UnsafeMutableBufferPointer<Double>?,
    jacobian: UnsafeMutableBufferPointer<Double>?
  ) {
    let point = ModelPoint(all(parameters))
    var timeRow = 0
    var signalRow = timeCount
    var silentRow = timeCount + signalCount
    for (i, station) in stations.enumerated() {
      let model = StationModel(
        station.position, point, lateralDistribution, front, softening: softening,
        needsTime: usesTimes && station.hasTime)
      if usesTimes && station.hasTime {
        residuals?[timeRow] = (station.time - model.time) / errors.time[i]
        if let jacobian {
          store(model.timeDerivatives(point), factor: -1 / errors.time[i], jacobian, row: timeRow)
        }
        timeRow += 1
      }
      if usesSignals && station.hasSignal {
        let term = signalTerm(i, model.signal)
        residuals?[signalRow] = term.residual
        if let jacobian {
          store(
            model.logSignalDerivatives(point), factor: term.perLogSignal, jacobian, row: signalRow)
        }
        signalRow += 1
      } else if usesSignals && station.isSilent {
        let residual = -(1.5 * model.signal).squareRoot()
        residuals?[silentRow] = residual
        if let jacobian {
          store(model.logSignalDerivatives(point), factor: 0.5 * residual, jacobian, row: silentRow)
        }
        silentRow += 1
      }
    }
    if let tie { addTie(tie, point, silentRow, residuals, jacobian) }
  }

  /// Signal residual and its derivative by ln S_fit.
  private func signalTerm(
    _ i: Int, _ expected: Double
  ) -> (residual: Double, perLogSignal: Double) {
    guard errors.isPoisson[i] else {
      return (
        (stations[i].signal - expected) / errors.signal[i], -expected / errors.signal[i]
      )
    }
    return PoissonTerm.residual(measured: 3 * stations[i].signal, expected: 3 * expected)
  }

  private func addTie(
    _ tie: (centre: SIMD2<Double>, width: Double), _ point: ModelPoint, _ row: Int,
    _ residuals: UnsafeMutableBufferPointer<Double>?,
    _ jacobian: UnsafeMutableBufferPointer<Double>?
  ) {
    let shift = (point.core - tie.centre) / tie.width
    residuals?[row] = -shift.x
    residuals?[row + 1] = -shift.y
    guard let jacobian else { return }
    var x = Derivatives()
    x[JointParameters.coreX] = 1
    var y = Derivatives()
    y[JointParameters.coreY] = 1
    store(x, factor: -1 / tie.width, jacobian, row: row)
    store(y, factor: -1 / tie.width, jacobian, row: row + 1)
  }

  private func store(
    _ derivatives: Derivatives, factor: Double, _ jacobian: UnsafeMutableBufferPointer<Double>,
    row: Int
  ) {
    for (column, parameter) in free.enumerated() {
      jacobian[row * free.count + column] =
        factor * derivatives[parameter] * JointParameters.scale[parameter]
    }
  }
}

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

/// The signal term of few particles, sign(n-m) sqrt(0.4 D), D = 2 [n ln(n/m) - (n-m)].
enum PoissonTerm {
  /// Residual and its derivative by ln m, for n measured and m expected particles.
  ///
  /// The factor 0.4 joins it to the Gaussian term at 4 VEM/m2, where Var n is about 2.3 n.
  static func residual(
    measured n: Double, expected: Double
  ) -> (residual: Double, perLogSignal: Double) {
    let m = max(expected, 1e-12)
    guard n > 0 else { return (-(0.8 * m).squareRoot(), -0.5 * (0.8 * m).squareRoot()) }
    let e = (m - n) / n
    let deviance = abs(e) < 1e-4 ? n * e * e * (1 - 2 * e / 3) : 2 * n * (e - log1p(e))
    let root = (0.4 * deviance).squareRoot()
    let sign = n > m ? 1.0 : -1.0
    let perExpected = root > 0 ? sign * 0.4 * (1 - n / m) / root : -(0.4 / n).squareRoot()
    return (sign * root, perExpected * m)
  }
}
