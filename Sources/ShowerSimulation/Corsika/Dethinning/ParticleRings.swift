internal import Glibc
internal import ShowerModel

/// Particles that are spread over the ring at their distance from the axis.
///
/// At a station with distance r_s a thinned particle at r_i has
/// `w cos(theta) K(ln r_s/r_i) (r_i/r_s)^(n-2)/(2 pi r_s^2)` copies per m2 of ground. K is normal
/// with the width `Dethinning.ringWidth`, and n the local slope of the density. For a power law the
/// mean density is then that of the thinned particles. Flat ground counts particles with the cosine
/// of their zenith angle at the station, not at their own position. Electrons and photons have the
/// asymmetry of the model in azimuth. Delays change from the thinned particle to the station as
/// those of its group do in this shower (`DelayMaps`).
struct ParticleRings: Sendable {
  private static let perLogDistance = 25.0
  private static let firstLogDistance = log(50.0)
  private static let binCount = 140
  private static let reachInWidths = 4.0

  private let particles: [GroundParticle]
  private let ranges: [Range<Int>]
  /// Weights of what of a particle may be seen, summed up in each bin.
  private let cumulative: [Double]
  private let ground: ShowerGround
  private let slopes: RadialSlopes
  private let delayMaps: DelayMaps
  /// Slope of the asymmetry [1/m].
  private let asymmetry: Double

  /// - Parameters:
  ///   - particles: to be spread.
  ///   - ground: of their shower.
  ///   - slopes: of the densities against distance.
  ///   - delayMaps: of the same particles or of more.
  ///   - asymmetry: of the photons, its slope [1/m].
  ///   - selection: what will be drawn of them.
  ///   - laws: of the detector.
  init(
    _ particles: [GroundParticle], ground: ShowerGround, slopes: RadialSlopes,
    delayMaps: DelayMaps, asymmetry: Double,
    selection: ParticleSelection, laws: ParticleLaws
  ) {
    self.ground = ground
    self.slopes = slopes
    self.delayMaps = delayMaps
    self.asymmetry = asymmetry
    let (sorted, ranges) = sortedByKey(particles, keyCount: Self.binCount) {
      Self.bin(log(max(ground.distance(Double($0.x), Double($0.y)), 1)))
    }
    self.particles = sorted
    self.ranges = ranges
    var sums = [Double](repeating: 0, count: sorted.count)
    for range in ranges {
      var sum = 0.0
      for index in range {
        let p = sorted[index]
        // Where on its ring it counts most.
        let (across, down) = Self.components(p, ground)
        let steepest =
          (across * across).sum().squareRoot() * ground.sinZenith + down * ground.cosZenith
        sum += Double(p.weight) * selection.bound(p, laws) * steepest / Double(p.pz)
        sums[index] = sum
      }
    }
    cumulative = sums
  }

  private static func bin(_ logDistance: Double) -> Int {
    min(max(Int((logDistance - firstLogDistance) * perLogDistance), 0), binCount - 1)
  }

  /// Coordinates of a station and what the rings need there.
  private struct StationCoordinates {
    let distance: Double
    let logDistance: Double
    let asymmetry: Double
    /// n - 2 of muons and of all others.
    let muonPower: Double
    let power: Double
    /// Angle about the axis, from the early side.
    let cosTurn: Double
    let sinTurn: Double
    /// Of the kernel, per m2 of ground.
    let scale: Double
  }

  private func coordinates(_ x: Double, _ y: Double) -> StationCoordinates {
    let r = max(ground.distance(x, y), 1)
    let upstream = ground.upstream(x)
    return StationCoordinates(
      distance: r, logDistance: log(r),
      asymmetry: ShowerField.asymmetry(
        asymmetry, upstream: upstream, most: r * ground.tangent),
      muonPower: slopes.muons.at(log(r)) - 2, power: slopes.others.at(log(r)) - 2,
      cosTurn: x * ground.cosZenith / r, sinTurn: y / r,
      scale: ground.cosZenith
        / (2 * .pi * r * r * (2 * .pi).squareRoot() * Dethinning.ringWidth))
  }

