internal import ShowerModel

/// The trigger of the array: three stations with L1 in coincidence, one of them neighbour of the
/// two others.
enum ArrayTrigger {
  struct StationTrigger {
    var station: Int
    /// As the station reports it [ns].
    var time: Double
  }

  /// Whether an array has a station with two neighbours, without which no coincidence is complete.
  static func isPossible(in array: DetectorArray) -> Bool {
    array.stations.indices.contains { array.neighbourCount($0) >= 2 }
  }

  /// Time of the event: mean of the first coincidence to be complete; nil without one.
  ///
  /// The three are a station and two different ones of its four neighbours along the grid (a line
  /// or an L), or of those near by in an array without a grid. Triggers must be grouped by station.
  static func time(of triggers: [StationTrigger], in array: DetectorArray) -> Double? {
    let coincidence = array.detector.coincidence
    var best: (complete: Double, mean: Double)?
    for (centreIndex, centre) in triggers.enumerated() {
      let neighbours = triggers.indices.filter {
        $0 != centreIndex && abs(triggers[$0].time - centre.time) < coincidence
          && array.areNeighbours(centre.station, triggers[$0].station, corners: false)
      }
      guard neighbours.count >= 2 else { continue }
      for (position, first) in neighbours.enumerated() {
        for second in neighbours[(position + 1)...] {
          let (a, b) = (triggers[first], triggers[second])
          guard a.station != b.station, abs(a.time - b.time) < coincidence else { continue }
          let complete = max(centre.time, a.time, b.time)
          if complete < best?.complete ?? .infinity {
            best = (complete, (centre.time + a.time + b.time) / 3)
          }
        }
      }
    }
    return best?.mean
  }
}
