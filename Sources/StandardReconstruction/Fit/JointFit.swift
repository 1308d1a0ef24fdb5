import Glibc
internal import LeastSquaresFit
import ShowerModel

/// A finished fit: the problem with the errors of its last pass, and where the fit ended.
struct JointFit {
  let problem: FitProblem
  let state: FitState

  /// Early passes only prepare the errors of the next one [standard deviations].
  static let loose = 0.02
  /// Other starts only show whether they lead to a lower chi2.
  static let rough = 0.2
  static let tight = 1e-4

  var chi2: Double { state.minimum.chi2 }
}

/// Why a fit has no result.
struct FitFailure: Error {
  var status: ReconstructionStatus
}

// MARK: - Passes from one start

extension JointFit {
  /// Fits from one start, pass by pass, with errors frozen during a pass.
  ///
  /// Ends when no signal term changes its form and no parameter moves by 0.05 of its error. Ends
  /// also with the last pass allowed.
  /// - Parameters:
  ///   - problem: its errors are not used.
  ///   - start: values of all parameters.
  ///   - workspace: of this thread.
  /// - Returns: nil where the minimiser gives up.
  static func run(
    _ problem: FitProblem, from start: FitParameters, _ workspace: FitWorkspace
  ) -> JointFit? {
    let passes = problem.model.configuration.passes
    var problem = problem.frozen(at: start, reusing: workspace.takeErrors())
    var parameters = start
    var pass = 1
    while true {
      let isEarly = pass < passes.lowerBound
      guard
        var state = workspace.minimise(
          problem, from: parameters, stepLimit: isEarly ? loose : tight, needsCovariance: !isEarly)
      else {
        workspace.recycle(problem)
        return nil
      }
      state.passes = pass
      state.isSettled =
        isClose(parameters, state, problem.free)
        && !problem.changesSignalTerm(at: state.parameters)
      parameters = state.parameters
      if state.isSettled || pass >= passes.upperBound {
        return JointFit(problem: problem, state: state)
      }
      problem = (consume problem).refrozen(at: parameters)
      pass += 1
    }
  }

  /// Whether no parameter differs by 0.05 of its error; false without a covariance.
  private static func isClose(
    _ old: FitParameters, _ new: FitState, _ free: FreeParameters
  ) -> Bool {
    guard let covariance = new.covariance else { return false }
    for position in 0..<free.count {
      let parameter = free[position]
      let step = abs(new.parameters[parameter] - old[parameter])
      if !(step < 0.05 * covariance[parameter, parameter].squareRoot()) { return false }
    }
    return true
  }
}

// MARK: - The best of several starts

extension JointFit {
  /// Fits from two starts and keeps the lower chi2.
  ///
  /// The core is constrained to the barycentre if it runs away.
  /// - Parameters:
  ///   - problem: its errors are not used.
  ///   - first: values of all parameters.
  ///   - second: nil for one start alone.
  ///   - event: that of the problem.
  ///   - workspace: of this thread.
  /// - Returns: the fit, or the reason why there is none.
  static func best(
    of problem: FitProblem, from first: FitParameters, or second: FitParameters?,
    event: PreparedEvent, _ workspace: FitWorkspace
  ) -> Result<JointFit, FitFailure> {
    var best = lowest(problem, from: first, or: second, event, workspace)
    if best?.isRunaway(from: event) ?? true, problem.free.contains(.coreX) {
      if let runaway = best {
        // Nobody may share the memory when the next fit takes it.
        best = nil
        workspace.recycle(runaway.problem)
      }
      let constrained = problem.constrained(to: event.start.barycentre)
      best = lowest(constrained, from: first, or: second, event, workspace)
    }
    guard let best else { return .failure(FitFailure(status: .unphysical)) }
    guard best.isPhysical, best.state.minimum.isConverged else {
      workspace.recycle(best.problem)
      return .failure(FitFailure(status: best.fault))
    }
    return .success(best.refined(workspace))
  }

  /// The same minimum by GSL's Levenberg-Marquardt, which has the last word.
  ///
  /// The passes before only lead to it. Where GSL ends without a minimum, theirs is kept.
  private func refined(_ workspace: FitWorkspace) -> JointFit {
    guard let refined = workspace.refined(state, of: problem), refined.minimum.isConverged,
      refined.minimum.chi2 <= chi2 * (1 + 1e-9) + 1e-9
    else { return self }
    return JointFit(problem: problem, state: refined)
  }

