internal import Glibc
internal import ShowerModel

/// How the particles of a thinned shower are multiplied again.
///
/// A thinned particle of weight w stands for w particles of the same origin. Its copies fly from a
/// vertex on its path in a cone about its momentum (B. T. Stokes et al., arXiv:1104.3182). If the
/// weight is large, a station would see many copies at once. Such a particle is spread over the
/// whole ring at its distance from the axis instead. Its neighbours on the ring are like it.
struct Dethinning: Sendable {
  /// Opening of the cone [rad] per km of distance from the axis: electrons and photons, others.
  static let electromagneticSpread = 3 * Units.degree
  static let hadronicSpread = 1 * Units.degree
  /// Slant depth per generation below the first interaction, where vertices end [g/cm2].
  static let depthPerGeneration = 30.0
  /// Depth on which copies with a longer way are lost [g/cm2].
  static let attenuation = 50.0
  /// Cones are at least as wide as a few stations [m], and start at least so far above the ground
  /// [m].
  static let leastWidth = 5.0
  static let leastPath = 20.0
  /// Copies in one station from one particle, in the middle of its cone, above which it is spread
  /// over the ring.
  static let largestShare = 0.25
  /// Relative width in ln r of the spread on the ring.
  static let ringWidth = 0.08
  /// Beyond it nothing is kept [m].
  static let outerRadius = 8415.0

  /// Axis distance inside which thinning cannot be undone, R_2 [m].
  ///
  /// 500 m + 400 m lg(E/10 EeV) below 10 EeV, 500 m + 520 m lg(E/10 EeV) above, at least 300 m.
  static func innerRadius(energy: Double) -> Double {
    let l = log10(energy / 10)
    return max(500 + (l < 0 ? 400 : 520) * l, 300)
  }

  let ground: ShowerGround
  /// Axis distance beyond which thinned particles are used, R_1 [m].
  let thinnedRadius: Double
  /// Of the stations that will draw from the shower [m2].
  let stationArea: Double

  init(ground: ShowerGround, innerRadius: Double, stationArea: Double) {
    self.ground = ground
    self.stationArea = stationArea
    thinnedRadius = max(innerRadius - 200, 100)
  }

  /// A row of the file as a thinned particle; nil where it has no copies.
  ///
  /// `x` and `y` are in the axes of the shower [m]. `flight` is a unit vector downwards. `delay` is
  /// the delay behind the plane front [ns].
  func thinnedParticle(
    _ row: CorsikaParticle, x: Double, y: Double, flight: SIMD3<Double>, delay: Double
  ) -> GroundParticle? {
    guard let species = GroundParticle.Species(id: row.id), flight.z > 0.02 else { return nil }
    let r = ground.distance(x, y)
    guard r > thinnedRadius, r < Self.outerRadius * 1.2 else { return nil }
    let path = min(
      max(vertexDistance(x, y, flight, delay, generation: row.generation), Self.leastPath), 1e5)
    let perKilometre =
      species.isElectromagnetic ? Self.electromagneticSpread : Self.hadronicSpread
    let spread = min(max(perKilometre * r / 1000, Self.leastWidth / path), 0.6)
    let atmosphere = ground.atmosphere
    let depth =
      atmosphere.groundDepth
      - atmosphere.verticalDepth(height: ground.levelHeight + path * flight.z)
    return GroundParticle(
      x: Float(x), y: Float(y), px: Float(flight.x), py: Float(flight.y), pz: Float(flight.z),
      delay: Float(delay), weight: Float(row.weight), kinetic: Float(1000 * row.kineticEnergy),
      path: Float(path), spread: Float(spread), depth: Float(depth), species: species)
  }

  /// Distance from the particle back to its vertex [m]. The vertex is where a light path from the
  /// first interaction bends, at most where the particle's generation begins.
  private func vertexDistance(
    _ x: Double, _ y: Double, _ flight: SIMD3<Double>, _ delay: Double, generation: Int
  ) -> Double {
    // From the first interaction to the particle.
    let way = SIMD3(
      x - ground.start * ground.sinZenith, y, -ground.start * ground.cosZenith)
    let way2 = (way * way).sum()
    let length = way2.squareRoot()
    let light = ground.start - ground.upstream(x) + Units.speedOfLight * delay
    let along = flight.x * way.x + flight.y * way.y - flight.z * way.z
    let denominator = 2 * (light - along)
    let bend = denominator > 1e-6 ? (light * light - way2) / denominator : .infinity
    // Electrons and photons count their generations from 50.
    let generations = Double(generation > 50 ? generation - 50 : generation)
    let down = -way.z / length
    let depth = ground.startDepth + Self.depthPerGeneration * generations * down
    guard depth < ground.atmosphere.groundDepth else { return 0 }
    let height = ground.atmosphere.height(verticalDepth: max(depth, 1e-3))
    let highest = min(height - ground.levelHeight, ground.start * ground.cosZenith)
    return max(min(bend, highest / down), 0)
  }

  /// Whether a particle is too heavy for its cone.
  func needsRing(_ p: GroundParticle) -> Bool {
    guard p.weight > 1 else { return false }
    let width = Double(p.spread * p.path)
    let peak = Double(p.weight) * stationArea * Double(p.pz) / (2 * .pi * width * width)
    return peak > Self.largestShare
  }
}
