internal import CLAPACKE

/// A linear least-squares problem of more equations than one wants in memory, added block by block.
///
/// Keeps R of [A b] = Q R. Each new block is put below R and factorised anew (LAPACK `dgeqrf`).
/// This keeps the condition of A; normal equations would square it. Memory is that of one block.
package struct SequentialLeastSquares: Sendable {
  /// Unknowns.
  package let columns: Int
  /// Equations so far.
  package private(set) var rows = 0
  /// R of [A b] by rows, `columns + 1` squared; zero below the diagonal.
  private var triangle: [Double]

  package init(columns: Int) {
    self.columns = columns
    triangle = [Double](repeating: 0, count: (columns + 1) * (columns + 1))
  }

  /// Adds equations.
  ///
  /// - Parameters:
  ///   - matrix: rows of A, one after the other.
  ///   - rightHandSide: as many values of b.
  /// - Throws: `sizes`, `notFinite`; nothing is added then.
  package mutating func append(
    _ matrix: [Double], _ rightHandSide: [Double]
  ) throws(LinearAlgebraError) {
    let (added, width) = (rightHandSide.count, columns + 1)
    guard columns > 0, matrix.count == added * columns else {
      throw .sizes(
        matrix: matrix.count, rows: added, columns: columns, rightHandSide: added)
    }
    guard matrix.allSatisfy(\.isFinite), rightHandSide.allSatisfy(\.isFinite) else {
      throw .notFinite
    }
    guard added > 0 else { return }
    // By columns, as Fortran keeps it: R above the new rows.
    let height = width + added
    var a = [Double](repeating: 0, count: height * width)
    for column in 0..<width {
      for row in 0...column { a[column * height + row] = triangle[row * width + column] }
    }
    for row in 0..<added {
      for column in 0..<columns {
        a[column * height + width + row] = matrix[row * columns + column]
      }
      a[columns * height + width + row] = rightHandSide[row]
    }
    var reflectors = [Double](repeating: 0, count: width)
    guard
      LAPACKE_dgeqrf(
        LAPACK_COL_MAJOR, Int32(height), Int32(width), &a, Int32(height), &reflectors) == 0
    else { throw .notConverged }
    for column in 0..<width {
      for row in 0...column { triangle[row * width + column] = a[column * height + row] }
    }
    rows += added
  }

  /// The x that minimises |A x - b| over all equations; the shortest one where A lacks rank.
  ///
  /// - Parameter conditionLimit: singular values below this part of the largest count as zero.
  /// - Returns: x, with rank and singular values of A.
  /// - Throws: `sizes` without equations, `notConverged`.
  package func solution(
    conditionLimit: Double = 1e-12
  ) throws(LinearAlgebraError) -> LinearLeastSquares {
    guard rows > 0 else {
      throw .sizes(matrix: 0, rows: 0, columns: columns, rightHandSide: 0)
    }
    let width = columns + 1
    var matrix: [Double] = []
    for row in 0..<columns { matrix += triangle[row * width..<row * width + columns] }
    return try LinearLeastSquares(
      matrix: matrix, rows: columns, columns: columns,
      rightHandSide: (0..<columns).map { triangle[$0 * width + columns] },
      conditionLimit: conditionLimit)
  }
}
