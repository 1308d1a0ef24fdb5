import Glibc
import ShowerModel

/// Clusters of hits in space and time, as the program rufptn of the experiment finds them.
struct PublishedClusters {
  let array: DetectorArray
  /// Smallest signal of a hit in a cluster, mean of the layers [VEM].
  private static let smallestCharge = 1.4

  /// Flags the hits of the largest cluster.
  func flag(_ hits: inout [PublishedHit]) {
    let inSpace = spaceCluster(hits)
    for index in inSpace { hits[index].flag = .spaceCluster }
    for index in inTime(spaceTimeCluster(inSpace, hits), hits) {
      hits[index].flag = .spaceTimeCluster
    }
  }

  /// Whether two stations are the same, or share an edge or corner of the grid.
  private func areNeighbours(_ a: PublishedHit, _ b: PublishedHit) -> Bool {
    let (p, q) = (array.stations[a.station], array.stations[b.station])
    return max(abs(p.column - q.column), abs(p.row - q.row)) <= 1
  }

  /// Whether light could travel from one to the other in less than the time between them.
  private func areInTime(_ a: PublishedHit, _ b: PublishedHit) -> Bool {
    let d = array.stations[a.station].position - array.stations[b.station].position
    let light = GridUnits.length * (a.time - b.time)
    return light * light < (d * d).sum()
  }

  /// Grows groups: from the first that is left, always adding the first that joins.
  private func groups(
    _ candidates: [Int], joins: (_ candidate: Int, _ group: [Int]) -> Bool
  ) -> [[Int]] {
    var left = candidates
    var groups: [[Int]] = []
    while !left.isEmpty {
      var group = [left.removeFirst()]
      while let next = left.firstIndex(where: { joins($0, group) }) {
        group.append(left.remove(at: next))
      }
      groups.append(group)
    }
    return groups
  }

  /// The group with most hits, then with the largest sum of signals; without candidates, the first
  /// hit.
  private func spaceCluster(_ hits: [PublishedHit]) -> [Int] {
    let candidates = hits.indices.filter {
      hits[$0].isAtLeast(.alone) && hits[$0].charge >= Self.smallestCharge
    }
    let all = groups(candidates) { candidate, group in
      group.contains { areNeighbours(hits[candidate], hits[$0]) }
    }
    var best: (hits: [Int], charge: Double) = ([], 0)
    for group in all where group.count >= best.hits.count {
      let charge = group.reduce(0) { $0 + hits[$1].charge }
      if group.count > best.hits.count || charge > best.charge { best = (group, charge) }
    }
    return best.hits.isEmpty && !hits.isEmpty ? [0] : best.hits
  }

  /// The largest group, with one hit of each station; of equal ones, the first.
  private func spaceTimeCluster(_ inSpace: [Int], _ hits: [PublishedHit]) -> [Int] {
    let all = groups(inSpace) { candidate, group in
      let hit = hits[candidate]
      return !group.contains { hits[$0].station == hit.station }
        && group.contains { areNeighbours(hit, hits[$0]) && areInTime(hit, hits[$0]) }
    }
    return all.reduce([]) { $1.count > $0.count ? $1 : $0 }
  }

  /// Removes hits out of time with two or more neighbours.
  ///
  /// The hit after a removed one is not tested, as in the experiment's program.
  private func inTime(_ cluster: [Int], _ hits: [PublishedHit]) -> [Int] {
    var kept = cluster
    var i = 0
    while i < kept.count {
      let hit = hits[kept[i]]
      let conflicts = kept.indices.count {
        $0 != i && areNeighbours(hit, hits[kept[$0]]) && !areInTime(hit, hits[kept[$0]])
      }
      if conflicts >= 2 { kept.remove(at: i) }
      i += 1
    }
    return kept
  }
}
