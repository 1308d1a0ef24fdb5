import ShowerModel

/// One station with a waveform on its way through the reconstruction.
struct SelectedStation {
  /// The pulse that stands for the station.
  var pulse: Pulse
  let position: Position
  var level: SelectionLevel
  var role = StationRole.excluded

  var isInCluster: Bool { level.rawValue >= SelectionLevel.spaceTimeCluster.rawValue }
}

/// Chooses the stations of a shower.
///
/// Candidates are pulses of at least 1.4 VEM. The largest group of stations linked as neighbours (8
/// on the grid) is the cluster in space. Its pulses are linked where light could travel between
/// them, c |dt| < distance. The largest such group is the cluster in space and time, with one pulse
/// for each station. Stations out of time with two or more neighbours in it are dropped, the worst
/// first. Of equally large groups, the one with the larger charge is taken.
/// Source: Utah chain of the Telescope Array (arXiv:1205.5067).
struct StationSelector {
  let array: DetectorArray
  let configuration: FitConfiguration

  /// Every station with a pulse, once, in order of station.
  ///
  /// - Parameter pulses: ordered by station.
  /// - Returns: a row for each station.
  func select(_ pulses: [Pulse]) -> [SelectedStation] {
    var candidates: [Pulse] = []
    for pulse in pulses where pulse.isFinite && pulse.signal >= configuration.smallestSignal {
      candidates.append(pulse)
    }
    switch configuration.clusterRule {
    case .everyStation:
      return stations(pulses, cluster: largestOfEach(candidates), inSpace: [], alone: [])
    case .neighbours:
      let spatial = groups(candidates) { _, _ in true }
      let inSpace = largest(spatial)
      var cluster = largestOfEach(largest(groups(inSpace, where: isInTime)))
      dropOutOfTime(&cluster)
      let alone = spatial.filter { $0[0].station == $0[$0.count - 1].station }
      return stations(pulses, cluster: cluster, inSpace: inSpace, alone: alone.map { $0[0] })
    }
  }

  private func isInTime(_ a: Pulse, _ b: Pulse) -> Bool {
    let d = array.stations[a.station].position - array.stations[b.station].position
    let light = Units.speedOfLight * (a.time - b.time)
    return light * light < (d * d).sum()
  }

  /// Column and row of the station of each pulse.
  private func cells(_ pulses: [Pulse]) -> [SIMD2<Int>] {
    pulses.map { SIMD2(array.stations[$0.station].column, array.stations[$0.station].row) }
  }

  /// Whether two cells share an edge or corner; without a grid, whether the stations are near.
  @inline(__always)
  private func areNeighbours(
    _ a: Int, _ b: Int, of pulses: [Pulse], at cells: [SIMD2<Int>]
  ) -> Bool {
    guard array.hasGrid else { return areNear(a, b, of: pulses) }
    let d = cells[a] &- cells[b]
    return max(abs(d.x), abs(d.y)) == 1
  }

  @inline(never)
  private func areNear(_ a: Int, _ b: Int, of pulses: [Pulse]) -> Bool {
    array.areNeighbours(pulses[a].station, pulses[b].station, corners: true)
  }

  /// Pulses grouped by links between neighbours, each group ordered by station.
  ///
  /// Pulses of one station are in one group where they share a neighbour.
  private func groups(
    _ pulses: [Pulse], where areLinked: (Pulse, Pulse) -> Bool
  ) -> [[Pulse]] {
    let cells = cells(pulses)
    var group = [Int](repeating: -1, count: pulses.count)
    var members: [Int] = []
    var count = 0
    for seed in pulses.indices where group[seed] < 0 {
      members.removeAll(keepingCapacity: true)
      members.append(seed)
      group[seed] = count
      var next = 0
      while next < members.count {
        let a = members[next]
        for k in pulses.indices
        where group[k] < 0 && areNeighbours(a, k, of: pulses, at: cells)
          && areLinked(pulses[a], pulses[k])
        {
          group[k] = count
          members.append(k)
        }
        next += 1
      }
      count += 1
    }
    var result = [[Pulse]](repeating: [], count: count)
    for (index, pulse) in pulses.enumerated() { result[group[index]].append(pulse) }
    return result
  }

  /// The group with most stations, then most charge.
  private func largest(_ groups: [[Pulse]]) -> [Pulse] {
    var best: [Pulse] = []
    var bestSize = (0, 0.0)
    for group in groups where group.count >= bestSize.0 {
      let pulses = largestOfEach(group)
      let size = (pulses.count, pulses.reduce(0) { $0 + $1.signal })
      if size > bestSize { (best, bestSize) = (group, size) }
    }
    return best
  }

  /// The largest pulse of each station, of pulses ordered by station.
  private func largestOfEach(_ pulses: [Pulse]) -> [Pulse] {
    var result: [Pulse] = []
    result.reserveCapacity(pulses.count)
    for pulse in pulses {
      if let last = result.last, last.station == pulse.station {
        if pulse.signal > last.signal { result[result.count - 1] = pulse }
      } else {
        result.append(pulse)
      }
    }
    return result
  }

  private func dropOutOfTime(_ cluster: inout [Pulse]) {
    while true {
      let cells = cells(cluster)
      // Neither relation depends on the order of the two.
      var conflicts = [Int](repeating: 0, count: cluster.count)
      for a in cluster.indices {
        for b in 0..<a
        where areNeighbours(a, b, of: cluster, at: cells) && !isInTime(cluster[a], cluster[b]) {
          conflicts[a] += 1
          conflicts[b] += 1
        }
      }
      guard let worst = conflicts.indices.max(by: { conflicts[$0] < conflicts[$1] }),
        conflicts[worst] >= 2
      else { return }
      cluster.remove(at: worst)
    }
  }

  /// One row a station: its pulse in the cluster, else its largest.
  private func stations(
    _ pulses: [Pulse], cluster: [Pulse], inSpace: [Pulse], alone: [Pulse]
  ) -> [SelectedStation] {
    func holds(_ list: [Pulse], _ station: Int) -> Bool { list.contains { $0.station == station } }
    var next = 0
    return largestOfEach(pulses.filter(\.isFinite)).map { pulse in
      let position = array.stations[pulse.station].position
      while next < cluster.count, cluster[next].station < pulse.station { next += 1 }
      if next < cluster.count, cluster[next].station == pulse.station {
        return SelectedStation(
          pulse: cluster[next], position: position, level: .spaceTimeCluster)
      }
      let level: SelectionLevel =
        holds(inSpace, pulse.station)
        ? .spaceCluster : holds(alone, pulse.station) ? .alone : .outside
      return SelectedStation(pulse: pulse, position: position, level: level)
    }
  }
}
