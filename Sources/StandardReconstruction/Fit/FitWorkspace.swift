internal import LeastSquaresFit
import ShowerModel

/// A point that a minimisation reached, and how far the fit has come with it.
struct FitState {
  /// All seven parameters, the fixed ones at their start.
  var parameters: FitParameters
  /// chi2 there, and how the minimisation ended.
  var minimum: Minimum
  /// (J^T J)^-1; nil where it was not asked for, or J has no full rank.
  var covariance: FitCovariance?
  /// Passes so far.
  var passes = 1
  /// Whether the last pass changed no form of a term and no parameter by 0.05 of its error.
  var isSettled = false
}

/// Memory that one thread keeps between fits.
///
/// A fit of a shape that has been met before allocates nothing. No result depends on what the
/// workspace was used for before.
final class FitWorkspace {
  private let minimiser = LevenbergMarquardt()
  private let function = ProblemFunction()
  private var spareErrors: [FrozenErrors] = []

  /// Memory for the errors of a problem.
  func takeErrors() -> FrozenErrors { spareErrors.popLast() ?? FrozenErrors() }

  /// Takes back the memory of the errors of a problem that is not needed any more.
  func recycle(_ problem: FitProblem) { spareErrors.append(problem.errors) }

  /// The minimum of chi2 that is reached from a start.
  ///
  /// - Parameters:
  ///   - problem: with its errors frozen.
  ///   - start: values of all parameters.
  ///   - stepLimit: when to end, in standard deviations.
  ///   - needsCovariance: whether the state gets a covariance.
  /// - Returns: the state after one pass; nil where chi2 is not finite at the start.
  func minimise(
    _ problem: FitProblem, from start: FitParameters, stepLimit: Double,
    needsCovariance: Bool = false
  ) -> FitState? {
    function.with(problem) {
      guard let (parameters, minimum) = function.minimum(from: start, stepLimit: stepLimit) else {
        return nil
      }
      return FitState(
        parameters: parameters, minimum: minimum,
        covariance: needsCovariance ? function.covariance(at: parameters, minimiser) : nil)
    }
  }

  /// The same minimum and the covariance there by GSL's Levenberg-Marquardt, from a state near it;
  /// nil where GSL gives up.
  func refined(_ state: FitState, of problem: FitProblem) -> FitState? {
    function.with(problem) {
      guard let (parameters, minimum) = function.minimum(from: state.parameters, minimiser) else {
        return nil
      }
      var refined = state
      refined.parameters = parameters
      refined.minimum = minimum
      refined.covariance = function.covariance(at: parameters, minimiser)
      return refined
    }
  }

  /// (J^T J)^-1 at a point, in internal units; nil where J has no full rank.
  func covariance(of problem: FitProblem, at parameters: FitParameters) -> FitCovariance? {
    function.with(problem) { function.covariance(at: parameters, minimiser) }
  }

  /// Calls a function with the residuals and the Jacobian of a problem at a point.
  func withTerms<Result>(
    of problem: FitProblem, at parameters: FitParameters,
    _ body: (UnsafeBufferPointer<Double>, MatrixRows) -> Result
  ) -> Result {
    function.with(problem) { function.withTerms(at: parameters, body) }
  }
}

/// A problem as the minimiser sees it, with the memory of its residuals and Jacobian.
private final class ProblemFunction: ResidualFunction, SmallProblem {
  /// Set during `with` alone. Pointers, since copies at every step would cost a tenth of the time.
  private var problem: UnsafePointer<FitProblem>?
  /// Coordinates of GSL's minimisation while it runs; nil where GSL sees the parameters.
  private var whitening: UnsafePointer<Whitening>?
  /// Values of the fixed parameters.
  private var base = FitParameters(core: .zero, axis: .zero, signal800: 1, time: 0, curvature: 0)
  private(set) var parameterCount = 0
  private(set) var residualCount = 0

  /// The point that residuals and Jacobian are those of; nil where there is none yet.
  private var current: FitParameters?
  private var residualMemory = UnsafeMutableBufferPointer<Double>.allocate(capacity: 0)
  /// Rows of 8 columns, those beyond the free parameters zero.
  private var jacobianMemory = UnsafeMutableBufferPointer<Double>.allocate(capacity: 0)
  private static let columns = 8
  private let whiteningMemory = UnsafeMutableBufferPointer<Double>.allocate(
    capacity: FitParameter.count * FitParameter.count)

  init() { whiteningMemory.initialize(repeating: 0) }

  deinit {
    residualMemory.deallocate()
    jacobianMemory.deallocate()
    whiteningMemory.deallocate()
  }

  /// Calls a function while this is a problem.
  func with<Result>(_ problem: FitProblem, _ body: () -> Result) -> Result {
    prepare(problem)
    return withUnsafePointer(to: problem) { pointer in
      self.problem = pointer
      defer {
        self.problem = nil
        current = nil
      }
      return body()
    }
  }

