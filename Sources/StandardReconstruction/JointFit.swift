import Glibc
internal import LeastSquaresFit
import ShowerModel

/// The joint fit of one event, in passes with errors and branches frozen.
struct JointFit {
  var parameters: JointParameters
  var minimum: Minimum
  var passes: Int
  /// Whether the last pass changed no branch and no parameter by 0.05 of its error.
  var isSettled: Bool

  /// Early passes only prepare the errors of the next one.
  static let loose = ConvergenceCriteria(stepTolerance: 1e-5, gradientTolerance: 1e-5)
  static let tight = ConvergenceCriteria()

  /// Fits from one start until no branch changes and no parameter moves by 0.05 of its error.
  ///
  /// The function keeps the errors of the last pass, and its free parameters and tie. nil where the
  /// minimiser gives up.
  static func run(
    _ function: JointFitFunction, from start: JointParameters, _ minimiser: LevenbergMarquardt
  ) -> JointFit? {
    let passes = function.configuration.passes
    var parameters = start
    function.errors.reset(count: function.stations.count)
    function.freeze(at: start)
    var pass = 1
    while true {
      let isEarly = pass < passes.lowerBound
      guard
        let (next, minimum) = function.minimum(
          from: parameters, minimiser, until: isEarly ? loose : tight)
      else { return nil }
      let isSettled =
        !isEarly && isClose(parameters, next, function, minimiser)
        && !function.changesBranch(at: next)
      parameters = next
      if isSettled || pass >= passes.upperBound {
        return JointFit(
          parameters: parameters, minimum: minimum, passes: pass, isSettled: isSettled)
      }
      function.freeze(at: parameters)
      pass += 1
    }
  }

  /// Whether no parameter differs by 0.05 of its error.
  private static func isClose(
    _ old: JointParameters, _ new: JointParameters, _ function: JointFitFunction,
    _ minimiser: LevenbergMarquardt
  ) -> Bool {
    let p = function.free.count
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: p * p) { matrix in
      guard function.covariance(at: new, minimiser, into: matrix) else { return false }
      for lane in 0..<p {
        let index = function.free.indices[lane]
        let step = abs(new.q[index] - old.q[index])
        if !(step < 0.05 * matrix[lane * p + lane].squareRoot()) { return false }
      }
      return true
    }
  }
}
