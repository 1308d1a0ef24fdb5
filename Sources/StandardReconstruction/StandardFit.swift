internal import LeastSquaresFit
public import ShowerModel

/// The standard reconstruction: waveforms to pulses, stations, joint fit, energy.
///
/// Total: every event gives a result, a failed one with its reason in `status`, and no number that is
/// reported of a good one is NaN.
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

  /// What a thread keeps between events: memory, no values.
  public final class Workspace {
    let minimiser = LevenbergMarquardt()
    let function: JointFitFunction
    var spare = FrozenErrors()

    fileprivate init(_ configuration: FitConfiguration) {
      function = JointFitFunction(configuration: configuration)
    }
  }

  /// A workspace for this fit. Not for use from two threads at once: one a thread.
  public func makeWorkspace() -> Workspace { Workspace(configuration) }

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

  /// Finds pulses and stations of an event, for this fit and others that differ in front and errors alone.
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
    var made = reconstruct(selected.prepared, workspace ?? makeWorkspace())
    if made.result.reconstruction.hasGeometry {
      made.result.composition = composition(
        of: event, made.stations, around: made.result.shower.axis)
    }
    return made
  }

  /// Reconstructs one event from times and signals of its stations, as another program may have measured them.
  ///
  /// Of a `StationSignal` are used: station, time, time error, the signals of both layers and saturation.
  /// - Parameters:
  ///   - stations: at most one row a station.
  ///   - deadStations: indices of stations that were not working; the others without a signal count as silent.
  ///   - workspace: of this fit's `makeWorkspace()`.
  /// - Returns: the result, and the stations with their part in it.
  public func reconstruct(
    _ stations: [StationSignal], deadStations: [Int] = [], workspace: Workspace? = nil
  ) -> (result: StandardResult, stations: [StationSignal]) {
    let known = stations.filter { array.stations.indices.contains($0.station) }
    let pulses = known.map {
      Pulse(
        station: $0.station, time: $0.time, timeError: $0.timeError, upper: $0.upper,
        lower: $0.lower, windowCount: $0.windowCount, isSaturated: $0.isSaturated,
        badLayers: $0.badLayers)
    }.sorted { $0.station < $1.station }
    return reconstruct(
      prepare(pulses, dead: deadStations, unusable: known.map(\.station)),
      workspace ?? makeWorkspace())
  }

  private func reconstruct(
    _ prepared: Result<PreparedEvent, PreparationFailure>, _ workspace: Workspace
  ) -> (result: StandardResult, stations: [StationSignal]) {
    switch prepared {
    case .failure(let failure):
      return (.failed(failure.status), failure.stations.map { $0.signal() })
    case .success(let event):
      switch bestFit(event, workspace) {
      case .success(let fit): return report(fit, event.selected, workspace)
      case .failure(let failure):
        return (.failed(failure.status), event.selected.map { $0.signal() })
      }
    }
  }

  /// The joint fit of prepared stations, from both starts.
  func bestFit(
    _ event: PreparedEvent, _ workspace: Workspace
  ) -> Result<BestFit, FitFailure> {
    let (function, stations, start) = (workspace.function, event.stations, event.start)
    switch configuration.mode {
    case .joint:
      function.load(stations, terms: .all)
      let isCurved = configuration.isCurved && function.timeCount >= 5
      let free = isCurved ? FreeParameters.all : .fixedCurvature
      guard function.timeCount + function.signalCount >= free.count else {
        return .failure(FitFailure(status: .underdetermined))
      }
      let first = startParameters(stations, core: start.barycentre, axis: start.axis)
      let second = lateralFit(from: first, start, workspace)
      function.select(.all)
      function.free = free
      function.tie = nil
      return BestFit.find(
        function, from: first, or: second, event: event, workspace.minimiser,
        spare: &workspace.spare)
    case .geometry(let core):
      function.load(stations, terms: .times)
      let isCurved = configuration.front.isCurved && function.timeCount >= 5
      function.free = isCurved ? .curvedFront : .front
      function.tie = nil
      guard function.timeCount >= function.free.count else {
        return .failure(FitFailure(status: .underdetermined))
      }
      let first = startParameters(stations, core: core ?? start.barycentre, axis: start.axis)
      return BestFit.find(
        function, from: first, or: nil, event: event, workspace.minimiser, spare: &workspace.spare)
    }
  }
}
