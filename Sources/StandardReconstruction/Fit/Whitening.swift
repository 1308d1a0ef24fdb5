internal import LeastSquaresFit

/// Coordinates in which J^T J is the identity at the start of a fit.
///
/// The parameters of a shower are strongly correlated: core with axis and time, curvature with
/// time. GSL begins with a damping of 1e-3 of the largest curvature of chi2. So it takes many steps
/// along the flat directions. With J^T J = R^T R at q0, all directions are alike in u = 1000 + R (q
/// - q0), and one unit is one standard deviation. The offset gives a meaning to the relative test
/// of the last step: 1e-8 of 1000 is 1e-5 of a standard deviation.
struct Whitening {
  /// Every coordinate at the start.
  static let offset = 1000.0

  private let origin: FitParameters
  private let free: FreeParameters
  /// R^-1, upper triangle; rows and columns are positions among the free parameters.
  private let inverse: MatrixRows

  /// Coordinates about a start.
  ///
  /// Where J has no full rank, each parameter is in units of the length of its column of J.
  /// - Parameters:
  ///   - origin: the start.
  ///   - free: the parameters that the fit moves.
  ///   - jacobian: J at the start.
  ///   - rowCount: number of rows of J.
  ///   - memory: for R^-1, a row and a column for each free parameter; must outlive the
  ///     coordinates.
  init(
    at origin: FitParameters, of free: FreeParameters, jacobian: MatrixRows, rowCount: Int,
    in memory: MatrixRows
  ) {
    self.origin = origin
    self.free = free
    var normal = SmallMatrix<Int, Int>()
    for a in 0..<free.count {
      for b in 0...a {
        var sum = 0.0
        for row in 0..<rowCount { sum += jacobian[row, a] * jacobian[row, b] }
        normal[b, a] = sum
      }
    }
    inverse = memory
    if Whitening.factorise(normal, order: free.count, into: memory) {
      memory.invertUpperTriangle(order: free.count)
    } else {
      setColumnLengths(of: normal)
    }
  }

  /// R of R^T R, of which the upper triangle is given.
  ///
  /// - Returns: false without full rank.
  private static func factorise(
    _ normal: SmallMatrix<Int, Int>, order: Int, into factor: MatrixRows
  ) -> Bool {
    for j in 0..<order {
      let whole = normal[j, j]
      var diagonal = whole
      for k in 0..<j { diagonal -= factor[k, j] * factor[k, j] }
      guard diagonal > 1e-12 * whole, diagonal.isFinite else { return false }
      let root = diagonal.squareRoot()
      factor[j, j] = root
      for i in (j + 1)..<max(order, j + 1) {
        var sum = normal[j, i]
        for k in 0..<j { sum -= factor[k, j] * factor[k, i] }
        factor[j, i] = sum / root
      }
    }
    return true
  }

  /// The inverse length of each column of J on the diagonal, 1 where it has none.
  private func setColumnLengths(of normal: SmallMatrix<Int, Int>) {
    for j in 0..<free.count {
      for i in 0..<j { inverse[i, j] = 0 }
      let length = normal[j, j].squareRoot()
      inverse[j, j] = length > 0 && length.isFinite ? 1 / length : 1
    }
  }

  /// The point at some coordinates, one for each free parameter.
  func parameters(at coordinates: UnsafeBufferPointer<Double>) -> FitParameters {
    var result = origin
    for i in 0..<free.count {
      var step = 0.0
      for j in i..<free.count { step += inverse[i, j] * (coordinates[j] - Whitening.offset) }
      result[free[i]] += step
    }
    return result
  }

  /// Writes the derivatives by the coordinates, J R^-1, row by row.
  func transform(_ jacobian: MatrixRows, rowCount: Int, into result: MatrixRows) {
    // Rows of R^-1 as vectors: all columns of a row of the result at once.
    var rows = InlineArray<7, SIMD8<Double>>(repeating: .zero)
    for i in 0..<free.count {
      for j in i..<free.count { rows[i][j] = inverse[i, j] }
    }
    if free.count == FitParameter.count {
      transform(jacobian, rows, rowCount: rowCount, columnCount: FitParameter.count, into: result)
    } else {
      transform(jacobian, rows, rowCount: rowCount, columnCount: free.count, into: result)
    }
  }

  @inline(__always)
  private func transform(
    _ jacobian: MatrixRows, _ rows: InlineArray<7, SIMD8<Double>>, rowCount: Int,
    columnCount: Int, into result: MatrixRows
  ) {
    for row in 0..<rowCount {
      var sum = SIMD8<Double>.zero
      for i in 0..<columnCount { sum += jacobian[row, i] * rows[unchecked: i] }
      for j in 0..<columnCount { result[row, j] = sum[j] }
    }
  }
}
