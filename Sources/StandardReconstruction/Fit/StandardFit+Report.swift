import Glibc
internal import LeastSquaresFit
import ShowerModel

/// What is reported of a fit.
extension StandardFit {
  /// Result and stations, or a failure where the covariance is singular or a value not finite.
  func report(
    _ best: JointFit, _ selected: [SelectedStation], _ workspace: FitWorkspace
  ) -> (result: StandardResult, stations: [StationSignal]) {
    let outcome: FitOutcome
    do {
      outcome = try FitOutcome(best, workspace)
    } catch {
      return (.failed(error.status), selected.map { $0.signal() })
    }
    let (problem, state, covariance) = (outcome.problem, outcome.state, outcome.covariance)
    var result = StandardResult(reconstruction: reconstruction(outcome.parameters, covariance))
    result.signal800 = problem.terms == .all ? outcome.parameters.signal800 : .nan
    result.signal800Sigma = result.signal800 * covariance.sigma(.logSignal800)
    result.curvature = outcome.parameters.curvature * outcome.curvatureUnit
    result.curvatureSigma = covariance.sigma(.curvature)
    result.directionSigma = covariance.directionSigma
    result.chi2Time = outcome.chi2.time
    result.chi2Signal = outcome.chi2.signal
    result.chi2Silent = outcome.chi2.silent
    result.degreesOfFreedom = outcome.degreesOfFreedom
    result.edgeDistance = array.distanceInsideEdge(
      outcome.parameters.core.x, outcome.parameters.core.y)
    result.stationCount = selected.stationCount
    result.saturatedCount = selected.count(.saturated)
    result.badTimingCount = selected.count(.badTiming)
    result.silentCount = problem.silentCount
    result.passes = state.passes
    result.iterations = state.minimum.iterations
    result.flags = flags(outcome, selected)
    result.covariance = covariance.byRows
    if let fault = fault(result) { result.reconstruction.status = fault }
    return (result, stationSignals(selected, outcome))
  }

  private func reconstruction(
    _ parameters: FitParameters, _ covariance: ReportedCovariance
  ) -> Reconstruction {
    let direction = parameters.direction
    let isJoint = configuration.mode == .joint
    let energy =
      isJoint
      ? energyTable.logEnergy(signal800: parameters.signal800, zenith: direction.zenith) : nil
    return Reconstruction(
      shower: Shower(
        logEnergy: energy.map { $0.value + Units.logEnergyOfEeV } ?? .nan,
        zenith: direction.zenith, azimuth: direction.azimuth, coreX: parameters.core.x,
        coreY: parameters.core.y, time: parameters.time),
      sigma: Shower(
        logEnergy: energy.map { logEnergySigma($0.perLogSignal, $0.perZenith, covariance) } ?? .nan,
        zenith: covariance.sigma(.zenith), azimuth: covariance.sigma(.azimuth),
        coreX: covariance.sigma(.coreX), coreY: covariance.sigma(.coreY),
        time: covariance.sigma(.time)),
      status: !isJoint
        ? .geometryOnly
        : energy != nil ? .good : energyTable.isNone ? .noEnergyTable : .outsideEnergyTable)
  }

  /// Larger chi2/ndf than any shower's.
  private static let largestReducedChi2 = 1e4

  /// Why numbers of a fit that ended mean nothing.
  private func fault(_ result: StandardResult) -> ReconstructionStatus? {
    if result.reducedChi2 > Self.largestReducedChi2 { return .impossibleChi2 }
    return result.flags.contains(.zenithLimited) ? .parameterAtLimit : nil
  }

  private func logEnergySigma(
    _ perLogSignal: Double, _ perZenith: Double, _ covariance: ReportedCovariance
  ) -> Double {
    let variance =
      perLogSignal * perLogSignal * covariance[.logSignal800, .logSignal800]
      + 2 * perLogSignal * perZenith * covariance[.logSignal800, .zenith]
      + perZenith * perZenith * covariance[.zenith, .zenith]
    return max(variance, 0).squareRoot()
  }

  private func flags(_ outcome: FitOutcome, _ selected: [SelectedStation]) -> FitFlags {
    let (problem, parameters) = (outcome.problem, outcome.parameters)
    var flags: FitFlags = []
    if problem.coreConstraint != nil { flags.insert(.coreConstrained) }
    if !problem.free.contains(.curvature) { flags.insert(.curvatureFixed) }
    let mean = configuration.expectedCurvature(
      signal800: parameters.signal800, zenith: parameters.direction.zenith)
    if configuration.isCurved, !(0.3 * mean...3 * mean).contains(parameters.curvature) {
      flags.insert(.curvatureExtreme)
    }
    if let largest = selected.largest, array.isAtEdge(largest.pulse.station) {
      flags.insert(.atEdge)
    }
    let energy = energyTable.logEnergy(
      signal800: parameters.signal800, zenith: parameters.direction.zenith)
    if configuration.mode == .joint, energy?.isExtrapolated ?? false {
      flags.insert(.energyExtrapolated)
    }
    if parameters.isZenithLimited { flags.insert(.zenithLimited) }
    if !outcome.state.isSettled { flags.insert(.branchesUnsettled) }
    return flags
  }

  /// What is stored of each station.
  private func stationSignals(
    _ selected: [SelectedStation], _ outcome: FitOutcome
  ) -> [StationSignal] {
    let problem = outcome.problem
    let point = ModelPoint(outcome.parameters)
    var index = 0
    return selected.map { station in
      var signal = station.signal()
      let model = StationModel(
        station.position, point, configuration, logSignal: { log(station.pulse.density) })
      signal.timeResidual = station.pulse.time - model.time
      if problem.terms == .all { signal.expectedSignal = model.signal }
      guard station.role != .excluded else { return signal }
      let (fitted, errors) = (problem.stations[index], problem.errors[index])
      if problem.hasTime(fitted) {
        signal.timeSigma = errors.time
        signal.timePull = outcome.pulls[index].time
      }
      if problem.hasSignal(fitted) {
        signal.signalTerm = errors.isPoisson ? .poisson : .gaussian
        signal.signalSigma = errors.signal
        signal.signalPull = outcome.pulls[index].signal
      }
      index += 1
      return signal
    }
  }
}

extension SelectedStation {
  /// What is stored of the station, without a fit.
  func signal() -> StationSignal {
    StationSignal(
      station: pulse.station, time: pulse.time, timeError: pulse.timeError, upper: pulse.upper,
      lower: pulse.lower, area: pulse.area, badLayers: pulse.badLayers,
      windowCount: pulse.windowCount, isSaturated: pulse.isSaturated, level: level, role: role)
  }
}
