import Glibc
internal import LeastSquaresFit
import ShowerModel

/// The lateral-distribution fit of the published chain: core and S800, the axis fixed.
///
/// `S(r) = S800 LDF(r)` with the Utah form; errors `0.53 sqrt(2 rho + (0.15 rho)^2)`; stations
/// without a signal in a ring about the core count as 0 +- 1.66 VEM/m2; the core is held near the
/// charge centre to 180 m.
final class PublishedLateralFit: ResidualFunction {
  /// A station with its signal, or a silent one.
  struct Row {
    /// Index of the hit; nil for a silent station.
    let hit: Int?
    /// x and y [L].
    let place: SIMD2<Double>
    /// [VEM/m2].
    let density: Double
    let sigma: Double
  }

  /// Where the fit ended.
  struct Minimum {
    /// [L].
    var core: SIMD2<Double>
    var signal800: Double
    /// Of the signals, the silent stations and the constraint.
    var chi2: Double
    var isConverged: Bool
    /// Signals with a term.
    var signalCount: Int
    var silentCount: Int
    /// Of core x, y [L] and ln S800, by rows; nil where chi2 has no minimum there.
    var covariance: [Double]?
  }

  private static let coreWidth = 0.15
  /// Stations nearer than this to the charge centre, on the ground, are not used [L].
  private static let innerDistance = 0.5
  static let silentSigma = 0.53 * 3.125
  private static let lateralDistribution = LateralDistribution.utah

  private(set) var rows: [Row] = []
  private var travel = SIMD2<Double>.zero
  private var cosine = 1.0
  private var centre = SIMD2<Double>.zero
  private var scale = 1.0
  private let minimiser = LevenbergMarquardt()

  let parameterCount = 3
  var residualCount: Int { rows.count + 2 }

  static func sigma(_ density: Double) -> Double {
    0.53 * (2 * density + 0.0225 * density * density).squareRoot()
  }

  /// Fits core and S800.
  ///
  /// - Parameters:
  ///   - hits: of the event, with their final flags.
  ///   - array: with all its stations; those without a signal count, working or not.
  ///   - axis: with the direction of the fit with a fixed curvature.
  ///   - centre: charge centre of the uncleaned cluster [L].
  /// - Returns: nil where no station has a signal term.
  func minimise(
    _ hits: [PublishedHit], _ array: DetectorArray, axis: TimingParameters, centre: SIMD2<Double>
  ) -> Minimum? {
    travel = axis.travel
    cosine = cos(axis.zenith)
    self.centre = centre
    rows = signals(hits, array)
    let signalCount = rows.count
    guard signalCount > 0 else { return nil }
    rows += silent(hits, array)
    scale = bestScale(core: centre)
    guard scale > 0, scale.isFinite else { return nil }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { memory in
      memory.initializeElement(at: 0, to: centre.x)
      memory.initializeElement(at: 1, to: centre.y)
      memory.initializeElement(at: 2, to: 1)
      guard let found = try? minimiser.minimise(self, at: memory) else { return nil }
      let point = SIMD8(memory[0], memory[1], memory[2], 0, 0, 0, 0, 0)
      var covariance = SecondDerivatives.inverse(
        of: 3, at: point, steps: SIMD8(1e-4, 1e-4, 1e-4, 1, 1, 1, 1, 1), halfGradient)
      if memory[2] != 0 {
        for k in 0..<3 {
          covariance?[6 + k] /= memory[2]
          covariance?[3 * k + 2] /= memory[2]
        }
      }
      return Minimum(
        core: SIMD2(memory[0], memory[1]), signal800: scale * memory[2], chi2: found.chi2,
        isConverged: found.isConverged, signalCount: signalCount,
        silentCount: rows.count - signalCount, covariance: covariance)
    }
  }

  private func signals(_ hits: [PublishedHit], _ array: DetectorArray) -> [Row] {
    hits.indices.compactMap { index in
      guard hits[index].flag == .cleaned else { return nil }
      let place = array.place(hits[index].station)
      let d = place - centre
      guard (d * d).sum().squareRoot() >= Self.innerDistance else { return nil }
      let density = hits[index].charge / array.detector.stationArea
      return Row(hit: index, place: place, density: density, sigma: Self.sigma(density))
    }
  }

