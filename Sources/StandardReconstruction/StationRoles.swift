import ShowerModel

/// The part of every station with a waveform in the joint fit.
struct StationRoles {
  private var pulses: [Pulse]
  private var roles: [StationRole]
  private let clusterCount: Int
  private let positions: [Position]

  /// Cluster stations are fitted or saturated, the others excluded, until `assign`.
  init(_ selection: StationSelection, array: DetectorArray) {
    pulses = selection.cluster + selection.others
    clusterCount = selection.cluster.count
    roles =
      selection.cluster.map { $0.isSaturated ? .saturated : .fitted }
      + selection.others.map { _ in .excluded }
    positions = pulses.map { array.stations[$0.station].position }
  }

  func count(_ role: StationRole) -> Int { roles.count { $0 == role } }

  /// The station of the cluster with the largest signal.
  var largestStation: Int? {
    pulses.prefix(clusterCount).max { $0.signal < $1.signal }?.station
  }

  /// Stations out of time keep their signal where it is large and near the core.
  mutating func assign(_ start: StartValues, _ configuration: FitConfiguration) {
    for index in pulses.indices where index >= clusterCount || start.badTiming.contains(index) {
      let d = SIMD2(positions[index].x, positions[index].y) - start.barycentre
      let isNear = (d * d).sum().squareRoot() < configuration.badTimingDistance
      let isLarge = pulses[index].signal > configuration.badTimingSignal
      roles[index] = isNear && isLarge ? .badTiming : .excluded
    }
  }

  /// The stations of the fit: those with a term, and the silent ones.
  func fitStations(
    event: Event, start: StartValues, array: DetectorArray, _ configuration: FitConfiguration
  ) -> [FitStation] {
    var stations: [FitStation] = []
    for (index, pulse) in pulses.enumerated() where roles[index] != .excluded {
      let density = pulse.signal / Units.stationArea
      let role = roles[index]
      stations.append(
        FitStation(
          station: pulse.station, position: positions[index], time: pulse.time,
          hasTime: role == .fitted || role == .saturated, signal: density,
          hasSignal: role == .fitted
            || (role == .badTiming && !pulse.isSaturated
              && density <= configuration.badTimingLargestDensity),
          isSilent: false))
    }
    return stations + silentStations(event: event, array: array, configuration)
  }

  private func silentStations(
    event: Event, array: DetectorArray, _ configuration: FitConfiguration
  ) -> [FitStation] {
    guard let largest = largestStation else { return [] }
    let centre = array.stations[largest].position
    var isAway = [Bool](repeating: false, count: array.stations.count)
    for dead in event.deadStations { isAway[dead] = true }
    // A waveform with next to nothing in it counts as silence.
    for (index, pulse) in pulses.enumerated()
    where !(roles[index] == .excluded && pulse.signal / Units.stationArea <= 0.1) {
      isAway[pulse.station] = true
    }
    return array.stations.indices.compactMap { index in
      let d = array.stations[index].position - centre
      guard !isAway[index], (d * d).sum().squareRoot() < configuration.silentDistance else {
        return nil
      }
      return FitStation(
        station: index, position: array.stations[index].position, time: .nan, hasTime: false,
        signal: 0, hasSignal: false, isSilent: true)
    }
  }

  /// What is stored of each station, in order of station.
  func stationSignals(
    fitted parameters: JointParameters?, _ configuration: FitConfiguration
  ) -> [StationSignal] {
    let point = parameters.map(ModelPoint.init)
    return pulses.indices.map { index in
      let pulse = pulses[index]
      let model = point.map {
        StationModel(
          positions[index], $0, configuration.lateralDistribution, configuration.front,
          softening: configuration.coreSoftening)
      }
      return StationSignal(
        station: pulse.station, time: pulse.time, timeError: pulse.timeError, upper: pulse.upper,
        lower: pulse.lower, windowCount: pulse.windowCount, isSaturated: pulse.isSaturated,
        role: roles[index], timeResidual: model.map { pulse.time - $0.time } ?? .nan,
        expectedSignal: model?.signal ?? .nan)
    }.sorted { $0.station < $1.station }
  }
}
