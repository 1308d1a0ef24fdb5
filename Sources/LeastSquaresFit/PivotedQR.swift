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
  /// R^-1, `[p, p]` by rows, upper triangle.
  private let inverse: UnsafeMutableBufferPointer<Double>

  init(rows n: Int, columns p: Int) {
    self.n = n
    self.p = p
    jacobian = gsl_matrix_alloc(n, p)
    tau = gsl_vector_alloc(min(n, p))
    norm = gsl_vector_alloc(p)
    permutation = gsl_permutation_alloc(p)
    inverse = .allocate(capacity: p * p)
    inverse.initialize(repeating: 0)
  }

  deinit {
    gsl_matrix_free(jacobian)
    gsl_vector_free(tau)
    gsl_vector_free(norm)
    gsl_permutation_free(permutation)
    inverse.deallocate()
  }

  func covariance(
    of function: any ResidualFunction, at parameters: UnsafeBufferPointer<Double>,
    into covariance: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard let jacobian, let permutation else { return false }
    let data = UnsafeMutableBufferPointer(start: jacobian.pointee.data, count: n * p)
    function.jacobian(at: parameters, into: data)
    for value in data where !value.isFinite { return false }
    var sign: Int32 = 0
    guard gsl_linalg_QRPT_decomp(jacobian, tau, permutation, &sign, norm) == 0 else { return false }
    // A column of J that depends on the others to 1e-10 shows as a diagonal element next to zero.
    let largest = abs(data[0])
    for k in 0..<p where !(abs(data[k * p + k]) > 1e-10 * largest) { return false }
    invertTriangle(data)
    let order = permutation.pointee.data
    for a in 0..<p {
      for b in 0...a {
        var sum = 0.0
        for k in a..<p { sum += inverse[a * p + k] * inverse[b * p + k] }
        guard sum.isFinite, let order else { return false }
        covariance[order[a] * p + order[b]] = sum
        covariance[order[b] * p + order[a]] = sum
      }
    }
    return true
  }

  private func invertTriangle(_ r: UnsafeMutableBufferPointer<Double>) {
    for j in 0..<p {
      inverse[j * p + j] = 1 / r[j * p + j]
      for i in (0..<j).reversed() {
        var sum = 0.0
        for k in i + 1...j { sum += r[i * p + k] * inverse[k * p + j] }
        inverse[i * p + j] = -sum / r[i * p + i]
      }
    }
  }
}
