import Glibc
import ShowerModel

/// Charge centre, direction and time before any fit: a line of times along the long axis of the
/// signals ("tyro").
struct PublishedStart {
  /// Charge centre [L].
  let core: SIMD2<Double>
  let parameters: TimingParameters

  /// nil without hits in the cluster.
  init?(_ hits: [PublishedHit], _ array: DetectorArray) {
    let cluster = hits.filter { $0.isAtLeast(.spaceTimeCluster) }
    let charge = cluster.reduce(0) { $0 + $1.charge }
    guard charge > 0, charge.isFinite else { return nil }
    let places = cluster.map { hit in
      let position = array.stations[hit.station].position / GridUnits.length
      return SIMD2(position.x, position.y)
    }
    let core = zip(cluster, places).reduce(SIMD2<Double>.zero) { $0 + $1.0.charge * $1.1 } / charge
    self.core = core
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (hit, place) in zip(cluster, places) {
      let d = place - core
      xx += hit.charge * d.x * d.x
      xy += hit.charge * d.x * d.y
      yy += hit.charge * d.y * d.y
    }
    let angle = 0.5 * atan2(2 * xy, xx - yy)
    var axis = SIMD2(cos(angle), sin(angle))
    let count = Double(cluster.count)
    let along = places.map { (($0 - core) * axis).sum() }
    let times = cluster.map(\.time)
    let (meanPlace, meanTime) = (along.reduce(0, +) / count, times.reduce(0, +) / count)
    var (products, squares) = (0.0, 0.0)
    for (place, time) in zip(along, times) {
      products += (place - meanPlace) * (time - meanTime)
      squares += (place - meanPlace) * (place - meanPlace)
    }
    let slope = squares > 0 ? products / squares : 0
    if slope < 0 { axis = -axis }
    parameters = TimingParameters(
      travel: min(abs(slope), 1) * axis, core: core, time: meanTime - slope * meanPlace)
  }
}

/// The timing fits of one program of the chain, with the cleaning.
///
/// rufptn and rufldf do the same, with another scatter and another threshold of the cleaning.
struct PublishedGeometry {
  /// K of the fronts.
  let scatter: Double
  /// Fall of chi2 for which a station is removed.
  let threshold: Double

  /// rufptn, which chooses the stations.
  static let first = PublishedGeometry(scatter: 0.60, threshold: 10)
  /// rufldf, whose directions count.
  static let second = PublishedGeometry(scatter: 0.70, threshold: 4)

  private var plane: PublishedFront { .plane(scatter: scatter) }
  private var fixed: PublishedFront { .fixedCurvature(scatter: scatter) }

  /// Removes stations whose absence lowers chi2 of the fixed curvature by the threshold.
  ///
  /// - Parameters:
  ///   - stations: those of the cluster; on return, those that are left.
  ///   - start: before any fit.
  ///   - fit: memory.
  /// - Returns: the last fit with a fixed curvature; nil where there is none.
  func clean(
    _ stations: inout [TimingStation], from start: PublishedStart, _ fit: PublishedTimingFit
  ) -> TimingMinimum? {
    let level =
      fit.minimise(stations, plane, centre: start.core, from: start.parameters)?.parameters
      ?? start.parameters
    guard var saved = fit.minimise(stations, fixed, centre: start.core, from: level) else {
      return nil
    }
    while true {
      guard
        let best = fit.minimise(
          stations, fixed, centre: stations.chargeCentre, from: saved.parameters)
      else { return nil }
      saved = best
      guard best.chi2 >= threshold, stations.count > 3 else { return best }
      var worst: (index: Int, drop: Double) = (0, -.infinity)
      for index in stations.indices {
        guard
          let without = fit.minimise(
            stations, fixed, centre: stations.chargeCentre(without: index),
            from: best.parameters, omitting: index, loosely: true)
        else { continue }
        let drop = best.chi2 - without.chi2
        if drop > worst.drop { worst = (index, drop) }
      }
      guard worst.drop >= threshold else { return best }
      stations.remove(at: worst.index)
    }
  }

  /// The three fits after the cleaning.
  struct Fits {
    let fixed: TimingMinimum
    let free: TimingMinimum
  }

  /// Fixed curvature, plane, then free curvature from the plane.
  func fits(
    _ stations: [TimingStation], from cleaned: TimingMinimum, _ fit: PublishedTimingFit
  ) -> Fits? {
    let centre = stations.chargeCentre
    guard
      let fixed = fit.minimise(stations, fixed, centre: centre, from: cleaned.parameters),
      let plane = fit.minimise(stations, plane, centre: centre, from: fixed.parameters)
    else { return nil }
    var start = plane.parameters
    start.curvature = 2.6
    guard let free = fit.minimise(stations, .freeCurvature, centre: centre, from: start) else {
      return nil
    }
    return Fits(fixed: fixed, free: free)
  }
}

extension [TimingStation] {
  /// Centre of the signals [L].
  var chargeCentre: SIMD2<Double> { chargeCentre(without: nil) }

  func chargeCentre(without omitted: Int?) -> SIMD2<Double> {
    var (sum, charge) = (SIMD2<Double>.zero, 0.0)
    for (index, station) in enumerated() where index != omitted {
      sum += station.density * SIMD2(station.position.x, station.position.y)
      charge += station.density
    }
    return sum / charge
  }
}
