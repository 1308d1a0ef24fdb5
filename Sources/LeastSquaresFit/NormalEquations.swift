/// A problem of few parameters whose residuals and derivatives are computed together.
public protocol SmallProblem: AnyObject {
  /// Number of parameters p, 1 to 8.
  var parameterCount: Int { get }
  /// Number of residuals n, at least p.
  var residualCount: Int { get }
  /// Computes the terms at a point; elements of the point beyond p mean nothing.
  ///
  /// - Returns: residuals, n values; and derivatives d residual / d parameter: n rows of 8 columns,
  ///   those beyond p zero. Valid until the next call.
  func terms(
    at point: SIMD8<Double>
  ) -> (residuals: UnsafePointer<Double>, jacobian: UnsafePointer<Double>)
}

/// A symmetric matrix of up to 8 rows.
struct SmallSymmetricMatrix {
  private(set) var rows = InlineArray<8, SIMD8<Double>>(repeating: .zero)

  /// J^T J of n rows of 8 columns.
  init(productsOf jacobian: UnsafePointer<Double>, rowCount: Int, order: Int) {
    let rowBytes = 8 * MemoryLayout<Double>.stride
    for i in 0..<order {
      var sum = SIMD8<Double>.zero
      var row = UnsafeRawPointer(jacobian)
      for _ in 0..<rowCount {
        let values = row.loadUnaligned(as: SIMD8<Double>.self)
        sum += row.load(fromByteOffset: 8 * i, as: Double.self) * values
        row += rowBytes
      }
      rows[i] = sum
    }
  }

  /// The diagonal of a matrix, 1 where it is not positive.
  init(diagonalOf other: SmallSymmetricMatrix, order: Int) {
    for i in 0..<order {
      let value = other.rows[i][i]
      rows[i][i] = value > 0 && value.isFinite ? value : 1
    }
  }

  /// x^T M x.
  func squaredLength(of x: SIMD8<Double>, order: Int) -> Double {
    var sum = 0.0
    for i in 0..<order { sum += x[i] * (rows[i] * x).sum() }
    return sum
  }

  /// Becomes R of R^T R = M + damping * metric, in the upper triangle, where this is M.
  ///
  /// - Returns: false where a pivot falls below 1e-12 of its element of the diagonal; nothing
  ///   useful is left then.
  mutating func factorise(
    damping: Double, _ metric: borrowing SmallSymmetricMatrix, order: Int
  ) -> Bool {
    var diagonal = SIMD8<Double>.zero
    for i in 0..<order {
      rows[i] += damping * metric.rows[i]
      diagonal[i] = rows[i][i]
    }
    for j in 0..<order {
      let pivot = rows[j][j]
      guard pivot > 1e-12 * diagonal[j], pivot.isFinite else { return false }
      let row = rows[j] * (1 / pivot.squareRoot())
      rows[j] = row
      for i in (j + 1)..<max(order, j + 1) { rows[i] -= row[i] * row }
    }
    return true
  }

  /// x of R^T R x = b, where this is R.
  func solve(_ b: SIMD8<Double>, order: Int) -> SIMD8<Double> {
    var (rest, y) = (b, SIMD8<Double>.zero)
    for j in 0..<order {
      let value = rest[j] / rows[j][j]
      y[j] = value
      rest -= value * rows[j]
    }
    var x = SIMD8<Double>.zero
    for j in (0..<order).reversed() { x[j] = (y[j] - (rows[j] * x).sum()) / rows[j][j] }
    return x
  }
}

/// J^T J and J^T f of a problem at a point.
struct NormalEquations {
  let matrix: SmallSymmetricMatrix
  let gradient: SIMD8<Double>

  init(
    residuals: UnsafePointer<Double>, jacobian: UnsafePointer<Double>, rowCount: Int, order: Int
  ) {
    matrix = SmallSymmetricMatrix(productsOf: jacobian, rowCount: rowCount, order: order)
    var sum = SIMD8<Double>.zero
    var row = UnsafeRawPointer(jacobian)
    for k in 0..<rowCount {
      sum += residuals[k] * row.loadUnaligned(as: SIMD8<Double>.self)
      row += 8 * MemoryLayout<Double>.stride
    }
    gradient = sum
  }
}
