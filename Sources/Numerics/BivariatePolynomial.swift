/// The terms of polynomials in two variables x and y.
package enum BivariatePolynomial {
  /// Terms up to total degree 2.
  package static let quadraticCount = 6
  /// Terms up to total degree 3.
  package static let cubicCount = 10

  /// The terms up to total degree 3: 1, x, y, x2, xy, y2, x3, x2y, xy2, y3, then zeros.
  ///
  /// The first `quadraticCount` terms are those up to total degree 2.
  package static func terms(_ x: Double, _ y: Double) -> SIMD16<Double> {
    SIMD16(
      1, x, y, x * x, x * y, y * y, x * x * x, x * x * y, x * y * y, y * y * y, 0, 0, 0, 0, 0, 0)
  }

  /// Maps a range to -1...1, for a variable of a polynomial.
  ///
  /// A value outside the range is held at its border.
  package static func scaled(_ value: Double, from lower: Double, to upper: Double) -> Double {
    let held = max(lower, min(upper, value))
    return 2 * (held - lower) / (upper - lower) - 1
  }
}
