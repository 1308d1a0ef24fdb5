internal import CGSL

/// The covariance (J^T J)^-1 = P R^-1 R^-T P^T of one shape of problem, from J P = Q R.
///
/// `gsl_multifit_nlinear_covar` does the same, but allocates its work space on every call.
final class PivotedQR {
  private let n: Int
  private let p: Int
  private let jacobian: UnsafeMutablePointer<gsl_matrix>?
  private let tau: UnsafeMutablePointer<gsl_vector>?
  private let norm: UnsafeMutablePointer<gsl_vector>?
  private let permutation: UnsafeMutablePointer<gsl_permutation>?

  init(rows n: Int, columns p: Int) {
    self.n = n
    self.p = p
    jacobian = gsl_matrix_alloc(n, p)
    tau = gsl_vector_alloc(min(n, p))
    norm = gsl_vector_alloc(p)
    permutation = gsl_permutation_alloc(p)
  }

  deinit {
    gsl_matrix_free(jacobian)
    gsl_vector_free(tau)
    gsl_vector_free(norm)
    gsl_permutation_free(permutation)
  }

  func covariance(
    of function: any ResidualFunction, at parameters: UnsafeBufferPointer<Double>,
    into covariance: MatrixRows
  ) -> Bool {
    guard let jacobian, let permutation else { return false }
    let data = UnsafeMutableBufferPointer(start: jacobian.pointee.data, count: n * p)
    let r = MatrixRows(data, columns: p)
    function.jacobian(at: parameters, into: r)
    for value in data where !value.isFinite { return false }
    var sign: Int32 = 0
    guard gsl_linalg_QRPT_decomp(jacobian, tau, permutation, &sign, norm) == 0 else { return false }
    // A column of J that depends on the others to 1e-10 shows as a diagonal element next to zero.
    let largest = abs(r[0, 0])
    for k in 0..<p where !(abs(r[k, k]) > 1e-10 * largest) { return false }
    r.invertUpperTriangle(order: p)
    let order = permutation.pointee.data
    for a in 0..<p {
      for b in 0...a {
        var sum = 0.0
        for k in a..<p { sum += r[a, k] * r[b, k] }
        guard sum.isFinite, let order else { return false }
        covariance[order[a], order[b]] = sum
        covariance[order[b], order[a]] = sum
      }
    }
    return true
  }
}
