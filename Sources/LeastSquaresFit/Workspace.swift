internal import CGSL

/// How the linear equations of a step are solved.
enum Solver: Hashable {
  case cholesky
  case qr
}

/// Owner of one `gsl_multifit_nlinear_workspace`.
final class Workspace {
  private let handle: UnsafeMutablePointer<gsl_multifit_nlinear_workspace>?
  private let n: Int
  private let p: Int
  /// What GSL's callbacks reach through their `void *`; set during a fit only.
  private var function: (any ResidualFunction)?

  // GSL ends the process on any error unless told otherwise.
  static let switchOffAbort: Void = { gsl_set_error_handler_off() }()

  init(residuals n: Int, parameters p: Int, solver: Solver) {
    self.n = n
    self.p = p
    var settings = gsl_multifit_nlinear_default_parameters()
    settings.trs = cgsl_trs_lm()
    settings.scale = cgsl_scale_more()
    settings.solver = solver == .qr ? cgsl_solver_qr() : cgsl_solver_cholesky()
    handle = gsl_multifit_nlinear_alloc(cgsl_trust(), &settings, n, p)
  }

  deinit {
    gsl_multifit_nlinear_free(handle)
  }

  func minimise(
    _ function: any ResidualFunction, at parameters: UnsafeMutableBufferPointer<Double>,
    until criteria: ConvergenceCriteria
  ) throws(LeastSquaresError) -> Minimum {
    guard let handle else { throw .failed("out of memory") }
    self.function = function
    defer { self.function = nil }
    var problem = gsl_multifit_nlinear_fdf()
    problem.f = residualCallback
    problem.df = jacobianCallback
    problem.n = n
    problem.p = p
    problem.params = Unmanaged.passUnretained(self).toOpaque()

    var info: Int32 = 0
    var status: Int32 = 0
    // GSL keeps the pointers to the problem and the start: both must live through the driver.
    withUnsafeMutablePointer(to: &problem) { problem in
      var view = gsl_vector_view_array(parameters.baseAddress, p)
      status = gsl_multifit_nlinear_init(&view.vector, problem, handle)
      guard status == 0, isFinite(gsl_multifit_nlinear_residual(handle)) else {
        status = Int32(GSL_EBADFUNC)
        return
      }
      status = gsl_multifit_nlinear_driver(
        criteria.iterationLimit, criteria.stepTolerance, criteria.gradientTolerance, 0, nil, nil,
        &info, handle)
    }
    guard status == 0 || Int(status) == Int(GSL_EMAXITER) else {
      throw .failed(String(cString: gsl_strerror(status)))
    }
    let termination: Termination =
      if status == 0 {
        info == 1 ? .smallStep : .smallGradient
      } else {
        Int(info) == Int(GSL_ENOPROG) ? .noProgress : .iterationLimit
      }
    var chi2 = 0.0
    if let residuals = gsl_multifit_nlinear_residual(handle) {
      for i in 0..<n { chi2 += residuals.pointee.data[i] * residuals.pointee.data[i] }
    }
    if let position = gsl_multifit_nlinear_position(handle) {
      for k in 0..<p { parameters[k] = position.pointee.data[k] }
    }
    return Minimum(
      chi2: chi2, iterations: gsl_multifit_nlinear_niter(handle), termination: termination)
  }

  private func isFinite(_ vector: UnsafeMutablePointer<gsl_vector>?) -> Bool {
    guard let vector else { return false }
    for i in 0..<n where !vector.pointee.data[i].isFinite { return false }
    return true
  }

  static func function(behind pointer: UnsafeMutableRawPointer?) -> (any ResidualFunction)? {
    pointer.flatMap { Unmanaged<Workspace>.fromOpaque($0).takeUnretainedValue().function }
  }
}

private func residualCallback(
  _ x: UnsafePointer<gsl_vector>?, _ context: UnsafeMutableRawPointer?,
  _ f: UnsafeMutablePointer<gsl_vector>?
) -> Int32 {
  guard let x, let f, let function = Workspace.function(behind: context) else {
    return Int32(GSL_EFAULT)
  }
  // Both vectors are whole ones of the workspace, since the Jacobian is ours: no stride.
  precondition(x.pointee.stride == 1 && f.pointee.stride == 1)
  function.residuals(
    at: UnsafeBufferPointer(start: x.pointee.data, count: x.pointee.size),
    into: UnsafeMutableBufferPointer(start: f.pointee.data, count: f.pointee.size))
  return 0
}

private func jacobianCallback(
  _ x: UnsafePointer<gsl_vector>?, _ context: UnsafeMutableRawPointer?,
  _ jacobian: UnsafeMutablePointer<gsl_matrix>?
) -> Int32 {
  guard let x, let jacobian, let function = Workspace.function(behind: context) else {
    return Int32(GSL_EFAULT)
  }
  let matrix = jacobian.pointee
  precondition(x.pointee.stride == 1 && matrix.tda == matrix.size2)
  function.jacobian(
    at: UnsafeBufferPointer(start: x.pointee.data, count: x.pointee.size),
    into: MatrixRows(
      UnsafeMutableBufferPointer(start: matrix.data, count: matrix.size1 * matrix.size2),
      columns: matrix.size2))
  return 0
}
