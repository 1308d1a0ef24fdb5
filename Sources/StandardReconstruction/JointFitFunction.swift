internal import LeastSquaresFit
import ShowerModel

/// Data minus model of every term of the joint fit, with the analytic Jacobian.
///
/// Rows: times, then signals, then silent stations, then the two of the core's tie, where there is one.
final class JointFitFunction: ResidualFunction {
  let stations: [FitStation]
  let lateralDistribution: LateralDistribution
  let front: ShowerFront
  let softening: Double
  let errors: FrozenErrors
  /// Indices of the fitted parameters.
  let free: [Int]
  /// Values of all seven; the free ones are overwritten.
  let base: [Double]
  /// Tie of the core: centre and width [m].
  let tie: (centre: SIMD2<Double>, width: Double)?
  /// Whether times are fitted, or signals alone.
  let usesTimes: Bool

  let timeCount: Int
  let signalCount: Int
  let silentCount: Int

  init(
    stations: [FitStation], configuration: FitConfiguration, errors: FrozenErrors, free: [Int],
    base: JointParameters, tie: (centre: SIMD2<Double>, width: Double)? = nil,
    usesTimes: Bool = true
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
    timeCount = usesTimes ? stations.count { $0.hasTime } : 0
    signalCount = stations.count { $0.hasSignal }
    silentCount = stations.count { $0.isSilent }
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
      if station.hasSignal {
        let term = signalTerm(i, model.signal)
        residuals?[signalRow] = term.residual
        if let jacobian {
          store(
            model.logSignalDerivatives(point), factor: term.perLogSignal, jacobian, row: signalRow)
        }
        signalRow += 1
      } else if station.isSilent {
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
