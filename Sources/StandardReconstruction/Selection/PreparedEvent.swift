import ShowerModel

/// An event up to the fit: stations selected, start values found, roles given.
@_spi(Validation) public struct PreparedEvent: Sendable {
  let selected: [SelectedStation]
  let stations: [FitStation]
  let start: StartValues

  /// Number of times, signals and silent stations.
  public var termCount: Int {
    stations.reduce(0) { $0 + ($1.hasTime ? 1 : 0) + ($1.hasSignal || $1.isSilent ? 1 : 0) }
  }
}

/// Why an event cannot be fitted.
struct PreparationFailure: Error, Sendable {
  var status: ReconstructionStatus
  var stations: [SelectedStation]
}

extension StandardFit {
  /// Selects stations, finds start values and gives roles.
  ///
  /// - Parameters:
  ///   - pulses: ordered by station.
  ///   - dead: indices of stations that were not working.
  ///   - unusable: indices of stations that are not silent even where no pulse of them is left.
  /// - Returns: the event, or its stations with the reason why it cannot be fitted.
  func prepare(
    _ pulses: [Pulse], dead: [Int], unusable: [Int]
  ) -> Result<PreparedEvent, PreparationFailure> {
    var selected = StationSelector(array: array, configuration: configuration).select(pulses)
    guard var start = StartValues(selected, configuration) else {
      let size = selected.count(where: \.isInCluster)
      let status: ReconstructionStatus =
        size == 0 ? .noCluster : size < 3 ? .underdetermined : .singularCovariance
      return .failure(PreparationFailure(status: status, stations: selected))
    }
    if configuration.choosesPulses,
      selected.choosePulses(from: pulses, onFrontOf: start, configuration) > 0
    {
      start = StartValues(selected, configuration) ?? start
    }
    selected.assignRoles(start, configuration)
    let heard = Set(selected.map(\.pulse.station))
    let stations = selected.fitStations(
      dead: dead, unusable: unusable.filter { !heard.contains($0) }, array: array, configuration)
    return .success(PreparedEvent(selected: selected, stations: stations, start: start))
  }
}