  /// The fit of the lower chi2.
  ///
  /// The second start uses the errors of the first one's minimum, so that the two chi2 belong to
  /// the same problem. If it leads to a lower minimum, passes continue from there. Where chi2 is
  /// poor, starts from the barycentre and 500 m about it follow on those errors.
  private static func lowest(
    _ problem: FitProblem, from first: FitParameters, or second: FitParameters?,
    _ event: PreparedEvent, _ workspace: FitWorkspace
  ) -> JointFit? {
    let one = run(problem, from: first, workspace)
    guard let second else { return one }
    guard let one, one.state.minimum.isConverged, !one.isRunaway(from: event) else {
      guard let other = run(problem, from: second, workspace) else { return one }
      if let one { workspace.recycle(one.problem) }
      return other
    }
    var best = lower(one, problem, from: second, event, workspace)
    guard best.isPoor else { return best }
    let centre = event.start.barycentre
    let about = [SIMD2(500, 0), SIMD2(-500, 0), SIMD2(0, 500), SIMD2(0, -500)].map { centre + $0 }
    for core in [centre] + about {
      best = lower(best, problem, from: first.moved(to: core), event, workspace)
    }
    return best
  }

  /// A fit, or the one that another start leads to, if its chi2 is lower on the same errors.
  ///
  /// The other start must first lead to a lower minimum on the errors of this fit. Passes go on
  /// from there, and end with errors of their own. The fit of the larger likelihood is then kept:
  /// chi2 alone would prefer the larger errors.
  private static func lower(
    _ one: JointFit, _ problem: FitProblem, from start: FitParameters, _ event: PreparedEvent,
    _ workspace: FitWorkspace
  ) -> JointFit {
    guard let rival = workspace.minimise(one.problem, from: start, stepLimit: rough),
      rival.minimum.chi2 < one.chi2 - 0.01,
      let other = run(problem, from: rival.parameters, workspace)
    else { return one }
    let isBetter =
      other.state.minimum.isConverged && !other.isRunaway(from: event)
      && other.negativeLogLikelihood < one.negativeLogLikelihood
    workspace.recycle((isBetter ? one : other).problem)
    return isBetter ? other : one
  }

  /// -2 ln L: chi2 and the sum of 2 ln sigma_t, which differs between places as chi2 does.
  ///
  /// Errors of signals hardly differ.
  private var negativeLogLikelihood: Double {
    problem.stations.indices.reduce(chi2) { sum, index in
      problem.hasTime(problem.stations[index]) ? sum + 2 * log(problem.errors[index].time) : sum
    }
  }

  /// Whether chi2 is so large that another minimum is worth looking for.
  ///
  /// Side minima are those of showers with few stations.
  private var isPoor: Bool {
    let count = problem.timeCount + problem.signalCount - problem.free.count
    return chi2 > (problem.timeCount <= 10 ? 1.75 : 3) * Double(max(count, 1))
  }

  /// Largest |ln(S800 / (VEM/m2))|.
  private static let largestLogSignal = 20.0

  private var isFinite: Bool { state.parameters.isFinite && chi2.isFinite }

  private var isPhysical: Bool {
    isFinite && abs(state.parameters[.logSignal800]) < Self.largestLogSignal
  }

  /// Why a fit that has not converged, or is not physical, has no result.
  private var fault: ReconstructionStatus {
    isPhysical ? .notConverged : isFinite ? .parameterAtLimit : .unphysical
  }

  /// Whether the core has left the stations of the cluster.
  ///
  /// Those without a term in the fit count: the station beside the core may be one of them.
  private func isRunaway(from event: PreparedEvent) -> Bool {
    guard isPhysical else { return true }
    guard problem.free.contains(.coreX) else { return false }
    let core = state.parameters.core
    let limit = problem.model.configuration.largestCoreDistance
    for station in event.selected where station.isInCluster {
      let d = SIMD2(station.position.x, station.position.y) - core
      if (d * d).sum() <= limit * limit { return false }
    }
    return true
  }
}
