internal import Glibc
internal import ShowerModel

/// Sums of densities and of logarithms of delays by group of particles, with the cosine of the
/// azimuth about the axis, 1 on the early side.
struct GroupMeans {
  private(set) var densities = SIMD4<Double>()
  private var logDelays = SIMD4<Double>()
  private var squares = SIMD4<Double>()
  private var cosines = SIMD4<Double>()
  private var cosineSquares = SIMD4<Double>()
  private var cosineDelays = SIMD4<Double>()

  mutating func add(
    _ species: GroundParticle.Species, _ density: Double, delay: Double, cosine: Double
  ) {
    let group = species.group
    let logDelay = log(max(delay, 1))
    densities[group] += density
    logDelays[group] += density * logDelay
    squares[group] += density * density
    cosines[group] += density * cosine
    cosineSquares[group] += density * cosine * cosine
    cosineDelays[group] += density * cosine * logDelay
  }

  /// The mean of so many places.
  func divided(by count: Double) -> GroupMeans {
    var means = self
    means.densities /= count
    means.logDelays /= count
    means.squares /= count * count
    means.cosines /= count
    means.cosineSquares /= count
    means.cosineDelays /= count
    return means
  }

  static func + (a: GroupMeans, b: GroupMeans) -> GroupMeans {
    var sum = a
    sum.densities += b.densities
    sum.logDelays += b.logDelays
    sum.squares += b.squares
    sum.cosines += b.cosines
    sum.cosineSquares += b.cosineSquares
    sum.cosineDelays += b.cosineDelays
    return sum
  }

  /// Mean logarithm of the delays of a group, nil with fewer than 20 effective rows.
  func meanLogDelay(_ group: Int) -> Double? {
    guard effectiveRows(group) > 20 else { return nil }
    return logDelays[group] / densities[group]
  }

  /// (sum w)^2 / sum w^2 of a group.
  func effectiveRows(_ group: Int) -> Double {
    squares[group] > 0 ? densities[group] * densities[group] / squares[group] : 0
  }

  /// Mean cosine of a group.
  func meanCosine(_ group: Int) -> Double {
    densities[group] > 0 ? cosines[group] / densities[group] : 0
  }

  /// Slope of the logarithm of the delays against the cosine; nil where all have the same.
  func slope(_ group: Int) -> Double? {
    let total = densities[group]
    let variance = cosineSquares[group] * total - cosines[group] * cosines[group]
    guard total > 0, variance > 0.05 * total * total else { return nil }
    return (cosineDelays[group] * total - cosines[group] * logDelays[group]) / variance
  }
}

/// What keeps mean densities and delays of multiplied showers to those of the thinned ones.
///
/// More copies on a wide cone land farther out than farther in, and copies on longer ways are lost.
/// Together this costs up to a tenth of the photons. So the expected number of each group, averaged
/// over azimuth, is compared with its rows. Both are smoothed in ln r, at distances in steps of a
/// tenth. Their ratio, linear in between, multiplies the number of copies. A ratio of typical
/// delays multiplies their delays. So does a power of e to the cosine of the azimuth, since copies
/// that come from the other side of the axis have other angles than the rows there.
struct MeanCorrection: Sendable {
  struct Factors {
    var densities = SIMD4<Double>(repeating: 1)
    var delays = SIMD4<Double>(repeating: 1)
    /// Of the logarithm of the delays, and where it is none.
    fileprivate var perCosine = SIMD4<Double>()
    fileprivate var meanCosine = SIMD4<Double>()
  }

  private static let step = 0.1
  private static let width = 0.1
  /// Places around the axis at which copies on rings are expected. Those of copies in cones, below,
  /// are more, because these scatter from place to place.
  private static let ringAzimuths = 6
  private static let coneAzimuths = 160
  private static let allowed = 0.6...1.6
  /// Nodes to either side over which slopes in azimuth are averaged.
  private static let slopeReach = 4
  private static let steepest = 0.3

  private let first: Double
  private let nodes: [Factors]

  /// At a distance from the axis [m] and a cosine of the azimuth.
  func at(_ distance: Double, cosine: Double) -> Factors {
    guard nodes.count > 1 else { return Factors() }
    let position = min(
      max((log(max(distance, 1)) - first) / Self.step, 0), Double(nodes.count - 1) - 1e-9)
    let node = Int(position)
    let part = position - Double(node)
    let (low, high) = (nodes[node], nodes[node + 1])
    var factors = Factors(
      densities: low.densities + part * (high.densities - low.densities),
      delays: low.delays + part * (high.delays - low.delays))
    for group in 0..<GroundParticle.Species.groupCount {
      factors.delays[group] *= exp(low.perCosine[group] * (cosine - low.meanCosine[group]))
    }
    return factors
  }

