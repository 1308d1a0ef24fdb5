internal import LeastSquaresFit
import ShowerModel

/// What is reported of a fit.
extension StandardFit {
  func report(_ fit: JointFit, _ roles: StationRoles) -> StandardResult {
    let (parameters, solution) = (fit.parameters, fit.solution)
    let direction = parameters.direction
    let covariance = ReportedCovariance(
      free: solution.covariance ?? [], indices: fit.function.free, at: parameters)
    let energy = energyTable.logEnergy(
      signal800: parameters.signal800, zenith: direction.zenith)
    let reconstruction = Reconstruction(
      shower: Shower(
        logEnergy: energy.map { $0.value + Units.logEnergyOfEeV } ?? .nan,
        zenith: direction.zenith, azimuth: direction.azimuth, coreX: parameters.core.x,
        coreY: parameters.core.y, time: parameters.time),
      sigma: Shower(
        logEnergy: energy.map { logEnergySigma($0.perLogSignal, $0.perZenith, covariance) } ?? .nan,
        zenith: covariance.sigma(2), azimuth: covariance.sigma(3), coreX: covariance.sigma(0),
        coreY: covariance.sigma(1), time: covariance.sigma(5)),
      status: energy == nil ? .outsideEnergyTable : .good)

    var result = StandardResult(reconstruction: reconstruction)
    result.signal800 = parameters.signal800
    result.signal800Sigma = parameters.signal800 * covariance.sigma(4)
    result.curvature = parameters.curvature
    result.curvatureSigma = covariance.sigma(6)
    result.directionSigma = covariance.directionSigma
    (result.chi2Time, result.chi2Signal, result.chi2Silent) = fit.chi2Parts
    let function = fit.function
    result.degreesOfFreedom =
      Double(function.timeCount + function.signalCount) + 0.1 * Double(function.silentCount)
      - Double(function.free.count)
    result.edgeDistance = array.distanceInsideEdge(parameters.core.x, parameters.core.y)
    result.stationCount = roles.count(.fitted) + roles.count(.saturated)
    result.saturatedCount = roles.count(.saturated)
    result.badTimingCount = roles.count(.badTiming)
    result.silentCount = function.silentCount
    result.passes = fit.passes
    result.iterations = solution.iterations
    result.flags = flags(fit, roles)
    result.covariance = covariance.matrix
    return result
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

  private func flags(_ fit: JointFit, _ roles: StationRoles) -> FitFlags {
    var flags: FitFlags = []
    if fit.function.tie != nil { flags.insert(.coreConstrained) }
    if !fit.function.free.contains(JointParameters.curvature) { flags.insert(.curvatureFixed) }
    let mean = ShowerFront.expectedCurvature(
      signal800: fit.parameters.signal800, zenith: fit.parameters.direction.zenith)
    if !(0.3 * mean...3 * mean).contains(fit.parameters.curvature) {
      flags.insert(.curvatureExtreme)
    }
    if let largest = roles.largestStation, array.isAtEdge(largest) { flags.insert(.atEdge) }
    if fit.parameters.isZenithLimited { flags.insert(.zenithLimited) }
    if !fit.isSettled { flags.insert(.branchesUnsettled) }
    return flags
  }
}
