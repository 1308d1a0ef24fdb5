import Glibc
internal import LeastSquaresFit
import ShowerModel

/// Where a timing fit ended.
struct TimingMinimum {
  var parameters: TimingParameters
  /// Of the times and of the constraint of the core.
  var chi2: Double
  var isConverged: Bool
}

/// One timing fit of the published chain: times, and the core held near a place to 180 m.
final class PublishedTimingFit: ResidualFunction {
  /// Standard deviation of the core about its centre [L].
  private static let coreWidth = 0.15

  private(set) var stations: [TimingStation] = []
  private var centre = SIMD2<Double>.zero
  private var front = PublishedFront.freeCurvature
  /// A station that is left out, by its place.
  private var omitted: Int?
  private var base = TimingParameters(travel: .zero, core: .zero, time: 0)
  private let minimiser = LevenbergMarquardt()

  var parameterCount: Int { front.parameterCount }
  var residualCount: Int { stations.count - (omitted == nil ? 0 : 1) + 2 }

  /// Minimises chi2 of a front; nil for fewer than three stations.
  ///
  /// Three stations do not determine a curvature, which then stays as at the start.
  func minimise(
    _ stations: [TimingStation], _ front: PublishedFront, centre: SIMD2<Double>,
    from start: TimingParameters, omitting omitted: Int? = nil, loosely: Bool = false
  ) -> TimingMinimum? {
    self.stations = stations
    self.omitted = omitted
    self.centre = centre
    self.front = front
    base = start
    guard residualCount >= 5 else { return nil }
    let count = min(parameterCount, residualCount)
    let criteria =
      loosely
      ? ConvergenceCriteria(stepTolerance: 1e-5, gradientTolerance: 1e-5) : ConvergenceCriteria()
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { memory in
      for k in 0..<6 { memory.initializeElement(at: k, to: start.values[k]) }
      let elements = UnsafeMutableBufferPointer(rebasing: memory[..<count])
      let function = count == parameterCount ? self as any ResidualFunction : FixedCurvature(self)
      guard let minimum = try? minimiser.minimise(function, at: elements, until: criteria) else {
        return nil
      }
      return TimingMinimum(
        parameters: point(UnsafeBufferPointer(elements)), chi2: minimum.chi2,
        isConverged: minimum.isConverged)
    }
  }

  private func point(_ elements: UnsafeBufferPointer<Double>) -> TimingParameters {
    var point = base
    for (k, element) in elements.enumerated() { point.values[k] = element }
    return point
  }

  func residuals(
    at elements: UnsafeBufferPointer<Double>, into residuals: UnsafeMutableBufferPointer<Double>
  ) {
    let parameters = point(elements)
    let shared = TimingPoint(parameters)
    var row = 0
    for (index, station) in stations.enumerated() where index != omitted {
      residuals[row] = station.residual(shared, front).value
      row += 1
    }
    let shift = (parameters.core - centre) / Self.coreWidth
    residuals[row] = shift.x
    residuals[row + 1] = shift.y
  }

  func jacobian(at elements: UnsafeBufferPointer<Double>, into jacobian: MatrixRows) {
    let shared = TimingPoint(point(elements))
    let columns = elements.count
    var row = 0
    for (index, station) in stations.enumerated() where index != omitted {
      let derivatives = station.residual(shared, front).derivatives
      for column in 0..<columns { jacobian[row, column] = derivatives[column] }
      row += 1
    }
    for k in 0..<2 {
      for column in 0..<columns {
        jacobian[row + k, column] = column == 2 + k ? 1 / Self.coreWidth : 0
      }
    }
  }

  /// Terms of the stations of the last fit at a point, with their leverages.
  func terms(at parameters: TimingParameters) -> [(term: TimingTerm, leverage: Double)] {
    let shared = TimingPoint(parameters)
    let count = min(parameterCount, residualCount)
    let terms = stations.map { $0.residual(shared, front) }
    var normal = [Double](repeating: 0, count: count * count)
    for a in 0..<count {
      for b in 0..<count {
        for term in terms { normal[a * count + b] += term.derivatives[a] * term.derivatives[b] }
      }
    }
    for k in 2...3 { normal[k * count + k] += 1 / (Self.coreWidth * Self.coreWidth) }
    let inverse = SecondDerivatives.inverse(normal, order: count)
    return terms.map { term in
      var leverage = 0.0
      for a in 0..<count {
        for b in 0..<count {
          leverage +=
            term.derivatives[a] * (inverse?[a * count + b] ?? 0) * term.derivatives[b]
        }
      }
      return (term, leverage)
    }
  }

  /// Half the gradient of chi2 by theta, phi [rad], core, time and curvature.
  private func halfGradient(_ angles: SIMD8<Double>) -> SIMD8<Double> {
    let (sine, cosine) = (sin(angles[0]), cos(angles[0]))
    var parameters = TimingParameters(travel: .zero, core: .zero, time: 0)
    parameters.values = angles
    parameters.values[0] = sine * cos(angles[1])
    parameters.values[1] = sine * sin(angles[1])
    let shared = TimingPoint(parameters)
    var sum = SIMD8<Double>.zero
    for station in stations {
      let term = station.residual(shared, front)
      sum += term.value * term.derivatives
    }
    let shift = (parameters.core - centre) / (Self.coreWidth * Self.coreWidth)
    sum[2] += shift.x
    sum[3] += shift.y
    let (x, y) = (sum[0], sum[1])
    sum[0] = cosine * (cos(angles[1]) * x + sin(angles[1]) * y)
    sum[1] = sine * (cos(angles[1]) * y - sin(angles[1]) * x)
    return sum
  }

  /// Covariance of theta, phi [rad], core [L], time [L] and curvature at the last minimum, the
  /// inverse of half the second derivatives of chi2, as MINUIT gives it.
  ///
  /// - Returns: by rows of six; nil where chi2 has no minimum there.
  func covariance(at parameters: TimingParameters) -> [Double]? {
    var angles = parameters.values
    (angles[0], angles[1]) = (parameters.zenith, parameters.azimuth)
    let count = min(parameterCount, residualCount)
    let steps = SIMD8<Double>(1e-5, 1e-5, 1e-4, 1e-4, 1e-5, 1e-3, 1, 1)
    return SecondDerivatives.inverse(of: count, at: angles, steps: steps, halfGradient)
  }
}

/// The same fit with the curvature held at its start, for three stations.
private final class FixedCurvature: ResidualFunction {
  private let fit: PublishedTimingFit

  init(_ fit: PublishedTimingFit) { self.fit = fit }

  var parameterCount: Int { fit.parameterCount - 1 }
  var residualCount: Int { fit.residualCount }

  func residuals(
    at elements: UnsafeBufferPointer<Double>, into residuals: UnsafeMutableBufferPointer<Double>
  ) {
    fit.residuals(at: elements, into: residuals)
  }

  func jacobian(at elements: UnsafeBufferPointer<Double>, into jacobian: MatrixRows) {
    fit.jacobian(at: elements, into: jacobian)
  }
}