  /// No correction.
  init() { (first, nodes) = (0, []) }

  init(
    cells: ParticleCells, rings: ParticleRings, ground: ShowerGround, slopes: RadialSlopes,
    from innerRadius: Double
  ) {
    let start = log(innerRadius)
    first = start
    let count = Int((log(Dethinning.outerRadius) - start) / Self.step) + 2
    var rows = [GroupMeans](repeating: GroupMeans(), count: count)
    let width2 = Self.width * Self.width
    func add(_ p: GroundParticle) {
      guard p.weight > 1 else { return }
      let logDistance = log(ground.distance(Double(p.x), Double(p.y)))
      let nearest = Int(((logDistance - start) / Self.step).rounded())
      for node in max(nearest - 3, 0)..<max(min(nearest + 4, count), max(nearest - 3, 0)) {
        let centre = start + Double(node) * Self.step
        let away = logDistance - centre
        let power = slopes.of(p.species).at(centre) - 2
        let kernel = exp(-0.5 * away * away / width2 + power * away)
        let area =
          2 * .pi * exp(2 * centre) * (2 * .pi).squareRoot() * Self.width / ground.cosZenith
        rows[node].add(
          p.species, Double(p.weight) * kernel / area, delay: Double(p.delay),
          cosine: Double(p.x) * ground.cosZenith / exp(logDistance))
      }
    }
    cells.forEach(add)
    rings.forEach(add)
    var nodes: [Factors] = []
    var copies: [GroupMeans] = []
    for node in 0..<count {
      let r = exp(start + Double(node) * Self.step)
      func around(_ count: Int, _ add: (Double, Double, inout GroupMeans) -> Void) -> GroupMeans {
        var means = GroupMeans()
        for azimuth in 0..<count {
          let angle = 2 * .pi * (Double(azimuth) + 0.5) / Double(count)
          add(r * cos(angle) / ground.cosZenith, r * sin(angle), &means)
        }
        return means.divided(by: Double(count))
      }
      let found =
        around(Self.coneAzimuths) { cells.addExpectation(x: $0, y: $1, to: &$2) }
        + around(Self.ringAzimuths) { rings.addExpectation(x: $0, y: $1, to: &$2) }
      copies.append(found)
      nodes.append(Self.factors(rows[node], found, otherwise: nodes.last ?? Factors()))
    }
    self.nodes = Self.withSlopes(nodes, rows, copies)
  }

  /// Slopes in azimuth of rows less those of copies, averaged over neighbours by effective rows.
  private static func withSlopes(
    _ nodes: [Factors], _ rows: [GroupMeans], _ copies: [GroupMeans]
  ) -> [Factors] {
    nodes.indices.map { node in
      var factors = nodes[node]
      let near = max(node - slopeReach, 0)...min(node + slopeReach, nodes.count - 1)
      for group in 0..<GroundParticle.Species.groupCount {
        var (sum, weight) = (0.0, 0.0)
        for other in near {
          guard let wanted = rows[other].slope(group), let found = copies[other].slope(group)
          else { continue }
          let effective = rows[other].effectiveRows(group)
          sum += effective * (wanted - found)
          weight += effective
        }
        // Rows of neighbouring nodes are the same in half; 30 of them are trusted to a half.
        let slope = weight > 0 ? sum / (weight + 30) : 0
        factors.perCosine[group] = min(max(slope, -steepest), steepest)
        factors.meanCosine[group] = rows[node].meanCosine(group)
      }
      return factors
    }
  }

  /// Where a group has too few rows, the factors nearer to the axis.
  private static func factors(
    _ rows: GroupMeans, _ found: GroupMeans, otherwise last: Factors
  ) -> Factors {
    var factors = last
    for group in 0..<GroundParticle.Species.groupCount {
      guard let target = rows.meanLogDelay(group), let mean = found.meanLogDelay(group) else {
        continue
      }
      factors.densities[group] = clamped(rows.densities[group] / found.densities[group])
      factors.delays[group] = clamped(exp(target - mean))
    }
    return factors
  }

  private static func clamped(_ factor: Double) -> Double {
    min(max(factor, allowed.lowerBound), allowed.upperBound)
  }
}
