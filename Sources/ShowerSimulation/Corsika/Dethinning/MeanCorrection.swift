internal import Glibc
internal import ShowerModel

/// Sums of densities and of logarithms of delays by group of particles.
struct GroupMeans {
  private(set) var densities = SIMD4<Double>()
  private var logDelays = SIMD4<Double>()
  private var squares = SIMD4<Double>()

  mutating func add(_ species: GroundParticle.Species, _ density: Double, delay: Double) {
    let group = species.group
    densities[group] += density
    logDelays[group] += density * log(max(delay, 1))
    squares[group] += density * density
  }

  /// The mean of so many places.
  func divided(by count: Double) -> GroupMeans {
    var means = self
    means.densities /= count
    means.logDelays /= count
    means.squares /= count * count
    return means
  }

  static func + (a: GroupMeans, b: GroupMeans) -> GroupMeans {
    var sum = a
    sum.densities += b.densities
    sum.logDelays += b.logDelays
    sum.squares += b.squares
    return sum
  }

  /// Mean logarithm of the delays of a group, nil with fewer than 20 effective rows.
  func meanLogDelay(_ group: Int) -> Double? {
    guard densities[group] * densities[group] > 20 * squares[group] else { return nil }
    return logDelays[group] / densities[group]
  }
}

/// What keeps mean densities and delays of multiplied showers to those of the thinned ones.
///
/// More copies on a wide cone land farther out than farther in, and copies on longer ways are lost.
/// Together this costs up to a tenth of the photons. So the expected number of each group, averaged
/// over azimuth, is compared with its rows. Both are smoothed in ln r, at distances in steps of a
/// tenth. Their ratio, linear in between, multiplies the number of copies. A ratio of typical
/// delays multiplies their delays.
struct MeanCorrection: Sendable {
  struct Factors {
    var densities = SIMD4<Double>(repeating: 1)
    var delays = SIMD4<Double>(repeating: 1)
  }

  private static let step = 0.1
  private static let width = 0.1
  /// Places around the axis at which copies on rings are expected. Those of copies in cones, below,
  /// are more, because these scatter from place to place.
  private static let ringAzimuths = 6
  private static let coneAzimuths = 160
  private static let allowed = 0.6...1.6

  private let first: Double
  private let nodes: [Factors]

  func at(_ distance: Double) -> Factors {
    guard nodes.count > 1 else { return Factors() }
    let position = min(
      max((log(max(distance, 1)) - first) / Self.step, 0), Double(nodes.count - 1) - 1e-9)
    let node = Int(position)
    let part = position - Double(node)
    let (low, high) = (nodes[node], nodes[node + 1])
    return Factors(
      densities: low.densities + part * (high.densities - low.densities),
      delays: low.delays + part * (high.delays - low.delays))
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
        rows[node].add(p.species, Double(p.weight) * kernel / area, delay: Double(p.delay))
      }
    }
    cells.forEach(add)
    rings.forEach(add)
    var nodes: [Factors] = []
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
      nodes.append(Self.factors(rows[node], found, otherwise: nodes.last ?? Factors()))
    }
    self.nodes = nodes
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