  /// Distance from the axis through a core, without altitudes [L].
  private func distance(_ place: SIMD2<Double>, core: SIMD2<Double>) -> Double {
    let d = place - core
    let along = (travel * d).sum()
    return max((d * d).sum() - along * along, 0).squareRoot()
  }

  /// All stations in a ring that have no hit of the final cluster, bad and dead ones included.
  private func silent(_ hits: [PublishedHit], _ array: DetectorArray) -> [Row] {
    var farthest = 0.0
    var isHit = [Bool](repeating: false, count: array.stations.count)
    for hit in hits where hit.isAtLeast(.cleaned) {
      isHit[hit.station] = true
      guard hit.flag == .cleaned else { continue }
      farthest = max(farthest, distance(array.place(hit.station), core: centre))
    }
    guard farthest >= 1 else { return [] }
    let ring = farthest - (farthest > 1.5 ? 0.5 : 0.25)...farthest + 0.1
    return array.stations.indices.compactMap { index in
      let place = array.place(index)
      guard !isHit[index], ring.contains(distance(place, core: centre)) else { return nil }
      return Row(hit: nil, place: place, density: 0, sigma: Self.silentSigma)
    }
  }

  /// S800 of the lowest chi2 at a core.
  private func bestScale(core: SIMD2<Double>) -> Double {
    var (product, square) = (0.0, 0.0)
    for row in rows {
      let shape = shape(row.place, core: core).value / row.sigma
      product += shape * row.density / row.sigma
      square += shape * shape
    }
    return product / square
  }

  /// LDF at a place, and its derivatives by the core.
  private func shape(
    _ place: SIMD2<Double>, core: SIMD2<Double>
  ) -> (value: Double, perCore: SIMD2<Double>) {
    let d = place - core
    let along = (travel * d).sum()
    let r = max((d * d).sum() - along * along, 1e-9).squareRoot()
    let lateral = Self.lateralDistribution.value(GridUnits.length * r, cosine)
    let value = exp(lateral.logarithm)
    let perDistance = value * lateral.perDistance * GridUnits.length
    return (value, (along * travel - d) * (perDistance / r))
  }

  func residuals(
    at elements: UnsafeBufferPointer<Double>, into residuals: UnsafeMutableBufferPointer<Double>
  ) {
    let core = SIMD2(elements[0], elements[1])
    for (index, row) in rows.enumerated() {
      let expected = scale * elements[2] * shape(row.place, core: core).value
      residuals[index] = (row.density - expected) / row.sigma
    }
    let shift = (core - centre) / Self.coreWidth
    residuals[rows.count] = shift.x
    residuals[rows.count + 1] = shift.y
  }

  func jacobian(at elements: UnsafeBufferPointer<Double>, into jacobian: MatrixRows) {
    let core = SIMD2(elements[0], elements[1])
    for (index, row) in rows.enumerated() {
      let shape = shape(row.place, core: core)
      let factor = -scale / row.sigma
      jacobian[index, 0] = factor * elements[2] * shape.perCore.x
      jacobian[index, 1] = factor * elements[2] * shape.perCore.y
      jacobian[index, 2] = factor * shape.value
    }
    for k in 0..<2 {
      for column in 0..<3 {
        jacobian[rows.count + k, column] = column == k ? 1 / Self.coreWidth : 0
      }
    }
  }

  /// Half the gradient of chi2 by core and scale.
  private func halfGradient(_ point: SIMD8<Double>) -> SIMD8<Double> {
    let core = SIMD2(point[0], point[1])
    var sum = SIMD8<Double>.zero
    for row in rows {
      let shape = shape(row.place, core: core)
      let residual = (row.density - scale * point[2] * shape.value) / row.sigma
      let factor = -scale / row.sigma * residual
      sum[0] += factor * point[2] * shape.perCore.x
      sum[1] += factor * point[2] * shape.perCore.y
      sum[2] += factor * shape.value
    }
    let shift = (core - centre) / (Self.coreWidth * Self.coreWidth)
    sum[0] += shift.x
    sum[1] += shift.y
    return sum
  }

  /// Expected signal of a station at a minimum [VEM/m2].
  func expected(_ place: SIMD2<Double>, _ minimum: Minimum) -> Double {
    minimum.signal800 * shape(place, core: minimum.core).value
  }
}

extension DetectorArray {
  /// x and y of a station [L].
  func place(_ station: Int) -> SIMD2<Double> {
    let position = stations[station].position / GridUnits.length
    return SIMD2(position.x, position.y)
  }
}
