internal import Glibc
internal import LinearAlgebra
public import ShowerModel

/// What calibration alone gains: the mean residual as a polynomial of the standard result.
///
/// Total degree 3 in sec theta and log10 S800 of the standard fit, ten terms for each residual, by least squares.
public struct CalibrationPolynomial: Sendable, Equatable {
  static let termCount = 10
  /// [residual][term]
  let coefficients: [[Double]]
  /// Events it was fitted to.
  public let eventCount: Int

  /// 1, x, s, x2, xs, s2, x3, x2s, xs2, s3 of x = 4 (sec theta - 1.25) and s = (log10 S800 - 1.5) / 1.5, which are about
  /// -1...1.
  static func terms(secant: Double, logSignal: Double) -> [Double] {
    let (x, s) = (4 * (secant - 1.25), (logSignal - 1.5) / 1.5)
    return [1, x, s, x * x, x * s, s * s, x * x * x, x * x * s, x * s * s, s * s * s]
  }

  /// The residuals expected of a standard result, in the order of `Residual.all`.
  func residuals(secant: Double, logSignal: Double) -> [Double] {
    let terms = Self.terms(secant: secant, logSignal: logSignal)
    return coefficients.map { zip($0, terms).reduce(0) { $0 + $1.0 * $1.1 } }
  }
}

/// Sums over events from which polynomials follow; memory does not grow with the events.
///
/// Nuclei and photons are fitted apart, although data would not tell them apart: the control is then the
/// strictest one for either group.
public struct CalibrationFit: Sendable {
  private var normal: [EventSubset.Group: NormalEquations] = [:]

  public init() {}

  /// Events learned from.
  public var eventCount: Int { normal.values.reduce(0) { $0 + $1.count } }

  /// Learns from an event, where its result is good and passes the cuts.
  public mutating func append(truth: Truth, standard: StandardResult, cuts: QualityCuts) {
    guard cuts.verdict(standard) == .passed, standard.signal800 > 0 else { return }
    append(
      truth.shower, standard.shower, logSignal: log10(standard.signal800),
      EventSubset.Group(truth.primary))
  }

  mutating func append(
    _ truth: Shower, _ standard: Shower, logSignal: Double, _ group: EventSubset.Group
  ) {
    normal[group, default: NormalEquations()].append(
      CalibrationPolynomial.terms(secant: 1 / cos(standard.zenith), logSignal: logSignal),
      Residual.all.map { $0.value(truth, standard) })
  }

  /// The polynomial of a group; nil without events of it.
  ///
  /// - Throws: `LinearAlgebraError` for sums that are not finite.
  func polynomial(_ group: EventSubset.Group) throws(LinearAlgebraError) -> CalibrationPolynomial? {
    guard let equations = normal[group] else { return nil }
    return CalibrationPolynomial(
      coefficients: try equations.solutions(), eventCount: equations.count)
  }
}

/// A^T A and A^T y, whose terms are of order 1, so that nothing is lost in squaring the matrix.
private struct NormalEquations: Sendable {
  private(set) var count = 0
  private var matrix = [Double](
    repeating: 0, count: CalibrationPolynomial.termCount * CalibrationPolynomial.termCount)
  private var rightHandSides = [[Double]](
    repeating: [Double](repeating: 0, count: CalibrationPolynomial.termCount),
    count: Residual.all.count)

  mutating func append(_ terms: [Double], _ residuals: [Double]) {
    guard (terms + residuals).allSatisfy(\.isFinite) else { return }
    count += 1
    let size = terms.count
    for row in 0..<size {
      for column in 0..<size { matrix[row * size + column] += terms[row] * terms[column] }
      for (number, y) in residuals.enumerated() { rightHandSides[number][row] += terms[row] * y }
    }
  }

  func solutions() throws(LinearAlgebraError) -> [[Double]] {
    var solutions: [[Double]] = []
    for side in rightHandSides {
      solutions.append(
        try LinearLeastSquares(
          matrix: matrix, rows: CalibrationPolynomial.termCount,
          columns: CalibrationPolynomial.termCount, rightHandSide: side, conditionLimit: 1e-13
        ).coefficients)
    }
    return solutions
  }
}
