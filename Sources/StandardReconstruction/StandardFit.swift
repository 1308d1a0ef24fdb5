import Glibc
internal import LeastSquaresFit
public import ShowerModel

/// The standard reconstruction: waveforms to pulses, stations, joint fit, energy.
///
/// Total: every event gives a result, a failed one with its reason in `status`.
/// Source: joint fit of the INR chain of the Telescope Array, minimised by Levenberg-Marquardt.
public struct StandardFit: Sendable {
  public let array: DetectorArray
  public let energyTable: EnergyTable
  public let configuration: FitConfiguration

  public init(
    array: DetectorArray, energyTable: EnergyTable,
    configuration: FitConfiguration = FitConfiguration()
  ) {
    self.array = array
    self.energyTable = energyTable
    self.configuration = configuration
  }

  /// What a thread keeps between events: the minimiser's workspaces, no values.
  public final class Workspace {
    let minimiser = LevenbergMarquardt()
    public init() {}
  }

  /// Reconstructs one event.
  ///
  /// - Returns: the result, and every station with a waveform with its part in it.
  public func reconstruct(
    _ event: Event, workspace: Workspace = Workspace()
  ) -> (result: StandardResult, stations: [StationSignal]) {
    let pulses = pulses(of: event)
    let selection = StationSelector(array: array, configuration: configuration).select(pulses)
    var roles = StationRoles(selection, array: array)
    guard let start = startValues(selection, &roles) else {
      let status: ReconstructionStatus =
        selection.cluster.isEmpty
        ? .noCluster : selection.cluster.count < 3 ? .underdetermined : .singularCovariance
      return (.failed(status), roles.stationSignals(fitted: nil, configuration))
    }
    let stations = roles.fitStations(event: event, start: start, array: array, configuration)
    switch bestFit(stations, start, workspace) {
    case .success(let fit):
      return (
        report(fit, roles), roles.stationSignals(fitted: fit.parameters, configuration)
      )
    case .failure(let failure):
      return (.failed(failure.status), roles.stationSignals(fitted: nil, configuration))
    }
  }

  private func pulses(of event: Event) -> [Pulse] {
    let finder = PulseFinder(configuration: configuration)
    let hits = event.hits.sorted { ($0.station, $0.windowStart) < ($1.station, $1.windowStart) }
    var pulses: [Pulse] = []
    var first = 0
    while first < hits.count {
      var last = first + 1
      while last < hits.count, hits[last].station == hits[first].station { last += 1 }
      pulses += finder.pulses(in: hits[first..<last])
      first = last
    }
    return pulses
  }

  private func startValues(
    _ selection: StationSelection, _ roles: inout StationRoles
  ) -> StartValues? {
    let members = selection.cluster.map {
      StartValues.Member(
        position: array.stations[$0.station].position, time: $0.time, timeError: $0.timeError,
        signal: $0.signal / Units.stationArea)
    }
    guard let start = StartValues(members) else { return nil }
    roles.assign(start, configuration)
    return start
  }

  /// Why a fit has no result.
  private struct FitFailure: Error {
    var status: ReconstructionStatus
  }

