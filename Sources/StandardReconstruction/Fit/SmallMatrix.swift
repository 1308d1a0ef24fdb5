internal import LeastSquaresFit

/// What numbers the rows or columns of a `SmallMatrix`.
protocol MatrixIndex {
  /// 0 to 6.
  var position: Int { get }
}

extension Int: MatrixIndex {
  var position: Int { self }
}

extension FitParameter: MatrixIndex {
  var position: Int { rawValue }
}

/// The parameters of a reported result, in the order of `StandardResult.covariance`.
enum ReportedParameter: Int, CaseIterable, MatrixIndex {
  /// Core position [m].
  case coreX, coreY
  /// Direction [rad].
  case zenith, azimuth
  /// ln(S800 / (VEM/m2)).
  case logSignal800
  /// Time t0 at the core [ns].
  case time
  /// Curvature a of the front [ns].
  case curvature

  var position: Int { rawValue }
}

/// A matrix with a row and a column for each parameter, stored in place.
///
/// Elements are addressed by name (`covariance[.zenith, .zenith]`), or by position where rows and
/// columns are the free parameters of a fit. Elements that nobody has set are zero.
struct SmallMatrix<Row: MatrixIndex, Column: MatrixIndex> {
  private var elements = InlineArray<49, Double>(repeating: 0)

  subscript(row: Row, column: Column) -> Double {
    @inline(__always) get {
      assert(row.position < FitParameter.count && column.position < FitParameter.count)
      return elements[unchecked: row.position * FitParameter.count + column.position]
    }
    @inline(__always) set {
      assert(row.position < FitParameter.count && column.position < FitParameter.count)
      elements[unchecked: row.position * FitParameter.count + column.position] = newValue
    }
  }

  /// All 49 elements by rows.
  var byRows: [Double] { elements.indices.map { elements[$0] } }
}

/// Covariance of the internal parameters, in their units; zero for fixed ones.
typealias FitCovariance = SmallMatrix<FitParameter, FitParameter>

extension FitCovariance {
  /// From the covariance of the free parameters, a row and a column for each.
  init(_ rows: MatrixRows, of free: FreeParameters) {
    self.init()
    for a in 0..<free.count {
      for b in 0..<free.count { self[free[a], free[b]] = rows[a, b] }
    }
  }
}
