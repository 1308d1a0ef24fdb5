internal import LeastSquaresFit

/// Covariances from second derivatives, with those of the residuals, which (J^T J)^-1 leaves out.
enum SecondDerivatives {
  /// Inverse of the matrix of derivatives of half a gradient.
  ///
  /// - Parameters:
  ///   - count: number of parameters, the first of the point.
  ///   - point: where.
  ///   - steps: of the central differences.
  ///   - halfGradient: half the derivatives of chi2 at a point.
  /// - Returns: by rows of `count`; nil where the matrix is not positive definite.
  static func inverse(
    of count: Int, at point: SIMD8<Double>, steps: SIMD8<Double>,
    _ halfGradient: (SIMD8<Double>) -> SIMD8<Double>
  ) -> [Double]? {
    var hessian = [Double](repeating: 0, count: count * count)
    for a in 0..<count {
      var (before, after) = (point, point)
      before[a] -= steps[a]
      after[a] += steps[a]
      let row = (halfGradient(after) - halfGradient(before)) / (2 * steps[a])
      for b in 0..<count {
        hessian[a * count + b] += 0.5 * row[b]
        hessian[b * count + a] += 0.5 * row[b]
      }
    }
    return inverse(hessian, order: count)
  }

  /// Inverse of a positive definite matrix by rows, from its Cholesky factor; nil for another
  /// matrix.
  static func inverse(_ matrix: [Double], order n: Int) -> [Double]? {
    var factor = [Double](repeating: 0, count: n * n)
    return factor.withUnsafeMutableBufferPointer { memory -> [Double]? in
      let r = MatrixRows(memory, columns: n)
      for j in 0..<n {
        var diagonal = matrix[j * n + j]
        for k in 0..<j { diagonal -= r[k, j] * r[k, j] }
        guard diagonal > 1e-12 * matrix[j * n + j], diagonal.isFinite else { return nil }
        r[j, j] = diagonal.squareRoot()
        for i in (j + 1)..<max(n, j + 1) {
          var sum = matrix[j * n + i]
          for k in 0..<j { sum -= r[k, j] * r[k, i] }
          r[j, i] = sum / r[j, j]
        }
      }
      r.invertUpperTriangle(order: n)
      var result = [Double](repeating: 0, count: n * n)
      for a in 0..<n {
        for b in 0..<n {
          for k in max(a, b)..<n { result[a * n + b] += r[a, k] * r[b, k] }
        }
      }
      return result
    }
  }
}
