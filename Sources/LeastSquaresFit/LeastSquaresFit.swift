/// A vector of residuals as a function of parameters; half the squared length of it is minimised.
public protocol ResidualFunction: AnyObject {
  /// Number of parameters, p.
  var parameterCount: Int { get }
  /// Number of residuals, n >= p.
  var residualCount: Int { get }
  /// Writes the residuals `[n]` at parameters `[p]`.
  func residuals(
    at parameters: UnsafeBufferPointer<Double>, into residuals: UnsafeMutableBufferPointer<Double>)
  /// Writes the derivatives d residual / d parameter: a row for each residual, p columns.
  func jacobian(at parameters: UnsafeBufferPointer<Double>, into jacobian: MatrixRows)
}

/// A matrix by rows in memory that somebody else owns.
public struct MatrixRows {
  @usableFromInline let elements: UnsafeMutablePointer<Double>?
  @usableFromInline let columns: Int

  /// - Parameters:
  ///   - elements: row after row; must outlive the matrix.
  ///   - columns: elements of a row.
  @inlinable
  public init(_ elements: UnsafeMutableBufferPointer<Double>, columns: Int) {
    self.elements = elements.baseAddress
    self.columns = columns
  }

  /// An element; its place is not checked in release builds.
  @inlinable
  public subscript(row: Int, column: Int) -> Double {
    get { elements.unsafelyUnwrapped[row * columns + column] }
    nonmutating set { elements.unsafelyUnwrapped[row * columns + column] = newValue }
  }

  /// Inverts the upper triangle of the first rows and columns in place.
  ///
  /// No element of the diagonal may be zero. What is below the diagonal is not touched.
  @inlinable
  public func invertUpperTriangle(order: Int) {
    // From the last column to the first, so that what is still needed is not overwritten.
    for j in (0..<order).reversed() {
      self[j, j] = 1 / self[j, j]
      for i in (0..<j).reversed() {
        var sum = 0.0
        for k in i + 1...j { sum += self[i, k] * self[k, j] }
        self[i, j] = -sum / self[i, i]
      }
    }
  }

  /// Copies the first rows and columns of a matrix of at least as many columns.
  @inlinable
  public func copy(_ other: MatrixRows, rowCount: Int) {
    for row in 0..<rowCount {
      for column in 0..<columns { self[row, column] = other[row, column] }
    }
  }
}

/// When a fit ends.
public struct ConvergenceCriteria: Sendable, Equatable {
  /// Relative size of the last step.
  public var stepTolerance: Double
  /// Relative size of the gradient.
  public var gradientTolerance: Double
  public var iterationLimit: Int

  public init(
    stepTolerance: Double = 1e-8, gradientTolerance: Double = 1e-8, iterationLimit: Int = 100
  ) {
    self.stepTolerance = stepTolerance
    self.gradientTolerance = gradientTolerance
    self.iterationLimit = iterationLimit
  }
}

/// How a fit ended.
public enum Termination: Sendable, Equatable {
  case smallStep
  case smallGradient
  /// No step lowers chi2: the start was the minimum to machine precision, or the problem is
  /// ill-posed.
  case noProgress
  case iterationLimit
}

/// How a fit ended, without its vectors.
public struct Minimum: Sendable, Equatable {
  /// Sum of the squared residuals.
  public var chi2: Double
  public var iterations: Int
  public var termination: Termination

  public init(chi2: Double, iterations: Int, termination: Termination) {
    self.chi2 = chi2
    self.iterations = iterations
    self.termination = termination
  }

  public var isConverged: Bool { termination != .iterationLimit }
}

/// The minimum that a fit found, with its vectors.
public struct Solution: Sendable, Equatable {
  public var minimum: Minimum
  /// `[p]`.
  public var parameters: [Double]
  /// `[n]`.
  public var residuals: [Double]
  /// (J^T J)^-1, `[p, p]` by rows, not scaled by chi2/ndf; nil where J has not full rank.
  public var covariance: [Double]?

  public var chi2: Double { minimum.chi2 }
  public var isConverged: Bool { minimum.isConverged }
}

/// Why there is no solution.
public enum LeastSquaresError: Error, Equatable, Sendable {
  /// Fewer residuals than parameters.
  case underdetermined(residuals: Int, parameters: Int)
  /// The residuals are not finite at the start, or GSL gave up, with its reason.
  case failed(String)
}
