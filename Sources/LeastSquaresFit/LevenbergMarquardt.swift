internal import CGSL

/// Levenberg-Marquardt with GSL's trust-region solver (`gsl_multifit_nlinear`, More's scaling, QR).
///
/// Keeps GSL's workspaces, one for each shape of problem it has met, so that fitting many events
/// allocates nothing in GSL. Not for use from two threads at once: one instance a thread.
public final class LevenbergMarquardt {
  private struct Shape: Hashable {
    var residuals: Int
    var parameters: Int
  }
  private var workspaces: [Shape: OpaqueWorkspace] = [:]

  public init() {
    LevenbergMarquardt.switchOffAbort
  }

  // GSL ends the process on any error unless told otherwise.
  private static let switchOffAbort: Void = { gsl_set_error_handler_off() }()

  /// Minimises the sum of squares from a start.
  ///
  /// - Throws: `LeastSquaresError` where there are too few residuals or they are not finite.
  public func minimise(
    _ function: some ResidualFunction, from start: [Double],
    until criteria: ConvergenceCriteria = ConvergenceCriteria()
  ) throws(LeastSquaresError) -> Solution {
    let (n, p) = (function.residualCount, function.parameterCount)
    precondition(start.count == p)
    guard n >= p else { throw .underdetermined(residuals: n, parameters: p) }
    let workspace = workspace(residuals: n, parameters: p)
    return try workspace.minimise(CallbackContext(function), from: start, until: criteria)
  }

  private func workspace(residuals n: Int, parameters p: Int) -> OpaqueWorkspace {
    let shape = Shape(residuals: n, parameters: p)
    if let known = workspaces[shape] { return known }
    let new = OpaqueWorkspace(residuals: n, parameters: p)
    workspaces[shape] = new
    return new
  }
}

/// Carries a residual function through GSL's `void *`.
private final class CallbackContext {
  let function: any ResidualFunction
  init(_ function: any ResidualFunction) { self.function = function }

  static func from(_ pointer: UnsafeMutableRawPointer?) -> CallbackContext? {
    pointer.map { Unmanaged<CallbackContext>.fromOpaque($0).takeUnretainedValue() }
  }
}

/// Owner of one `gsl_multifit_nlinear_workspace`.
private final class OpaqueWorkspace {
  private let handle: UnsafeMutablePointer<gsl_multifit_nlinear_workspace>?
  private let covariance: UnsafeMutablePointer<gsl_matrix>?
  private let n: Int
  private let p: Int

  init(residuals n: Int, parameters p: Int) {
    self.n = n
    self.p = p
    var settings = gsl_multifit_nlinear_default_parameters()
    settings.trs = cgsl_trs_lm()
    settings.scale = cgsl_scale_more()
    settings.solver = cgsl_solver_qr()
    handle = gsl_multifit_nlinear_alloc(cgsl_trust(), &settings, n, p)
    covariance = gsl_matrix_alloc(p, p)
  }

  deinit {
    gsl_multifit_nlinear_free(handle)
    gsl_matrix_free(covariance)
  }

