/// Levenberg-Marquardt with GSL's trust-region solver (`gsl_multifit_nlinear`, More's scaling).
///
/// Steps are found by Cholesky decomposition of the normal equations. At the sizes of an event this
/// is a third faster than QR. If it fails for lack of precision, the fit is done again with QR. The
/// covariance always comes from a QR decomposition with pivoting, which judges the rank.
///
/// Keeps GSL's workspaces, one for each shape of problem it has met: fits of known shapes allocate
/// nothing. Not for use from two threads at once: one instance a thread.
public final class LevenbergMarquardt {
  private struct Shape: Hashable {
    var residuals: Int
    var parameters: Int
    var solver: Solver
  }
  private var workspaces: [Shape: Workspace] = [:]
  private var pivotedQR: [Shape: PivotedQR] = [:]

  public init() {
    Workspace.switchOffAbort
  }

  /// Minimises the sum of squares, in place.
  ///
  /// - Parameters:
  ///   - function: what to minimise.
  ///   - parameters: `[p]`, the start; on return those of the minimum.
  ///   - criteria: when to end.
  /// - Returns: how it ended.
  /// - Throws: `LeastSquaresError` where there are too few residuals or they are not finite; the
  ///   parameters are then those of the start.
  public func minimise(
    _ function: any ResidualFunction, at parameters: UnsafeMutableBufferPointer<Double>,
    until criteria: ConvergenceCriteria = ConvergenceCriteria()
  ) throws(LeastSquaresError) -> Minimum {
    let (n, p) = (function.residualCount, function.parameterCount)
    precondition(parameters.count == p)
    guard n >= p else { throw .underdetermined(residuals: n, parameters: p) }
    do throws(LeastSquaresError) {
      return try workspace(n, p, .cholesky).minimise(function, at: parameters, until: criteria)
    } catch .failed {
      return try workspace(n, p, .qr).minimise(function, at: parameters, until: criteria)
    }
  }

  /// (J^T J)^-1 at some parameters, not scaled by chi2/ndf.
  ///
  /// - Parameters:
  ///   - function: whose Jacobian is taken.
  ///   - parameters: `[p]`, where.
  ///   - covariance: `[p, p]`, written.
  /// - Returns: whether J has full rank to 1e-10; where not, nothing useful is written.
  public func covariance(
    of function: any ResidualFunction, at parameters: UnsafeBufferPointer<Double>,
    into covariance: MatrixRows
  ) -> Bool {
    let (n, p) = (function.residualCount, function.parameterCount)
    guard n >= p else { return false }
    let shape = Shape(residuals: n, parameters: p, solver: .qr)
    let qr = pivotedQR[shape] ?? PivotedQR(rows: n, columns: p)
    pivotedQR[shape] = qr
    return qr.covariance(of: function, at: parameters, into: covariance)
  }

  private func workspace(_ n: Int, _ p: Int, _ solver: Solver) -> Workspace {
    let shape = Shape(residuals: n, parameters: p, solver: solver)
    if let known = workspaces[shape] { return known }
    let new = Workspace(residuals: n, parameters: p, solver: solver)
    workspaces[shape] = new
    return new
  }
}

extension LevenbergMarquardt {
  /// Minimises the sum of squares from a start, and gives all there is to know of the minimum.
  ///
  /// - Parameters:
  ///   - function: what to minimise.
  ///   - start: `[p]`.
  ///   - criteria: when to end.
  /// - Returns: the minimum with parameters, residuals and covariance.
  /// - Throws: `LeastSquaresError` where there are too few residuals or they are not finite.
  public func minimise(
    _ function: any ResidualFunction, from start: [Double],
    until criteria: ConvergenceCriteria = ConvergenceCriteria()
  ) throws(LeastSquaresError) -> Solution {
    let p = start.count
    let parameters = UnsafeMutableBufferPointer<Double>.allocate(capacity: p)
    defer { parameters.deallocate() }
    _ = parameters.initialize(from: start)
    let minimum = try minimise(function, at: parameters, until: criteria)
    let residuals = [Double](unsafeUninitializedCapacity: function.residualCount) { buffer, count in
      count = function.residualCount
      function.residuals(
        at: UnsafeBufferPointer(parameters),
        into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
    }
    var isRegular = false
    let covariance = [Double](unsafeUninitializedCapacity: p * p) { buffer, count in
      buffer.initialize(repeating: 0)
      isRegular = self.covariance(
        of: function, at: UnsafeBufferPointer(parameters), into: MatrixRows(buffer, columns: p))
      count = p * p
    }
    return Solution(
      minimum: minimum, parameters: Array(parameters), residuals: residuals,
      covariance: isRegular ? covariance : nil)
  }
}
