import Glibc
internal import Numerics

/// What is regular about a residual: its mean and its size as functions of the standard result.
///
/// x is sec theta and s is ln S800 of the standard fit. The network learns `z = (y - mean(x, s)) /
/// size(x, s)` of a residual y, clipped at 4. Without the size, low energies would dominate the
/// mean square error. Without the mean, the network would spend weights on a bias that ten
/// coefficients describe.
public struct TargetScaling: Sendable, Equatable, Codable {
  /// Standardised targets beyond this are cut.
  static let limit = 4.0

  /// Lower limits of sec theta and ln S800: the quantile 0.001 of the training split. `upper` is
  /// the quantile 0.999. Outside the limits the polynomials have their value at the border.
  public var lower: [Double]
  public var upper: [Double]
  /// Polynomial of total degree 3 in both variables scaled to -1...1: ten coefficients.
  public var mean: [Double]
  /// ln size: polynomial of total degree 2, six coefficients.
  public var logSize: [Double]

  /// Mean and size at a standard result.
  func values(secZenith: Double, logSignal800: Double) -> (mean: Double, size: Double) {
    let terms = self.terms(secZenith, logSignal800)
    var (sum, logarithm) = (0.0, 0.0)
    for (index, coefficient) in mean.enumerated() where coefficient != 0 {
      sum += coefficient * terms[index]
    }
    for (index, coefficient) in logSize.enumerated() { logarithm += coefficient * terms[index] }
    return (sum, exp(logarithm))
  }

  /// Fits mean and size to the residuals of the training split.
  ///
  /// - Parameters:
  ///   - variables: sec theta and ln S800, event after event.
  ///   - residuals: in native units.
  ///   - isOdd: the mean is zero by symmetry.
  /// - Throws: `LinearAlgebraError.notFinite` for values that are not finite.
  init(variables: [Double], residuals: [Double], isOdd: Bool) throws(LinearAlgebraError) {
    lower = [0, 0]
    upper = [1, 1]
    for axis in 0..<2 {
      let sorted = stride(from: axis, to: variables.count, by: 2).map { variables[$0] }.sorted()
      let margin = sorted.count / 1000
      lower[axis] = sorted[margin]
      upper[axis] = max(sorted[sorted.count - 1 - margin], sorted[margin] + 1e-6)
    }
    mean = [Double](repeating: 0, count: 10)
    logSize = [Double](repeating: 0, count: 6)

    let count = residuals.count
    var terms = [Double]()
    terms.reserveCapacity(10 * count)
    for row in 0..<count {
      let ten = self.terms(variables[2 * row], variables[2 * row + 1])
      for index in 0..<10 { terms.append(ten[index]) }
    }
    // First with equal weights; then, the size known, with weights and outliers pulled in.
    let overall = (residuals.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
    var size = [Double](repeating: max(overall, 1e-12), count: count)
    for _ in 0..<3 {
      if !isOdd {
        mean = try Self.weightedFit(terms, residuals, size, current: mean)
      }
      var deviations = [Double](repeating: 0, count: count)
      for row in 0..<count {
        deviations[row] = residuals[row] - Self.sum(mean, terms, row)
      }
      logSize = try Self.logarithmicFit(terms, deviations, floor: 1e-6 * max(overall, 1e-12))
      // The mean logarithm of a Gaussian's modulus is not ln sigma: set the scale by the rms.
      var squares = 0.0
      for row in 0..<count {
        size[row] = exp(Self.sum(logSize, terms, row))
        let z = max(-Self.limit, min(Self.limit, deviations[row] / (1.887 * size[row])))
        squares += z * z
      }
      let rms = (squares / Double(count)).squareRoot()
      let correction = 1.887 * max(rms, 1e-3)
      logSize[0] += log(correction)
      for row in 0..<count { size[row] *= correction }
    }
  }

  private static func sum(_ coefficients: [Double], _ terms: [Double], _ row: Int) -> Double {
    var sum = 0.0
    for (index, coefficient) in coefficients.enumerated() {
      sum += coefficient * terms[10 * row + index]
    }
    return sum
  }

  private static func weightedFit(
    _ terms: [Double], _ residuals: [Double], _ size: [Double], current: [Double]
  ) throws(LinearAlgebraError) -> [Double] {
    var matrix = terms
    var rightHandSide = residuals
    for row in 0..<residuals.count {
      let centre = sum(current, terms, row)
      let reach = 4 * size[row]
      let held = max(centre - reach, min(centre + reach, residuals[row]))
      rightHandSide[row] = held / size[row]
      for index in 0..<10 { matrix[10 * row + index] /= size[row] }
    }
    return try LinearLeastSquares(
      matrix: matrix, rows: residuals.count, columns: 10, rightHandSide: rightHandSide,
      conditionLimit: 1e-8
    ).coefficients
  }

  /// ln of the modulus of deviations as a polynomial of total degree 2; `terms` has ten values a
  /// row.
  static func logarithmicFit(
    _ terms: [Double], _ deviations: [Double], floor: Double
  ) throws(LinearAlgebraError) -> [Double] {
    var matrix = [Double]()
    matrix.reserveCapacity(6 * deviations.count)
    for row in 0..<deviations.count { matrix += terms[10 * row..<10 * row + 6] }
    return try LinearLeastSquares(
      matrix: matrix, rows: deviations.count, columns: 6,
      rightHandSide: deviations.map { log(max(abs($0), floor)) }, conditionLimit: 1e-8
    ).coefficients
  }

  /// Terms up to total degree 3 in the scaled variables.
  func terms(_ secZenith: Double, _ logSignal800: Double) -> SIMD16<Double> {
    BivariatePolynomial.terms(
      BivariatePolynomial.scaled(secZenith, from: lower[0], to: upper[0]),
      BivariatePolynomial.scaled(logSignal800, from: lower[1], to: upper[1]))
  }
}
