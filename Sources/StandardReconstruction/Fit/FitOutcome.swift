import Glibc
internal import LeastSquaresFit
import ShowerModel

/// chi2 of the terms of each kind; constraints are left out.
struct ChiSquareParts {
  let time: Double
  let signal: Double
  let silent: Double
}

/// All that is known after a fit: parameters, chi2 by parts, covariances and pulls.
struct FitOutcome {
  let problem: FitProblem
  let state: FitState
  let chi2: ChiSquareParts
  let degreesOfFreedom: Double
  /// a for a curvature parameter of 1 [ns]: 1 but for a tuned front.
  let curvatureUnit: Double
  /// Of the reported parameters in native units.
  let covariance: ReportedCovariance
  /// By index of the station in the problem.
  let pulls: [StationPulls]

  var parameters: FitParameters { state.parameters }

  /// - Parameters:
  ///   - fit: the best one.
  ///   - workspace: of this thread.
  /// - Throws: `singularCovariance` where J has no full rank, `unphysical` where a covariance is
  ///   not finite.
  init(_ fit: JointFit, _ workspace: FitWorkspace) throws(FitFailure) {
    let (problem, parameters) = (fit.problem, fit.state.parameters)
    self.problem = problem
    state = fit.state
    guard let internalCovariance = fit.state.covariance else {
      throw FitFailure(status: .singularCovariance)
    }
    let configuration = problem.model.configuration
    // The factor on a tuned front is reported as the curvature of a published front in the mean
    // shower times that factor, so that it means about the same.
    curvatureUnit =
      configuration.tunedFront == nil
      ? 1
      : configuration.front.expectedCurvature(
        signal800: parameters.signal800, zenith: parameters.direction.zenith)
    covariance = ReportedCovariance(
      internalCovariance, of: problem.free, at: parameters, curvatureUnit: curvatureUnit)
    guard covariance.isFinite else { throw FitFailure(status: .unphysical) }
    let (times, signals, silent) = (problem.timeCount, problem.signalCount, problem.silentCount)
    degreesOfFreedom =
      Double(times + signals) + 0.1 * Double(silent) - Double(problem.free.count)
      + (problem.curvatureConstraint == nil ? 0 : 1)
    (chi2, pulls) = workspace.withTerms(of: problem, at: parameters) { residuals, jacobian in
      func sum(_ rows: Range<Int>) -> Double {
        rows.reduce(0) { $0 + residuals[$1] * residuals[$1] }
      }
      let parts = ChiSquareParts(
        time: sum(0..<times), signal: sum(times..<times + signals),
        silent: sum(times + signals..<times + signals + silent))
      let count = problem.free.count
      var elements: [Double] = []
      elements.reserveCapacity(count * count)
      for a in 0..<count {
        for b in 0..<count { elements.append(internalCovariance[problem.free[a], problem.free[b]]) }
      }
      let pulls = StationPulls.all(of: problem) { row in
        var leverage = 0.0
        for a in 0..<count {
          for b in 0..<count {
            leverage += jacobian[row, a] * elements[a * count + b] * jacobian[row, b]
          }
        }
        return leverage < 1 - 1e-6 ? residuals[row] / (1 - leverage).squareRoot() : 0
      }
      return (parts, pulls)
    }
  }
}

/// Studentised residuals of a station, r_i / sqrt(1 - h_i), h = diag(J C J^T).
///
/// A station that alone fixes a parameter has h = 1 and a residual of zero: its pull is given as 0.
struct StationPulls {
  /// NaN without a term of the time.
  private(set) var time = Double.nan
  /// NaN without a term of the signal.
  private(set) var signal = Double.nan

  /// One element for each station of a problem, from the pull of each row of its residuals.
  fileprivate static func all(of problem: FitProblem, _ pull: (Int) -> Double) -> [StationPulls] {
    var (timeRow, signalRow) = (0, problem.timeCount)
    return problem.stations.map { station in
      var pulls = StationPulls()
      if problem.hasTime(station) {
        pulls.time = pull(timeRow)
        timeRow += 1
      }
      if problem.hasSignal(station) {
        pulls.signal = pull(signalRow)
        signalRow += 1
      }
      return pulls
    }
  }
}
