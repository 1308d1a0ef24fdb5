import ShowerModel

/// Start of the joint fit: barycentre, plane front, curved front with cleaning.
///
/// Source: passes 1 and 2 of the Utah chain's geometry fit (arXiv:1205.5067).
struct StartValues {
  /// Charge-weighted mean of the cluster [m].
  let barycentre: SIMD2<Double>
  let axis: SIMD2<Double>
  /// Time of the front at the barycentre [ns].
  let time: Double
  /// Stations of the cluster that were cleaned away as out of time, by index in the cluster.
  let badTiming: Set<Int>

  /// One station of the cluster.
  struct Member {
    var position: Position
    var time: Double
    var timeError: Double
    /// Density [VEM/m2].
    var signal: Double
  }

  /// From the stations of the cluster, `badTiming` counting these alone.
  init?(_ selected: [SelectedStation], _ configuration: FitConfiguration) {
    var members: [Member] = []
    for station in selected where station.isInCluster {
      members.append(
        Member(
          position: station.position, time: station.pulse.time, timeError: station.pulse.timeError,
          signal: station.pulse.density))
    }
    self.init(
      members, samplePeriod: configuration.detector.samplePeriod,
      cleaning: configuration.cleansTimes)
  }

  /// nil where the times do not determine a plane: fewer than three stations, or all in a line.
  init?(_ members: [Member], samplePeriod: Double, cleaning: Bool = true) {
    guard members.count >= 3 else { return nil }
    let charge = members.reduce(0) { $0 + $1.signal }
    let weighted = members.reduce(SIMD3<Double>.zero) { $0 + $1.signal * $1.position }
    let barycentre = SIMD2(weighted.x, weighted.y) / charge
    self.barycentre = barycentre
    let all = Array(members.indices)
    guard
      let plane = FrontFit.plane(members, all, core: barycentre),
      var fit = FrontFit.curved(
        members, all, core: barycentre, from: plane, scatter: 0.60, samplePeriod: samplePeriod)
    else { return nil }

    guard cleaning else {
      axis = fit.axis
      time = fit.time
      badTiming = []
      return
    }

    // Drop the station whose removal lowers chi2 most: 10 or more, then 4 or more. The largest
    // signal is never dropped. Next to the core, often saturated, it has the most precise time, and
    // the mean front of these fits is off by more than its error there.
    let largest = all.max { members[$0].signal < members[$1].signal }
    var used = all
    for (scatter, smallestDrop) in [(0.60, 10.0), (0.70, 4.0)] {
      guard
        let refit = FrontFit.curved(
          members, used, core: barycentre, from: fit.axis, scatter: scatter,
          samplePeriod: samplePeriod)
      else { break }
      fit = refit
      while used.count > 4,
        let worst = fit.drops.indices.filter({ used[$0] != largest }).max(by: {
          fit.drops[$0] < fit.drops[$1]
        }),
        fit.drops[worst] >= smallestDrop
      {
        used.remove(at: worst)
        guard
          let refit = FrontFit.curved(
            members, used, core: barycentre, from: fit.axis, scatter: scatter,
            samplePeriod: samplePeriod)
        else { break }
        fit = refit
      }
    }
    axis = fit.axis
    time = fit.time
    badTiming = Set(all).subtracting(used)
  }
}
