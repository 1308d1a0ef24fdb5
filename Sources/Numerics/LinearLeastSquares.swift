internal import CLAPACKE

/// Why a linear problem has no solution.
package enum LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  /// The sizes of matrix and right-hand side do not fit together.
  case sizes(matrix: Int, rows: Int, columns: Int, rightHandSide: Int)
  /// A value is infinite or not a number.
  case notFinite
  /// The singular value decomposition did not converge.
  case notConverged
  /// Columns of the matrix depend on each other.
  case singular

  package var description: String {
    switch self {
    case .sizes(let matrix, let rows, let columns, let rightHandSide):
      "a matrix of \(matrix) values is not \(rows) x \(columns) with \(rightHandSide) right-hand "
        + "sides"
    case .notFinite: "the matrix or the right-hand side holds values that are not finite"
    case .notConverged: "the singular value decomposition did not converge"
    case .singular: "columns of the matrix depend on each other"
    }
  }
}

/// Solution of a linear least-squares problem.
package struct LinearLeastSquares: Sendable, Equatable {
  /// x, as many values as the matrix has columns.
  package let coefficients: [Double]
  /// Number of columns that are independent.
  package let rank: Int
  /// Singular values of the matrix, largest first.
  package let singularValues: [Double]

  /// The x that minimises |A x - b|; the shortest one where A lacks rank (LAPACK `dgelsd`).
  ///
  /// - Parameters:
  ///   - matrix: A by rows.
  ///   - rows: number of equations.
  ///   - columns: number of unknowns.
  ///   - rightHandSide: b, `rows` values.
  ///   - conditionLimit: singular values below this part of the largest count as zero.
  /// - Throws: `sizes`, `notFinite`, `notConverged`.
  package init(
    matrix: [Double], rows: Int, columns: Int, rightHandSide: [Double],
    conditionLimit: Double = 1e-12
  ) throws(LinearAlgebraError) {
    guard rows > 0, columns > 0, matrix.count == rows * columns, rightHandSide.count == rows else {
      throw .sizes(
        matrix: matrix.count, rows: rows, columns: columns, rightHandSide: rightHandSide.count)
    }
    guard matrix.allSatisfy(\.isFinite), rightHandSide.allSatisfy(\.isFinite) else {
      throw .notFinite
    }
    // By columns, as Fortran keeps it: LAPACKE would transpose a copy of its own.
    var a = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { a[column * rows + row] = matrix[row * columns + column] }
    }
    var b = rightHandSide + [Double](repeating: 0, count: max(0, columns - rows))
    var singular = [Double](repeating: 0, count: min(rows, columns))
    var rank: Int32 = 0
    let status = LAPACKE_dgelsd(
      LAPACK_COL_MAJOR, Int32(rows), Int32(columns), 1, &a, Int32(rows), &b,
      Int32(max(rows, columns)), &singular, conditionLimit, &rank)
    guard status == 0 else { throw .notConverged }
    coefficients = Array(b.prefix(columns))
    self.rank = Int(rank)
    singularValues = singular
  }
}
