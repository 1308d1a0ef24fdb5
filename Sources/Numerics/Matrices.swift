internal import CLAPACKE

/// C = A B of matrices by rows, in single precision, on the calling thread (BLAS `sgemm`).
///
/// - Parameters:
///   - a: `rows` times `inner` values.
///   - b: `inner` times `columns` values.
///   - product: room for `rows` times `columns` values.
///   - rows: of A and C.
///   - inner: columns of A, rows of B.
///   - columns: of B and C.
package func multiply(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into product: UnsafeMutablePointer<Float>,
  rows: Int, inner: Int, columns: Int
) {
  clapacke_multiply(Int32(rows), Int32(columns), Int32(inner), a, b, product)
}

/// (A^T A)^-1 of a matrix with independent columns, by rows.
///
/// R^-1 R^-T of A = Q R (LAPACK `dgeqrf`, `dtrtri`), which keeps the condition of A instead of
/// squaring it.
/// - Parameters:
///   - matrix: A by rows.
///   - rows: at least as many as columns.
///   - columns: number of unknowns.
/// - Returns: the symmetric matrix, `columns` squared values.
/// - Throws: `sizes`, `notFinite`; `singular` where columns depend on each other.
package func inverseNormalMatrix(
  of matrix: [Double], rows: Int, columns: Int
) throws(LinearAlgebraError) -> [Double] {
  guard columns > 0, rows >= columns, matrix.count == rows * columns else {
    throw .sizes(matrix: matrix.count, rows: rows, columns: columns, rightHandSide: 0)
  }
  guard matrix.allSatisfy(\.isFinite) else { throw .notFinite }
  var a = [Double](repeating: 0, count: rows * columns)
  for row in 0..<rows {
    for column in 0..<columns { a[column * rows + row] = matrix[row * columns + column] }
  }
  var reflectors = [Double](repeating: 0, count: columns)
  let (m, n) = (Int32(rows), Int32(columns))
  guard LAPACKE_dgeqrf(LAPACK_COL_MAJOR, m, n, &a, m, &reflectors) == 0 else { throw .singular }
  let diagonal = (0..<columns).map { abs(a[$0 * rows + $0]) }
  // Rounding leaves a dependent column about this much.
  guard let largest = diagonal.max(), diagonal.allSatisfy({ $0 > 1e-13 * largest }),
    LAPACKE_dtrtri(LAPACK_COL_MAJOR, 0x55, 0x4E, n, &a, m) == 0
  else { throw .singular }
  var inverse = [Double](repeating: 0, count: columns * columns)
  for i in 0..<columns {
    for j in 0..<columns {
      // The upper triangle alone holds R^-1.
      inverse[i * columns + j] = (max(i, j)..<columns).reduce(0) {
        $0 + a[$1 * rows + i] * a[$1 * rows + j]
      }
    }
  }
  return inverse
}