  func minimise(
    _ context: CallbackContext, from start: [Double], until criteria: ConvergenceCriteria
  ) throws(LeastSquaresError) -> Solution {
    guard let handle, let covariance else { throw .failed("out of memory") }
    var problem = gsl_multifit_nlinear_fdf()
    problem.f = residualCallback
    problem.df = jacobianCallback
    problem.n = n
    problem.p = p
    problem.params = Unmanaged.passUnretained(context).toOpaque()

    var info: Int32 = 0
    var status: Int32 = 0
    // GSL keeps the pointers to the problem and the start: both must live through the driver.
    withUnsafeMutablePointer(to: &problem) { problem in
      start.withUnsafeBufferPointer { start in
        var view = gsl_vector_const_view_array(start.baseAddress, start.count)
        status = gsl_multifit_nlinear_init(&view.vector, problem, handle)
        guard status == 0, isFinite(gsl_multifit_nlinear_residual(handle)) else {
          status = Int32(GSL_EBADFUNC)
          return
        }
        status = gsl_multifit_nlinear_driver(
          criteria.iterationLimit, criteria.stepTolerance, criteria.gradientTolerance, 0, nil, nil,
          &info, handle)
      }
    }
    withExtendedLifetime(context) {}

    guard status == 0 || Int(status) == Int(GSL_EMAXITER) else {
      throw .failed(String(cString: gsl_strerror(status)))
    }
    let termination: Termination =
      if status == 0 {
        info == 1 ? .smallStep : .smallGradient
      } else {
        Int(info) == Int(GSL_ENOPROG) ? .noProgress : .iterationLimit
      }
    let residuals = array(gsl_multifit_nlinear_residual(handle), count: n)
    return Solution(
      parameters: array(gsl_multifit_nlinear_position(handle), count: p),
      chi2: residuals.reduce(0) { $0 + $1 * $1 }, residuals: residuals,
      covariance: fullRankCovariance(handle, covariance),
      iterations: gsl_multifit_nlinear_niter(handle), termination: termination)
  }

  private func fullRankCovariance(
    _ handle: UnsafeMutablePointer<gsl_multifit_nlinear_workspace>,
    _ matrix: UnsafeMutablePointer<gsl_matrix>
  ) -> [Double]? {
    // A column of J that depends on the others to 1e-10 comes back as a zero variance.
    guard gsl_multifit_nlinear_covar(gsl_multifit_nlinear_jac(handle), 1e-10, matrix) == 0 else {
      return nil
    }
    var values: [Double] = []
    values.reserveCapacity(p * p)
    for i in 0..<p {
      for j in 0..<p { values.append(gsl_matrix_get(matrix, i, j)) }
    }
    let isRegular = (0..<p).allSatisfy { values[$0 * p + $0] > 0 } && values.allSatisfy(\.isFinite)
    return isRegular ? values : nil
  }

  private func isFinite(_ vector: UnsafeMutablePointer<gsl_vector>?) -> Bool {
    (0..<n).allSatisfy { gsl_vector_get(vector, $0).isFinite }
  }

  private func array(_ vector: UnsafeMutablePointer<gsl_vector>?, count: Int) -> [Double] {
    (0..<count).map { gsl_vector_get(vector, $0) }
  }
}

private func residualCallback(
  _ x: UnsafePointer<gsl_vector>?, _ context: UnsafeMutableRawPointer?,
  _ f: UnsafeMutablePointer<gsl_vector>?
) -> Int32 {
  guard let x, let f, let context = CallbackContext.from(context) else {
    return Int32(GSL_EFAULT)
  }
  // Both vectors are whole ones of the workspace, since the Jacobian is ours: no stride.
  precondition(x.pointee.stride == 1 && f.pointee.stride == 1)
  context.function.residuals(
    at: UnsafeBufferPointer(start: x.pointee.data, count: x.pointee.size),
    into: UnsafeMutableBufferPointer(start: f.pointee.data, count: f.pointee.size))
  return 0
}

private func jacobianCallback(
  _ x: UnsafePointer<gsl_vector>?, _ context: UnsafeMutableRawPointer?,
  _ jacobian: UnsafeMutablePointer<gsl_matrix>?
) -> Int32 {
  guard let x, let jacobian, let context = CallbackContext.from(context) else {
    return Int32(GSL_EFAULT)
  }
  let matrix = jacobian.pointee
  precondition(x.pointee.stride == 1 && matrix.tda == matrix.size2)
  context.function.jacobian(
    at: UnsafeBufferPointer(start: x.pointee.data, count: x.pointee.size),
    into: UnsafeMutableBufferPointer(start: matrix.data, count: matrix.size1 * matrix.size2))
  return 0
}