  /// Calls `body` with every particle that reaches a station at a position on the ground, in a
  /// random sample.
  ///
  /// - Parameters:
  ///   - x: in the axes of the shower [m].
  ///   - y: of the same.
  ///   - area: of the station [m2].
  ///   - random: of the station.
  ///   - selection: as in the making of the rings.
  ///   - laws: of the detector.
  ///   - correction: of densities and delays at the station.
  ///   - body: takes a particle, and may draw random numbers.
  func sample(
    x: Double, y: Double, area: Double, using random: inout CounterRandom,
    selection: ParticleSelection, laws: ParticleLaws, correction: MeanCorrection.Factors,
    _ body: (Arrival, inout CounterRandom) -> Void
  ) {
    let station = coordinates(x, y)
    let most = max(station.asymmetry, 1) * correction.densities.max()
    for bin in bins(near: station) where !ranges[bin].isEmpty {
      let range = ranges[bin]
      let largest = most * largestKernel(bin, station)
      let total = cumulative[range.upperBound - 1]
      let tries = random.poissonOfAnyMean(area * station.scale * total * largest)
      for _ in 0..<tries {
        let p = particles[index(of: random.uniform() * total, in: range)]
        let copy = copy(of: p, station)
        let chance =
          copy.chance * correction.densities[p.species.group]
          * selection.part(p.species, kinetic: Double(p.kinetic), secant: copy.secant, laws)
          / selection.bound(p, laws)
        guard random.uniform() * largest < chance else { continue }
        body(
          Arrival(
            species: p.species,
            kinetic: Double(p.kinetic) * max(1 + 0.1 * random.normal(), 0.1),
            secant: copy.secant,
            delay: delay(of: p, at: station) * correction.delays[p.species.group]), &random)
      }
    }
  }

  /// Expected densities and delays at a station.
  func addExpectation(x: Double, y: Double, to means: inout GroupMeans) {
    let station = coordinates(x, y)
    for bin in bins(near: station) {
      for p in particles[ranges[bin]] {
        let copy = copy(of: p, station)
        let density =
          station.scale * Double(p.weight) * copy.steepest / Double(p.pz) * copy.chance
        means.add(
          p.species, density, delay: delay(of: p, at: station), cosine: station.cosTurn)
      }
    }
  }

  private func bins(near station: StationCoordinates) -> ClosedRange<Int> {
    let reach = Self.reachInWidths * Dethinning.ringWidth
    return Self.bin(station.logDistance - reach)...Self.bin(station.logDistance + reach)
  }

  /// The kernel is largest at one of the ends of a bin, or inside where it peaks.
  private func largestKernel(_ bin: Int, _ station: StationCoordinates) -> Double {
    let low = Self.firstLogDistance + Double(bin) / Self.perLogDistance - station.logDistance
    let high = low + 1 / Self.perLogDistance
    let least = low > 0 ? low : high < 0 ? high : 0
    let width = Dethinning.ringWidth
    let (a, b) = (station.power, station.muonPower)
    return exp(
      -0.5 * least * least / (width * width) + max(a * low, a * high, b * low, b * high))
  }

  /// Kernel, asymmetry and cosine of a particle at a station, relative to the largest cosine on its
  /// ring.
  @inline(__always) private func copy(
    of p: GroundParticle, _ station: StationCoordinates
  ) -> (chance: Double, secant: Double, steepest: Double) {
    let distance = ground.distance(Double(p.x), Double(p.y))
    let away = log(distance) - station.logDistance
    let width = Dethinning.ringWidth
    let power = p.species == .muon ? station.muonPower : station.power
    var chance = exp(-0.5 * away * away / (width * width) + power * away)
    if p.species.isElectromagnetic { chance *= station.asymmetry }
    let (across, down) = Self.components(p, ground)
    let (c, s) = (Double(p.x) * ground.cosZenith / distance, Double(p.y) / distance)
    let radial = across.x * c + across.y * s
    let tangential = across.y * c - across.x * s
    let turned = radial * station.cosTurn - tangential * station.sinTurn
    let straight = down * ground.cosZenith
    // Flat ground counts the flux times the cosine.
    let cosine = max(turned * ground.sinZenith + straight, 0.02)
    let steepest = (across * across).sum().squareRoot() * ground.sinZenith + straight
    return (chance * cosine / steepest, 1 / cosine, steepest)
  }

  private func delay(of p: GroundParticle, at station: StationCoordinates) -> Double {
    let r = ground.distance(Double(p.x), Double(p.y))
    return delayMaps.delay(
      Double(p.delay), group: p.species.group,
      from: (log(r), Double(p.x) * ground.cosZenith / r),
      to: (station.logDistance, station.cosTurn))
  }

  /// All particles.
  func forEach(_ body: (GroundParticle) -> Void) { particles.forEach(body) }

  /// Momentum across the axis, to the early side and to its left, and down the axis, of a unit
  /// vector.
  @inline(__always) private static func components(
    _ p: GroundParticle, _ ground: ShowerGround
  ) -> (across: SIMD2<Double>, down: Double) {
    let (px, pz) = (Double(p.px), Double(p.pz))
    return (
      SIMD2(px * ground.cosZenith + pz * ground.sinZenith, Double(p.py)),
      pz * ground.cosZenith - px * ground.sinZenith
    )
  }

  /// The first particle of a bin whose cumulative weight exceeds a number.
  @inline(__always) private func index(of wanted: Double, in range: Range<Int>) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > wanted { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension CounterRandom {
  /// Poisson number; normal above 1000, where the difference is below a thousandth.
  mutating func poissonOfAnyMean(_ mean: Double) -> Int {
    guard mean > 1000 else { return poisson(mean: mean) }
    return max(Int((mean + mean.squareRoot() * normal()).rounded()), 0)
  }
}
