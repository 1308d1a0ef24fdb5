import ShowerModel

/// The part of every station with a waveform in the joint fit.
extension [SelectedStation] {
  /// The station of the cluster with the largest signal, cleaned ones included.
  var largest: SelectedStation? {
    self.filter(\.isInCluster).max { $0.pulse.signal < $1.pulse.signal }
  }

  func count(_ role: StationRole) -> Int { count { $0.role == role } }

  /// Number of stations that survived the cleaning, nst of the Utah chain.
  var stationCount: Int { count { $0.level.rawValue >= SelectionLevel.cleaned.rawValue } }

  /// Gives levels and roles after the cleaning of the start fit.
  ///
  /// Stations out of time keep their signal where it is large and near the core.
  mutating func assignRoles(_ start: StartValues, _ configuration: FitConfiguration) {
    var member = 0
    for index in indices {
      let pulse = self[index].pulse
      if self[index].isInCluster {
        let isClean = !start.badTiming.contains(member)
        member += 1
        if isClean {
          self[index].level = pulse.isSaturated ? .saturated : .cleaned
          self[index].role = pulse.isSaturated ? .saturated : .fitted
          continue
        }
      }
      let d = SIMD2(self[index].position.x, self[index].position.y) - start.barycentre
      let isNear = (d * d).sum().squareRoot() < configuration.badTimingDistance
      let isLarge = pulse.signal > configuration.badTimingSignal
      self[index].role = isNear && isLarge ? .badTiming : .excluded
    }
  }

  /// The stations of the fit: those with a term, then the silent ones.
  func fitStations(
    dead: [Int], unusable: [Int], array: DetectorArray, _ configuration: FitConfiguration
  ) -> [FitStation] {
    var stations: [FitStation] = []
    stations.reserveCapacity(count + 64)
    for selected in self where selected.role != .excluded {
      let pulse = selected.pulse
      stations.append(
        FitStation(
          station: pulse.station, position: selected.position, time: pulse.time,
          hasTime: selected.role == .fitted || selected.role == .saturated,
          signal: pulse.density,
          hasSignal: selected.role == .fitted
            || (selected.role == .badTiming && !pulse.isSaturated
              && pulse.density <= configuration.badTimingLargestDensity),
          isSilent: false))
    }
    if configuration.mode == .joint {
      appendSilentStations(&stations, away: dead + unusable, array, configuration)
    }
    return stations
  }

  private func appendSilentStations(
    _ stations: inout [FitStation], away: [Int], _ array: DetectorArray,
    _ configuration: FitConfiguration
  ) {
    guard let centre = largest?.position else { return }
    var isAway = [Bool](repeating: false, count: array.stations.count)
    for dead in away where isAway.indices.contains(dead) { isAway[dead] = true }
    // A waveform with next to nothing in it counts as silence.
    let silence = configuration.leastDensity
    for selected in self
    where !(selected.role == .excluded && selected.pulse.density <= silence) {
      isAway[selected.pulse.station] = true
    }
    let limit = configuration.silentDistance * configuration.silentDistance
    for (index, station) in array.stations.enumerated() where !isAway[index] {
      let d = station.position - centre
      guard (d * d).sum() < limit else { continue }
      stations.append(
        FitStation(
          station: index, position: station.position, time: .nan, hasTime: false, signal: 0,
          hasSignal: false, isSilent: true))
    }
  }
}
