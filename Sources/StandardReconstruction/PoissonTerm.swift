import Glibc

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
