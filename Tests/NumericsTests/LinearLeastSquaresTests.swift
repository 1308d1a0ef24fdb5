import Glibc
import Testing

@testable import Numerics

@Suite struct LinearLeastSquaresTests {
  @Test("a straight line through three points, by hand")
  func line() throws {
    // y = a + b x through (0, 1), (1, 2), (2, 4): b = 3/2, a = 5/6.
    let fit = try LinearLeastSquares(
      matrix: [1, 0, 1, 1, 1, 2], rows: 3, columns: 2, rightHandSide: [1, 2, 4])
    #expect(abs(fit.coefficients[0] - 5.0 / 6) < 1e-14)
    #expect(abs(fit.coefficients[1] - 1.5) < 1e-14)
    #expect(fit.rank == 2)
  }

  @Test("a product of matrices, by hand")
  func product() {
    var product = [Float](repeating: .nan, count: 4)
    multiply(
      [1, 2, 3, 4, 5, 6], [1, 0, 0, 1, 2, -1], into: &product, rows: 2, inner: 3, columns: 2)
    #expect(product == [7, -1, 16, -1])
  }

  @Test("dependent columns share the answer of least length")
  func lackingRank() throws {
    // x + y = 2 twice: of all solutions (1, 1) is the shortest.
    let fit = try LinearLeastSquares(
      matrix: [1, 1, 1, 1], rows: 2, columns: 2, rightHandSide: [2, 2])
    #expect(fit.rank == 1)
    #expect(abs(fit.coefficients[0] - 1) < 1e-14)
    #expect(abs(fit.coefficients[1] - 1) < 1e-14)
    #expect(abs(fit.singularValues[0] - 2) < 1e-14)
  }

  @Test("fewer rows than columns")
  func wide() throws {
    // x + 2 y + 2 z = 9: the shortest solution is 9 (1, 2, 2) / 9.
    let fit = try LinearLeastSquares(
      matrix: [1, 2, 2], rows: 1, columns: 3, rightHandSide: [9])
    for (value, expected) in zip(fit.coefficients, [1.0, 2, 2]) {
      #expect(abs(value - expected) < 1e-13)
    }
  }

  @Test("the residual is at right angles to every column")
  func normalEquations() throws {
    let (rows, columns) = (50, 4)
    var state: UInt64 = 7
    func draw() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53 - 0.5
    }
    let matrix = (0..<rows * columns).map { _ in draw() }
    let rightHandSide = (0..<rows).map { _ in draw() }
    let x = try LinearLeastSquares(
      matrix: matrix, rows: rows, columns: columns, rightHandSide: rightHandSide
    ).coefficients
    for column in 0..<columns {
      var product = 0.0
      for row in 0..<rows {
        var residual = rightHandSide[row]
        for k in 0..<columns { residual -= matrix[row * columns + k] * x[k] }
        product += residual * matrix[row * columns + column]
      }
      #expect(abs(product) < 1e-13)
    }
  }

  @Test("wrong sizes and values that are not finite are refused")
  func refused() {
    #expect(
      throws: LinearAlgebraError.sizes(matrix: 3, rows: 2, columns: 2, rightHandSide: 2)
    ) {
      try LinearLeastSquares(matrix: [1, 2, 3], rows: 2, columns: 2, rightHandSide: [1, 2])
    }
    #expect(throws: LinearAlgebraError.notFinite) {
      try LinearLeastSquares(matrix: [1, .nan], rows: 2, columns: 1, rightHandSide: [1, 2])
    }
  }
}

@Suite struct InverseNormalMatrixTests {
  @Test func byHand() throws {
    // A^T A = [[3, 3], [3, 5]], determinant 6.
    let inverse = try inverseNormalMatrix(of: [1, 0, 1, 1, 1, 2], rows: 3, columns: 2)
    for (value, expected) in zip(inverse, [5.0 / 6, -0.5, -0.5, 0.5]) {
      #expect(abs(value - expected) < 1e-14)
    }
  }

  @Test func timesTheNormalMatrixIsOne() throws {
    let (rows, columns) = (40, 5)
    let matrix = (0..<rows * columns).map { sin(Double($0 * $0 + 3)) + ($0 % columns == 2 ? 5 : 0) }
    let inverse = try inverseNormalMatrix(of: matrix, rows: rows, columns: columns)
    for i in 0..<columns {
      for j in 0..<columns {
        var sum = 0.0
        for k in 0..<columns {
          let normal = (0..<rows).reduce(0) {
            $0 + matrix[$1 * columns + k] * matrix[$1 * columns + j]
          }
          sum += inverse[i * columns + k] * normal
        }
        #expect(abs(sum - (i == j ? 1 : 0)) < 1e-11)
      }
    }
  }

  @Test func refusals() {
    #expect(throws: LinearAlgebraError.singular) {
      try inverseNormalMatrix(of: [1, 2, 2, 4, 3, 6], rows: 3, columns: 2)
    }
    #expect(throws: LinearAlgebraError.notFinite) {
      try inverseNormalMatrix(of: [1, .nan], rows: 2, columns: 1)
    }
    #expect(throws: LinearAlgebraError.self) {
      try inverseNormalMatrix(of: [1, 2], rows: 1, columns: 2)
    }
  }

  @Test("blocks of rows give what all rows give at once", arguments: [1, 3, 7, 60])
  func sequential(block: Int) throws {
    let (rows, columns) = (60, 5)
    var state: UInt64 = 11
    func draw() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53 - 0.5
    }
    let matrix = (0..<rows * columns).map { _ in draw() }
    let rightHandSide = (0..<rows).map { _ in draw() }
    var problem = SequentialLeastSquares(columns: columns)
    for start in stride(from: 0, to: rows, by: block) {
      let end = min(start + block, rows)
      try problem.append(
        Array(matrix[start * columns..<end * columns]), Array(rightHandSide[start..<end]))
    }
    #expect(problem.rows == rows)
    let whole = try LinearLeastSquares(
      matrix: matrix, rows: rows, columns: columns, rightHandSide: rightHandSide)
    let parts = try problem.solution()
    #expect(parts.rank == columns)
    for (a, b) in zip(parts.coefficients, whole.coefficients) { #expect(abs(a - b) < 1e-13) }
    for (a, b) in zip(parts.singularValues, whole.singularValues) { #expect(abs(a - b) < 1e-13) }
  }

  @Test("sequential problems refuse what is none")
  func sequentialErrors() {
    var problem = SequentialLeastSquares(columns: 2)
    #expect(throws: LinearAlgebraError.self) { try problem.solution() }
    #expect(throws: LinearAlgebraError.self) { try problem.append([1, 2, 3], [1]) }
    #expect(throws: LinearAlgebraError.notFinite) { try problem.append([1, .nan], [1]) }
    #expect(problem.rows == 0)
  }
}
