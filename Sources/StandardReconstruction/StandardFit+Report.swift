import Glibc
internal import LeastSquaresFit
import ShowerModel

/// What is reported of a fit.
extension StandardFit {
  /// Result and stations, or a failure where the covariance is singular or a value not finite.
  func report(
    _ best: BestFit, _ selected: [SelectedStation], _ workspace: Workspace
  ) -> (result: StandardResult, stations: [StationSignal]) {
    let (fit, function) = (best.fit, workspace.function)
    let p = function.free.count
    let free = withUnsafeTemporaryAllocation(of: Double.self, capacity: p * p) { matrix in
      matrix.initialize(repeating: 0)
      return function.covariance(at: fit.parameters, workspace.minimiser, into: matrix)
        ? Array(matrix) : nil
    }
    guard let free else { return (.failed(.singularCovariance), selected.map { $0.signal() }) }
    let curvatureUnit = curvatureUnit(fit.parameters)
    let covariance = ReportedCovariance(
      free: free, indices: function.free, at: fit.parameters, curvatureUnit: curvatureUnit)
    guard covariance.isFinite else { return (.failed(.unphysical), selected.map { $0.signal() }) }

    var result = StandardResult(reconstruction: reconstruction(fit.parameters, covariance))
    result.signal800 = function.terms == .all ? fit.parameters.signal800 : .nan
    result.signal800Sigma = result.signal800 * covariance.sigma(4)
    result.curvature = fit.parameters.curvature * curvatureUnit
    result.curvatureSigma = covariance.sigma(6)
    result.directionSigma = covariance.directionSigma
    (result.chi2Time, result.chi2Signal, result.chi2Silent) = function.chi2Parts(fit.parameters)
    result.degreesOfFreedom =
      Double(function.timeCount + function.signalCount) + 0.1 * Double(function.silentCount)
      - Double(p) + (function.scaleSigma == nil ? 0 : 1)
    result.edgeDistance = array.distanceInsideEdge(
      fit.parameters.core.x, fit.parameters.core.y)
    result.stationCount = selected.stationCount
    result.saturatedCount = selected.count(.saturated)
    result.badTimingCount = selected.count(.badTiming)
    result.silentCount = function.silentCount
    result.passes = fit.passes
    result.iterations = fit.minimum.iterations
    result.flags = flags(best, selected, function)
    result.covariance = covariance.matrix
    let pulls = StationPulls(function, fit.parameters, covariance: free)
    return (result, stationSignals(selected, fit.parameters, function, pulls))
  }

  /// a of a curvature parameter of 1 [ns]. The factor on a tuned front is told as the curvature of a published
  /// front in the mean shower times that factor, so that it means about the same.
  private func curvatureUnit(_ parameters: JointParameters) -> Double {
    configuration.tunedFront == nil
      ? 1
      : configuration.front.expectedCurvature(
        signal800: parameters.signal800, zenith: parameters.direction.zenith)
  }

  private func reconstruction(
    _ parameters: JointParameters, _ covariance: ReportedCovariance
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
        zenith: covariance.sigma(2), azimuth: covariance.sigma(3), coreX: covariance.sigma(0),
        coreY: covariance.sigma(1), time: covariance.sigma(5)),
      status: !isJoint ? .geometryOnly : energy == nil ? .outsideEnergyTable : .good)
  }

  private func logEnergySigma(
    _ perLogSignal: Double, _ perZenith: Double, _ covariance: ReportedCovariance
  ) -> Double {
    let m = covariance.matrix
    let (s, z, count) = (4, 2, JointParameters.count)
    let variance =
      perLogSignal * perLogSignal * m[s * count + s]
      + 2 * perLogSignal * perZenith * m[s * count + z]
      + perZenith * perZenith * m[z * count + z]
    return max(variance, 0).squareRoot()
  }

  private func flags(
    _ best: BestFit, _ selected: [SelectedStation], _ function: JointFitFunction
  ) -> FitFlags {
    let parameters = best.fit.parameters
    var flags: FitFlags = []
    if best.isTied { flags.insert(.coreConstrained) }
    if !function.free.contains(JointParameters.curvature) { flags.insert(.curvatureFixed) }
    let mean = configuration.expectedCurvature(
      signal800: parameters.signal800, zenith: parameters.direction.zenith)
    if configuration.isCurved, !(0.3 * mean...3 * mean).contains(parameters.curvature) {
      flags.insert(.curvatureExtreme)
    }
    if let largest = selected.largest, array.isAtEdge(largest.pulse.station) {
      flags.insert(.atEdge)
    }
    if parameters.isZenithLimited { flags.insert(.zenithLimited) }
    if !best.fit.isSettled { flags.insert(.branchesUnsettled) }
    return flags
  }

  /// What is stored of each station.
  private func stationSignals(
    _ selected: [SelectedStation], _ parameters: JointParameters, _ function: JointFitFunction,
    _ pulls: StationPulls
  ) -> [StationSignal] {
    let point = ModelPoint(parameters)
    var row = 0
    return selected.map { station in
      var signal = station.signal()
      let model = StationModel(
        station.position, point, configuration.lateralDistribution, configuration.front,
        tuned: configuration.tunedFront, logSignal: { log(station.pulse.density) },
        softening: configuration.coreSoftening)
      signal.timeResidual = station.pulse.time - model.time
      if function.terms == .all { signal.expectedSignal = model.signal }
      guard station.role != .excluded else { return signal }
      let fitted = function.stations[row]
      if function.hasTime(fitted) {
        signal.timeSigma = function.errors.time[row]
        signal.timePull = pulls.time[row]
      }
      if function.hasSignal(fitted) {
        signal.signalTerm = function.errors.isPoisson[row] ? .poisson : .gaussian
        signal.signalSigma = function.errors.signal[row]
        signal.signalPull = pulls.signal[row]
      }
      row += 1
      return signal
    }
  }
}

extension SelectedStation {
  /// What is stored of the station, without a fit.
  func signal() -> StationSignal {
    StationSignal(
      station: pulse.station, time: pulse.time, timeError: pulse.timeError, upper: pulse.upper,
      lower: pulse.lower, badLayers: pulse.badLayers, windowCount: pulse.windowCount,
      isSaturated: pulse.isSaturated,
      level: level, role: role)
  }
}