  private func prepare(_ problem: FitProblem) {
    residualCount = problem.residualCount
    let isAsBefore = parameterCount == problem.free.count
    parameterCount = problem.free.count
    if residualMemory.count < residualCount {
      residualMemory.deallocate()
      jacobianMemory.deallocate()
      residualMemory = .allocate(capacity: 2 * residualCount)
      jacobianMemory = .allocate(capacity: 2 * residualCount * Self.columns)
      residualMemory.initialize(repeating: 0)
      jacobianMemory.initialize(repeating: 0)
    } else if !isAsBefore {
      jacobianMemory.update(repeating: 0)
    }
  }

  private var jacobian: MatrixRows { MatrixRows(jacobianMemory, columns: Self.columns) }

  func terms(
    at point: SIMD8<Double>
  ) -> (residuals: UnsafePointer<Double>, jacobian: UnsafePointer<Double>) {
    if let problem { evaluate(at: base.replacing(problem.pointee.free, by: point)) }
    guard let residuals = residualMemory.baseAddress, let jacobian = jacobianMemory.baseAddress
    else { preconditionFailure("a problem without residuals") }
    return (UnsafePointer(residuals), UnsafePointer(jacobian))
  }

  func residuals(
    at elements: UnsafeBufferPointer<Double>, into residuals: UnsafeMutableBufferPointer<Double>
  ) {
    evaluate(at: point(elements))
    for i in residuals.indices { residuals[i] = residualMemory[i] }
  }

  func jacobian(at elements: UnsafeBufferPointer<Double>, into result: MatrixRows) {
    evaluate(at: point(elements))
    if let whitening {
      whitening.pointee.transform(jacobian, rowCount: residualCount, into: result)
    } else {
      result.copy(jacobian, rowCount: residualCount)
    }
  }

  /// The point at what GSL sees.
  private func point(_ elements: UnsafeBufferPointer<Double>) -> FitParameters {
    if let whitening { return whitening.pointee.parameters(at: elements) }
    guard let problem else { return base }
    return base.replacing(problem.pointee.free, by: elements)
  }

  private func evaluate(at parameters: FitParameters) {
    guard let problem, parameters != current else { return }
    current = parameters
    problem.pointee.evaluate(at: parameters, residuals: residualMemory, jacobian: jacobian)
  }

  func withTerms<Result>(
    at parameters: FitParameters, _ body: (UnsafeBufferPointer<Double>, MatrixRows) -> Result
  ) -> Result {
    evaluate(at: parameters)
    return body(UnsafeBufferPointer(rebasing: residualMemory[..<residualCount]), jacobian)
  }

  func minimum(
    from start: FitParameters, stepLimit: Double
  ) -> (parameters: FitParameters, minimum: Minimum)? {
    guard let problem else { return nil }
    base = start
    let free = problem.pointee.free
    guard
      let (point, minimum) = SmallLevenbergMarquardt.minimise(
        self, from: start.elements(free), stepLimit: stepLimit)
    else { return nil }
    return (start.replacing(free, by: point), minimum)
  }

  /// The minimum that GSL reaches.
  func minimum(
    from start: FitParameters, _ minimiser: LevenbergMarquardt
  ) -> (parameters: FitParameters, minimum: Minimum)? {
    guard let problem else { return nil }
    base = start
    evaluate(at: start)
    let coordinates = Whitening(
      at: start, of: problem.pointee.free, jacobian: jacobian, rowCount: residualCount,
      in: MatrixRows(whiteningMemory, columns: parameterCount))
    return withUnsafePointer(to: coordinates) { coordinates in
      whitening = coordinates
      defer { whitening = nil }
      return withUnsafeTemporaryAllocation(of: Double.self, capacity: parameterCount) { elements in
        elements.initialize(repeating: Whitening.offset)
        guard let minimum = try? minimiser.minimise(self, at: elements) else { return nil }
        return (coordinates.pointee.parameters(at: UnsafeBufferPointer(elements)), minimum)
      }
    }
  }

  func covariance(
    at parameters: FitParameters, _ minimiser: LevenbergMarquardt
  ) -> FitCovariance? {
    guard let free = problem?.pointee.free else { return nil }
    base = parameters
    let p = free.count
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: p + p * p) { memory in
      memory.initialize(repeating: 0)
      let elements = UnsafeMutableBufferPointer(rebasing: memory[..<p])
      for position in 0..<p { elements[position] = parameters[free[position]] }
      let rows = MatrixRows(UnsafeMutableBufferPointer(rebasing: memory[p...]), columns: p)
      return minimiser.covariance(of: self, at: UnsafeBufferPointer(elements), into: rows)
        ? FitCovariance(rows, of: free) : nil
    }
  }
}
