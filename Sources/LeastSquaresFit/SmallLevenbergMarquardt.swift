/// Levenberg-Marquardt for few parameters, in the metric of its start.
///
/// The damping is a multiple of J^T J at the start. So the parameters' units and correlations do
/// not matter, and lengths are in standard deviations. The rule of the damping is Nielsen's, as
/// GSL has it. Steps come from normal equations of at most 8 rows, held in registers. GSL's calls
/// of BLAS cost more than the model at this size. No result depends on the BLAS of a machine.
/// Source: Madsen, Nielsen and Tingleff, Methods for non-linear least squares problems (2004).
public enum SmallLevenbergMarquardt {
  /// Trial steps in a row that do not lower chi2.
  private static let rejectionLimit = 15

  /// The minimum of the sum of squares that is reached from a start.
  ///
  /// - Parameters:
  ///   - problem: what to minimise.
  ///   - start: a value for each parameter, the other elements zero.
  ///   - stepLimit: ends with a step that is shorter, in standard deviations of the start.
  ///   - iterationLimit: largest number of steps.
  /// - Returns: the point, and how it ended; nil where chi2 is not finite at the start.
  public static func minimise(
    _ problem: some SmallProblem, from start: SIMD8<Double>, stepLimit: Double,
    iterationLimit: Int = 100
  ) -> (point: SIMD8<Double>, minimum: Minimum)? {
    let (n, p) = (problem.residualCount, problem.parameterCount)
    var terms = problem.terms(at: start)
    var chi2 = squares(terms.residuals, n)
    guard n >= p, chi2.isFinite else { return nil }
    var equations = NormalEquations(
      residuals: terms.residuals, jacobian: terms.jacobian, rowCount: n, order: p)
    var metric = equations.matrix
    // Without full rank each parameter has the length of its own column.
    var factor = metric
    if !factor.factorise(damping: 0, metric, order: p) {
      metric = SmallSymmetricMatrix(diagonalOf: metric, order: p)
    }
    var (point, damping, growth) = (start, 1e-3, 2.0)
    var (iterations, rejections) = (0, 0)
    var ending = Termination.iterationLimit
    while iterations < iterationLimit {
      guard rejections <= rejectionLimit else {
        ending = .noProgress
        break
      }
      factor = equations.matrix
      if factor.factorise(damping: damping, metric, order: p) {
        let step = factor.solve(-equations.gradient, order: p)
        let length2 = metric.squaredLength(of: step, order: p)
        let predicted = damping * length2 - (equations.gradient * step).sum()
        // A step that is short for its damping alone says nothing. The last one needs no look at
        // where it leads: the parabola is exact to its square.
        if length2 < stepLimit * stepLimit && damping < 1 {
          point += step
          chi2 = max(chi2 - predicted, 0)
          iterations += 1
          ending = .smallStep
          break
        }
        if predicted < 1e-14 * chi2 {
          ending = .noProgress
          break
        }
        terms = problem.terms(at: point + step)
        let trial = squares(terms.residuals, n)
        if trial < chi2 {
          equations = NormalEquations(
            residuals: terms.residuals, jacobian: terms.jacobian, rowCount: n, order: p)
          let quality = 2 * (chi2 - trial) / predicted - 1
          damping *= max(1.0 / 3, 1 - quality * quality * quality)
          growth = 2
          point += step
          chi2 = trial
          iterations += 1
          rejections = 0
          continue
        }
      }
      damping *= growth
      growth *= 2
      rejections += 1
    }
    return (point, Minimum(chi2: chi2, iterations: iterations, termination: ending))
  }

  private static func squares(_ values: UnsafePointer<Double>, _ count: Int) -> Double {
    var sum = 0.0
    for k in 0..<count { sum += values[k] * values[k] }
    return sum
  }
}
