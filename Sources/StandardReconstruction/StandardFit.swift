public import ShowerModel

/// The standard reconstruction: waveforms to pulses, stations, joint fit, energy.
///
/// Every event gives a result, a failed one with its reason in `status`. No number of a good result
/// is NaN.
/// Source: joint fit of the INR chain of the Telescope Array, minimised by Levenberg-Marquardt.
public struct StandardFit: Sendable {
  public let array: DetectorArray
  public let energyTable: EnergyTable
  public let configuration: FitConfiguration
  let model: FitModel

  public init(
    array: DetectorArray, energyTable: EnergyTable,
    configuration: FitConfiguration = FitConfiguration()
  ) {
    self.array = array
    self.energyTable = energyTable
    var configuration = configuration
    configuration.detector = array.detector
    self.configuration = configuration
    model = FitModel(configuration)
  }

  /// What a thread keeps between events: memory, no values. It serves any fit.
  public final class Workspace {
    let memory = FitWorkspace()

    public init() {}
  }

  /// A workspace for this fit. Not for use from two threads at once: one a thread.
  public func makeWorkspace() -> Workspace { Workspace() }

  /// Reconstructs one event from its waveforms.
  ///
  /// - Parameters:
  ///   - event: with its waveforms.
  ///   - workspace: of this fit's `makeWorkspace()`, to spare making one for each event.
  /// - Returns: the result, and every station with a waveform with its part in it.
  public func reconstruct(
    _ event: Event, workspace: Workspace? = nil
  ) -> (result: StandardResult, stations: [StationSignal]) {
    reconstruct(select(event), workspace: workspace)
  }

  /// An event up to the fit: pulses found, stations selected, starts known.
  public struct SelectedEvent: Sendable {
    let event: Event
    let prepared: Result<PreparedEvent, PreparationFailure>
  }

  /// Finds pulses and stations of an event.
  ///
  /// They serve this fit and others that differ in front and errors alone.
  public func select(_ event: Event) -> SelectedEvent {
    let pulses = PulseFinder(configuration: configuration).pulses(of: event)
    return SelectedEvent(
      event: event,
      prepared: prepare(pulses, dead: event.deadStations, unusable: event.hits.map(\.station)))
  }

  /// Reconstructs an event whose stations are selected.
  ///
  /// - Parameters:
  ///   - selected: by this fit, or one of the same array and selection.
  ///   - workspace: of this fit's `makeWorkspace()`.
  /// - Returns: the result, and every station with a waveform with its part in it.
  public func reconstruct(
    _ selected: SelectedEvent, workspace: Workspace? = nil
  ) -> (result: StandardResult, stations: [StationSignal]) {
    let event = selected.event
    var made = reconstruct(selected.prepared, (workspace ?? makeWorkspace()).memory)
    if made.result.status == .noCluster, !event.hits.isEmpty, made.stations.isEmpty,
      !PulseFinder(configuration: configuration).hasUsableHit(in: event)
    {
      made.result = .failed(.unusableCalibration)
    }
    if made.result.reconstruction.hasGeometry {
      made.result.composition = EventComposition(
        array: array, mergeTime: configuration.mergeTime
      ).quantities(of: event, made.stations, around: made.result.shower.axis)
    }
    return made
  }

  /// Reconstructs one event from times and signals of its stations, however they were measured.
  ///
  /// Of a `StationSignal` the fit uses station, time, time error, saturation and the signals of
  /// both layers.
  /// - Parameters:
  ///   - stations: at most one row a station.
  ///   - deadStations: indices of stations that were not working. The others without a signal
  ///     count as silent.
  ///   - workspace: of this fit's `makeWorkspace()`.
  /// - Returns: the result, and the stations with their part in it.
  public func reconstruct(
    _ stations: [StationSignal], deadStations: [Int] = [], workspace: Workspace? = nil
  ) -> (result: StandardResult, stations: [StationSignal]) {
    let known = stations.filter { array.stations.indices.contains($0.station) }
    let pulses = known.map {
      Pulse(
        station: $0.station, time: $0.time, timeError: $0.timeError,
        area: array.detector.stationArea, upper: $0.upper, lower: $0.lower,
        windowCount: $0.windowCount, isSaturated: $0.isSaturated, badLayers: $0.badLayers)
    }.sorted { $0.station < $1.station }
    return reconstruct(
      prepare(pulses, dead: deadStations, unusable: known.map(\.station)),
      (workspace ?? makeWorkspace()).memory)
  }

  private func reconstruct(
    _ prepared: Result<PreparedEvent, PreparationFailure>, _ workspace: FitWorkspace
  ) -> (result: StandardResult, stations: [StationSignal]) {
    switch prepared {
    case .failure(let failure):
      return (.failed(failure.status), failure.stations.map { $0.signal() })
    case .success(let event):
      switch bestFit(event, workspace) {
      case .success(let fit):
        defer { workspace.recycle(fit.problem) }
        return report(fit, event.selected, workspace)
      case .failure(let failure):
        return (.failed(failure.status), event.selected.map { $0.signal() })
      }
    }
  }

  /// The fit of prepared stations, from both starts.
  ///
  /// - Returns: the best fit, or the reason why there is none. Give the problem of the fit to
  ///   `workspace.recycle` when it is not needed any more.
  func bestFit(_ event: PreparedEvent, _ workspace: FitWorkspace) -> Result<JointFit, FitFailure> {
    let start = event.start
    let stations = configuration.mode == .joint ? workingStations(of: event) : event.stations
    var (times, positions): ([Double], [Position]) = ([], [])
    times.reserveCapacity(stations.count)
    positions.reserveCapacity(stations.count)
    for station in stations where station.hasTime {
      times.append(station.time)
      positions.append(station.position)
    }
    guard TimeFault(times: times, positions: positions) == nil else {
      return .failure(FitFailure(status: .impossibleTimes))
    }
    // Three or four times do not determine a curvature.
    let hasTimesForCurvature = times.count >= 5
    let problem: FitProblem
    let (first, second): (FitParameters, FitParameters?)
    switch configuration.mode {
    case .joint:
      let isCurved = configuration.isCurved && hasTimesForCurvature
      problem = FitProblem(model, stations, terms: .all, free: isCurved ? .all : .fixedCurvature)
      guard problem.timeCount + problem.signalCount >= problem.free.count else {
        return .failure(FitFailure(status: .underdetermined))
      }
      first = startParameters(stations, core: start.barycentre, axis: start.axis)
      second = lateralFit(stations, from: first, near: start.barycentre, workspace)
    case .geometry(let core):
      let isCurved = configuration.front.isCurved && hasTimesForCurvature
      problem = FitProblem(model, stations, terms: .times, free: isCurved ? .curvedFront : .front)
      guard problem.timeCount >= problem.free.count else {
        return .failure(FitFailure(status: .underdetermined))
      }
      first = startParameters(stations, core: core ?? start.barycentre, axis: start.axis)
      second = nil
    }
    return JointFit.best(of: problem, from: first, or: second, event: event, workspace)
  }
}
