import ShowerModel

/// Pulses that belong to the shower, and those that do not.
struct StationSelection {
  /// One pulse of each station of the space-time cluster.
  var cluster: [Pulse]
  /// The largest pulse of every other station with a waveform.
  var others: [Pulse]
}

/// Chooses the stations of a shower.
///
/// Pulses of at least 1.4 VEM are linked where their stations are neighbours (8) and light could travel
/// between them, c |dt| < distance. The largest linked group is the cluster, one pulse a station;
/// stations out of time with two or more neighbours in it are dropped, the worst first.
/// Source: INR chain of the Telescope Array.
struct StationSelector {
  let array: DetectorArray
  let configuration: FitConfiguration

  func select(_ pulses: [Pulse]) -> StationSelection {
    var cluster = onePulseEach(largestGroup(pulses))
    dropOutOfTime(&cluster)
    let used = Set(cluster.map(\.station))
    return StationSelection(
      cluster: cluster, others: onePulseEach(pulses.filter { !used.contains($0.station) }))
  }

  private func isInTime(_ a: Pulse, _ b: Pulse) -> Bool {
    let d = array.stations[a.station].position - array.stations[b.station].position
    let light = Units.speedOfLight * (a.time - b.time)
    return light * light < (d * d).sum()
  }

  private func largestGroup(_ pulses: [Pulse]) -> [Pulse] {
    let candidates = pulses.filter { $0.signal >= configuration.smallestSignal }
    var group = [Int](repeating: -1, count: candidates.count)
    var groups: [[Pulse]] = []
    for seed in candidates.indices where group[seed] < 0 {
      var members = [seed]
      group[seed] = groups.count
      var next = 0
      while next < members.count {
        let a = candidates[members[next]]
        for k in candidates.indices where group[k] < 0 {
          let b = candidates[k]
          if array.areNeighbours(a.station, b.station, corners: true) && isInTime(a, b) {
            group[k] = groups.count
            members.append(k)
          }
        }
        next += 1
      }
      groups.append(members.map { candidates[$0] })
    }
    return groups.max { size($0) < size($1) } ?? []
  }

  /// Number of stations, then charge.
  private func size(_ group: [Pulse]) -> (Int, Double) {
    let pulses = onePulseEach(group)
    return (pulses.count, pulses.reduce(0) { $0 + $1.signal })
  }

  /// The largest pulse of each station, in order of station.
  private func onePulseEach(_ pulses: [Pulse]) -> [Pulse] {
    var largest: [Int: Pulse] = [:]
    for pulse in pulses where pulse.signal > largest[pulse.station]?.signal ?? -.infinity {
      largest[pulse.station] = pulse
    }
    return largest.values.sorted { $0.station < $1.station }
  }

  private func dropOutOfTime(_ cluster: inout [Pulse]) {
    while true {
      let conflicts = cluster.map { a in
        cluster.count { b in
          array.areNeighbours(a.station, b.station, corners: true) && !isInTime(a, b)
        }
      }
      guard let worst = conflicts.indices.max(by: { conflicts[$0] < conflicts[$1] }),
        conflicts[worst] >= 2
      else { return }
      cluster.remove(at: worst)
    }
  }
}