  /// Fits from the barycentre and from the core of a lateral-distribution fit, keeps the lower chi2.
  private func bestFit(
    _ stations: [FitStation], _ start: StartValues, _ workspace: Workspace
  ) -> Result<JointFit, FitFailure> {
    let timeCount = stations.count { $0.hasTime }
    let free = timeCount < 5 ? Array(0..<6) : Array(0..<7)
    guard timeCount + stations.count(where: \.hasSignal) >= free.count else {
      return .failure(FitFailure(status: .underdetermined))
    }
    let barycentre = startParameters(stations, core: start.barycentre, axis: start.axis)
    let starts = [barycentre, lateralFit(stations, from: barycentre, start, workspace)]
    let tie = (centre: start.barycentre, width: configuration.barycentreWidth)

    func fits(tie: (centre: SIMD2<Double>, width: Double)?) -> [JointFit] {
      starts.compactMap { $0 }.compactMap {
        try? JointFit.run(
          stations, from: $0, free: free, tie: tie, configuration: configuration,
          with: workspace.minimiser)
      }
    }
    var candidates = fits(tie: nil)
    if candidates.allSatisfy({ isRunaway($0, stations) }) { candidates = fits(tie: tie) }
    guard let best = candidates.min(by: { $0.solution.chi2 < $1.solution.chi2 }) else {
      return .failure(FitFailure(status: .unphysical))
    }
    guard best.solution.isConverged else { return .failure(FitFailure(status: .notConverged)) }
    guard best.solution.covariance != nil else {
      return .failure(FitFailure(status: .singularCovariance))
    }
    guard !isRunaway(best, stations) else { return .failure(FitFailure(status: .unphysical)) }
    return .success(best)
  }

  /// S800 from the signals at 300 ... 1800 m, t0 from the largest signal, mean curvature.
  private func startParameters(
    _ stations: [FitStation], core: SIMD2<Double>, axis: SIMD2<Double>
  ) -> JointParameters {
    var start = JointParameters(core: core, axis: axis, signal800: 1, time: 0, curvature: 1)
    let showerAxis = start.showerAxis
    let zenith = showerAxis.direction.zenith
    let signals = stations.filter(\.hasSignal)
    let ring = signals.filter {
      (300...1800).contains(showerAxis.distance(of: $0.position))
    }
    let used = ring.isEmpty ? signals : ring
    let shape = used.reduce(0) {
      $0
        + configuration.lateralDistribution(
          max(showerAxis.distance(of: $1.position), 100), zenith: zenith)
    }
    let measured = used.reduce(0) { $0 + $1.signal }
    let signal800 = shape > 0 && measured > 0 ? measured / shape : 1
    let largest = stations.filter(\.hasTime).max { $0.signal < $1.signal }
    start = JointParameters(
      core: core, axis: axis, signal800: signal800,
      time: largest.map { $0.time - showerAxis.planeDelay(at: $0.position) } ?? 0,
      curvature: ShowerFront.expectedCurvature(signal800: signal800, zenith: zenith))
    return start
  }

  /// Core and S800 from the signals alone, the axis fixed, the core tied to the barycentre.
  private func lateralFit(
    _ stations: [FitStation], from start: JointParameters, _ values: StartValues,
    _ workspace: Workspace
  ) -> JointParameters? {
    let errors = FrozenErrors(at: start, stations: stations, configuration: configuration)
    let function = JointFitFunction(
      stations: stations, configuration: configuration, errors: errors,
      free: [JointParameters.coreX, JointParameters.coreY, JointParameters.logSignal800],
      base: start, tie: (values.barycentre, configuration.barycentreWidth), usesTimes: false)
    guard
      let solution = try? workspace.minimiser.minimise(
        function, from: function.free.map { start.q[$0] })
    else { return nil }
    let fitted = function.all(solution.parameters)
    var result = startParameters(stations, core: fitted.core, axis: start.axis)
    result.q[JointParameters.logSignal800] = fitted.q[JointParameters.logSignal800]
    return result
  }

  private func isRunaway(_ fit: JointFit, _ stations: [FitStation]) -> Bool {
    guard fit.parameters.q.allSatisfy(\.isFinite), fit.solution.chi2.isFinite,
      abs(fit.parameters.q[JointParameters.logSignal800]) < 20
    else { return true }
    let core = Position(fit.parameters.core.x, fit.parameters.core.y, 0)
    return stations.filter(\.isHit).allSatisfy {
      let d = $0.position - core
      return (d.x * d.x + d.y * d.y).squareRoot() > configuration.largestCoreDistance
    }
  }

  private func report(_ fit: JointFit, _ roles: StationRoles) -> StandardResult {
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
