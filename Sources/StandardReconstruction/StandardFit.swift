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
      var result = report(fit, roles)
      let signals = roles.stationSignals(fitted: fit.parameters, configuration)
      result.composition = composition(of: event, signals, around: fit.parameters.showerAxis)
      return (result, signals)
    case .failure(let failure):
      return (.failed(failure.status), roles.stationSignals(fitted: nil, configuration))
    }
  }

  private func pulses(of event: Event) -> [Pulse] {
    let finder = PulseFinder(configuration: configuration)
    let hits = event.hits.sorted { ($0.station, $0.windowStart) < ($1.station, $1.windowStart) }
    return hits.stationRuns.flatMap { finder.pulses(in: hits[$0]) }
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
}
