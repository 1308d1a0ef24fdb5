internal import Glibc
package import Numerics
package import ShowerModel

/// The polynomial baseline: the mean residual as a function of the standard result.
///
/// Its gain is what calibration alone gives, and EV_net is what a method explains beyond it. It has
/// total degree 3 in sec theta and log10 S800 of the standard fit, ten terms for each residual, and
/// is fitted by least squares. Residuals across the axis have the mean zero by symmetry, and are
/// not corrected.
package struct CalibrationPolynomial: Sendable, Equatable {
  package static let termCount = BivariatePolynomial.cubicCount
  /// [residual][term]
  let coefficients: [[Double]]
  /// Events it was fitted to.
  package let eventCount: Int

  /// Terms up to total degree 3 in x = 4 (sec theta - 1.25) and s = (log10 S800 - 1.5) / 1.5.
  ///
  /// Both variables are about -1...1.
  static func terms(secant: Double, logSignal: Double) -> [Double] {
    let terms = BivariatePolynomial.terms(4 * (secant - 1.25), (logSignal - 1.5) / 1.5)
    return (0..<termCount).map { terms[$0] }
  }

  /// The residuals expected of a standard result, in the order of `Residual.all`.
  package func residuals(secant: Double, logSignal: Double) -> [Double] {
    let terms = Self.terms(secant: secant, logSignal: logSignal)
    return coefficients.map { zip($0, terms).reduce(0) { $0 + $1.0 * $1.1 } }
  }
}

/// Sums over events from which the polynomials follow. Memory does not grow with the events.
///
/// Nuclei and photons are fitted separately, although data would not separate them. The control is
/// then the strictest one for either group.
package struct CalibrationFit: Sendable {
  private var normal: [PrimaryGroup: NormalEquations] = [:]

  package init() {}

  /// Events in the sums.
  package var eventCount: Int { normal.values.reduce(0) { $0 + $1.count } }

  /// Adds an event whose standard result is good and passes the cuts.
  package mutating func append(truth: Truth, standard: StandardResult, cuts: QualityCuts) {
    guard cuts.verdict(standard) == .passed, standard.signal800 > 0 else { return }
    append(
      truth.shower, standard.shower, logSignal: log10(standard.signal800),
      PrimaryGroup(truth.primary))
  }

  /// Adds the events of another fit.
  package mutating func append(_ other: CalibrationFit) {
    for (group, equations) in other.normal {
      normal[group, default: NormalEquations()].append(equations)
    }
  }

  package mutating func append(
    _ truth: Shower, _ standard: Shower, logSignal: Double, _ group: PrimaryGroup
  ) {
    normal[group, default: NormalEquations()].append(
      CalibrationPolynomial.terms(secant: 1 / cos(standard.zenith), logSignal: logSignal),
      Residual.all.map { $0.value(truth, standard) })
  }

  /// The polynomial of a group; nil without events of it.
  ///
  /// - Throws: `LinearAlgebraError` for sums that are not finite.
  package func polynomial(_ group: PrimaryGroup) throws(LinearAlgebraError)
    -> CalibrationPolynomial?
  {
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

  mutating func append(_ other: NormalEquations) {
    count += other.count
    for index in matrix.indices { matrix[index] += other.matrix[index] }
    for (number, side) in other.rightHandSides.enumerated() {
      for (row, value) in side.enumerated() { rightHandSides[number][row] += value }
    }
  }

  func solutions() throws(LinearAlgebraError) -> [[Double]] {
    var solutions: [[Double]] = []
    for (residual, side) in zip(Residual.all, rightHandSides) {
      if residual.isOdd {
        solutions.append([Double](repeating: 0, count: CalibrationPolynomial.termCount))
        continue
      }
      solutions.append(
        try LinearLeastSquares(
          matrix: matrix, rows: CalibrationPolynomial.termCount,
          columns: CalibrationPolynomial.termCount, rightHandSide: side, conditionLimit: 1e-13
        ).coefficients)
    }
    return solutions
  }
}
