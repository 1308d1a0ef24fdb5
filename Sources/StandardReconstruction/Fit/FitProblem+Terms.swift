import Glibc
internal import LeastSquaresFit
import ShowerModel

extension FitProblem {
  /// Writes the residuals at a point and their analytic derivatives.
  ///
  /// Rows: times, signals, silent stations, core constraint (x, y), curvature constraint. Residuals
  /// and derivatives share nearly all of their work, so both are always computed.
  /// - Parameters:
  ///   - parameters: the point.
  ///   - residuals: (data - model) / sigma, `residualCount` values.
  ///   - jacobian: derivatives by the free parameters in internal units, a row for each residual.
  func evaluate(
    at parameters: FitParameters, residuals: UnsafeMutableBufferPointer<Double>,
    jacobian: MatrixRows
  ) {
    let point = ModelPoint(parameters)
    let rows = TermRows(residuals: residuals, jacobian: jacobian, free: free)
    var timeRow = 0
    var signalRow = timeCount
    var silentRow = timeCount + signalCount
    // One by one: a copy of the whole configuration would be retained at every station.
    let lateralDistribution = model.configuration.lateralDistribution
    let (front, tuned) = (model.configuration.front, model.configuration.tunedFront)
    let softening = model.configuration.coreSoftening
    let attenuation = model.configuration.attenuation
    let area = model.configuration.detector.stationArea
    let silentWeight = 0.5 * area
    for i in stations.indices {
      let station = stations[i]
      let hasTime = hasTime(station)
      let model = StationModel(
        station.position, point, lateralDistribution, front, tuned: tuned,
        logSignal: { station.logSignal }, attenuation: attenuation, softening: softening,
        needsTime: hasTime)
      let derivatives = model.signalDerivatives(point)
      if hasTime {
        let weight = 1 / errors[i].time
        rows.set(
          timeRow, (station.time - model.time) * weight, model.timeDerivatives(point),
          factor: -weight)
        timeRow += 1
      }
      if hasSignal(station) {
        let term = signalTerm(errors[i], station.signal, model.signal, area: area)
        rows.set(signalRow, term.residual, derivatives, factor: term.perLogSignal)
        signalRow += 1
      } else if isSilent(station) {
        let residual = -(silentWeight * model.signal).squareRoot()
        rows.set(silentRow, residual, derivatives, factor: 0.5 * residual)
        silentRow += 1
      }
    }
    setConstraints(point, rows, from: silentRow)
  }

  private func setConstraints(_ point: ModelPoint, _ rows: TermRows, from first: Int) {
    var row = first
    if let coreConstraint {
      let width = coreConstraint.sigma
      let shift = (point.core - coreConstraint.centre) / width
      rows.set(row, -shift.x, Derivatives(place: SIMD4(1, 0, 0, 0)), factor: -1 / width)
      rows.set(row + 1, -shift.y, Derivatives(place: SIMD4(0, 1, 0, 0)), factor: -1 / width)
      row += 2
    }
    if let curvatureConstraint {
      rows.set(
        row, (1 - point.curvature) / curvatureConstraint,
        Derivatives(place: .zero, curvature: 1), factor: -1 / curvatureConstraint)
    }
  }

  /// Signal residual and its derivative by ln S_fit; signals in VEM/m2, the area in m2.
  @inline(__always)
  private func signalTerm(
    _ errors: StationErrors, _ measured: Double, _ expected: Double, area: Double
  ) -> (residual: Double, perLogSignal: Double) {
    guard errors.isPoisson else {
      return ((measured - expected) / errors.signal, -expected / errors.signal)
    }
    return PoissonTerm.residual(measured: area * measured, expected: area * expected)
  }
}

/// The signal term of few particles, sign(n-m) sqrt(0.4 D), D = 2 [n ln(n/m) - (n-m)].
enum PoissonTerm {
  /// Residual and its derivative by ln m, for n measured and m expected particles.
  ///
  /// The factor 0.4 joins it to the Gaussian term at n = 12, where Var n is about 2.3 n.
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

/// Residuals and Jacobian being written.
private struct TermRows {
  let residuals: UnsafeMutableBufferPointer<Double>
  let jacobian: MatrixRows
  let free: FreeParameters
  /// Whether the free parameters are the first ones in order, which the usual fits have.
  let isLeading: Bool
  let hasCurvature: Bool

  init(
    residuals: UnsafeMutableBufferPointer<Double>, jacobian: MatrixRows, free: FreeParameters
  ) {
    self.residuals = residuals
    self.jacobian = jacobian
    self.free = free
    isLeading = free == .all || free == .fixedCurvature
    hasCurvature = free.contains(.curvature)
  }

  /// Writes a residual and its derivatives, `factor` times those given.
  @inline(__always)
  func set(_ row: Int, _ residual: Double, _ derivatives: Derivatives, factor: Double) {
    residuals[row] = residual
    // From native to internal units.
    let place = factor * derivatives.place * SIMD4(100, 100, 1, 1)
    let logSignal800 = factor * derivatives.logSignal800
    let time = factor * derivatives.time * 100
    let curvature = factor * derivatives.curvature
    if isLeading {
      jacobian[row, .coreX] = place[0]
      jacobian[row, .coreY] = place[1]
      jacobian[row, .axisX] = place[2]
      jacobian[row, .axisY] = place[3]
      jacobian[row, .logSignal800] = logSignal800
      jacobian[row, .time] = time
      if hasCurvature { jacobian[row, .curvature] = curvature }
    } else {
      for column in 0..<free.count {
        jacobian[row, column] =
          switch free[column] {
          case .coreX: place[0]
          case .coreY: place[1]
          case .axisX: place[2]
          case .axisY: place[3]
          case .logSignal800: logSignal800
          case .time: time
          case .curvature: curvature
          }
      }
    }
  }
}

extension MatrixRows {
  /// The derivative by a parameter, where all parameters before it are free too.
  fileprivate subscript(row: Int, parameter: FitParameter) -> Double {
    @inline(__always) get { self[row, parameter.rawValue] }
    @inline(__always) nonmutating set { self[row, parameter.rawValue] = newValue }
  }
}
