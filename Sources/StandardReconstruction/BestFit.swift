internal import LeastSquaresFit
import ShowerModel

/// The best of the joint fits of one event.
struct BestFit {
  var fit: JointFit
  var isTied: Bool
}

/// Why a fit has no result.
struct FitFailure: Error {
  var status: ReconstructionStatus
}

extension BestFit {
  /// Fits from two starts and keeps the lower chi2; ties the core to the barycentre if it runs away.
  ///
  /// The second start is tried on the errors and branches of the first one's minimum, so that the two chi2
  /// are of the same function; where it leads to a lower minimum, the passes go on from there.
  /// - Returns: the fit; the function then holds its errors, branches and tie.
  static func find(
    _ function: JointFitFunction, from first: JointParameters, or second: JointParameters?,
    event: PreparedEvent, _ minimiser: LevenbergMarquardt, spare: inout FrozenErrors
  ) -> Result<BestFit, FitFailure> {
    var best = lowest(function, from: first, or: second, event, minimiser, &spare)
    var isTied = false
    if best.map({ isRunaway($0, function, event) }) ?? true,
      function.free.contains(JointParameters.coreX)
    {
      function.tie = event.start.barycentre
      isTied = true
      best = lowest(function, from: first, or: second, event, minimiser, &spare)
    }
    guard let best, isPhysical(best) else {
      return .failure(FitFailure(status: .unphysical))
    }
    guard best.minimum.isConverged else { return .failure(FitFailure(status: .notConverged)) }
    return .success(BestFit(fit: best, isTied: isTied))
  }

  private static func lowest(
    _ function: JointFitFunction, from first: JointParameters, or second: JointParameters?,
    _ event: PreparedEvent, _ minimiser: LevenbergMarquardt, _ spare: inout FrozenErrors
  ) -> JointFit? {
    let one = JointFit.run(function, from: first, minimiser)
    guard let second else { return one }
    guard let one, one.minimum.isConverged, !isRunaway(one, function, event) else {
      return JointFit.run(function, from: second, minimiser) ?? one
    }
    guard
      let (start, rival) = function.minimum(from: second, minimiser, until: JointFit.loose),
      rival.chi2 < one.minimum.chi2 - 0.01
    else { return one }
    swap(&function.errors, &spare)
    if let other = JointFit.run(function, from: start, minimiser), other.minimum.isConverged,
      other.minimum.chi2 < one.minimum.chi2, !isRunaway(other, function, event)
    {
      return other
    }
    swap(&function.errors, &spare)
    return one
  }

  private static func isPhysical(_ fit: JointFit) -> Bool {
    fit.parameters.isFinite && fit.minimum.chi2.isFinite
      && abs(fit.parameters.q[JointParameters.logSignal800]) < 20
  }

  /// Whether the core has left the stations of the cluster, those included that have no term in the fit: the
  /// station beside the core may be one of them.
  private static func isRunaway(
    _ fit: JointFit, _ function: JointFitFunction, _ event: PreparedEvent
  ) -> Bool {
    guard isPhysical(fit) else { return true }
    guard function.free.contains(JointParameters.coreX) else { return false }
    let core = fit.parameters.core
    let limit = function.configuration.largestCoreDistance
    for station in event.selected where station.isInCluster {
      let d = SIMD2(station.position.x, station.position.y) - core
      if (d * d).sum() <= limit * limit { return false }
    }
    return true
  }
}
