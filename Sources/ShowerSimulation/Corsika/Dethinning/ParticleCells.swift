internal import Glibc
internal import ShowerModel

/// Particles whose copies stay in a cone, in cells of the ground, so that a station finds those
/// near it.
struct ParticleCells: Sendable {
  private static let perLogDistance = 10.0
  private static let sectors = 36
  /// Copies are followed to so many widths of the cone.
  private static let reachInWidths = 4.0

  /// A cell that is not empty.
  private struct Cell {
    var range: Range<Int>
    /// A circle around its particles, as wide as their copies reach [m].
    var x: Float
    var y: Float
    var reach: Float
  }

  private let particles: [GroundParticle]
  private let cells: [Cell]
  private let ground: ShowerGround

  init(_ particles: [GroundParticle], ground: ShowerGround) {
    self.ground = ground
    func key(_ p: GroundParticle) -> Int {
      let r = (p.x * p.x + p.y * p.y).squareRoot()
      let ring = Int(Self.perLogDistance * log(Double(max(r, 10)) / 10))
      let turn = (Double(atan2(p.y, p.x)) / (2 * .pi) + 0.5) * Double(Self.sectors)
      return min(max(ring, 0), 99) * Self.sectors + min(max(Int(turn), 0), Self.sectors - 1)
    }
    let (sorted, ranges) = sortedByKey(particles, keyCount: 100 * Self.sectors, key)
    self.particles = sorted
    cells = ranges.filter { !$0.isEmpty }.map { range in
      let own = sorted[range]
      let count = Float(own.count)
      let (x, y) = (own.reduce(0) { $0 + $1.x } / count, own.reduce(0) { $0 + $1.y } / count)
      let reach = own.reduce(Float(0)) { reach, p in
        let (dx, dy) = (p.x - x, p.y - y)
        return max(reach, (dx * dx + dy * dy).squareRoot() + Self.reach(of: p))
      }
      return Cell(range: range, x: x, y: y, reach: reach)
    }
  }

  /// Largest distance of a copy from its thinned particle [m].
  private static func reach(of p: GroundParticle) -> Float {
    guard p.weight > 1 else { return 1 }
    let t = tanf(min(Float(reachInWidths) * p.spread, 1.2))
    let flat = (max(1 - p.pz * p.pz, 0)).squareRoot()
    return min(p.path * t / (p.pz * max(p.pz - t * flat, 0.15)), 4000) + 1
  }

  /// Calls `body` with every particle that reaches a station at a place of the ground, in a random
  /// sample.
  ///
  /// - Parameters:
  ///   - x: in the axes of the shower [m].
  ///   - y: of the same.
  ///   - area: of the station [m2]; the density is that of its middle.
  ///   - random: of the station.
  ///   - selection: what is drawn of them.
  ///   - laws: of the detector.
  ///   - correction: of densities and delays at the station.
  ///   - body: takes a particle, and may draw random numbers.
  func sample(
    x: Double, y: Double, area: Double, using random: inout CounterRandom,
    selection: ParticleSelection, laws: ParticleLaws, correction: MeanCorrection.Factors,
    _ body: (Arrival, inout CounterRandom) -> Void
  ) {
    let half = Float(0.5 * area.squareRoot())
    // A Poisson process over all thinned particles: their means are summed up to exponential steps.
    var next = random.exponential(mean: 1)
    var sum = 0.0
    forEachNear(x, y) { p in
      if abs(Float(x) - p.x) <= half, abs(Float(y) - p.y) <= half {
        // The particle of the file itself, unchanged.
        let secant = 1 / Double(p.pz)
        let part = selection.part(p.species, kinetic: Double(p.kinetic), secant: secant, laws)
        for _ in 0..<Int(part + random.uniform()) {
          body(
            Arrival(
              species: p.species, kinetic: Double(p.kinetic), secant: secant,
              delay: Double(p.delay)), &random)
        }
      }
      guard p.weight > 1, let copy = copy(of: p, x, y) else { return }
      sum +=
        Double(p.weight - 1) * area * copy.density
        * correction.densities[p.species.group]
        * selection.part(p.species, kinetic: Double(p.kinetic), secant: copy.secant, laws)
      while sum > next {
        body(
          Arrival(
            species: p.species,
            kinetic: Double(p.kinetic) * max(1 + 0.1 * random.normal(), 0.1),
            secant: copy.secant,
            delay: copy.delay * correction.delays[p.species.group]), &random)
        next += random.exponential(mean: 1)
      }
    }
  }

  /// Expected densities and delays at a place, with the particles of the file as if they were
  /// copies too.
  func addExpectation(x: Double, y: Double, to means: inout GroupMeans) {
    let cosine = x * ground.cosZenith / max(ground.distance(x, y), 1)
    forEachNear(x, y) { p in
      guard p.weight > 1, let copy = copy(of: p, x, y) else { return }
      means.add(
        p.species, Double(p.weight) * copy.density, delay: copy.delay, cosine: cosine)
    }
  }

  /// A copy of a particle that lands at a place, and how many land there for one copy [1/m2]. Nil
  /// if none does.
  @inline(__always) private func copy(
    of p: GroundParticle, _ x: Double, _ y: Double
  ) -> (density: Double, secant: Double, delay: Double)? {
    // From the vertex to the place.
    let dx = Float(x) - p.x + p.path * p.px
    let dy = Float(y) - p.y + p.path * p.py
    let dz = p.path * p.pz
    let along = dx * p.px + dy * p.py + dz * p.pz
    guard along > 0 else { return nil }
    let length2 = dx * dx + dy * dy + dz * dz
    let u2 = max(length2 / (along * along) - 1, 0)
    let width2 = p.spread * p.spread
    guard u2 < Float(Self.reachInWidths * Self.reachInWidths) * width2 else { return nil }
    let length = length2.squareRoot()
    let cosine = dz / length
    let u = u2.squareRoot()
    let angle = u > 1e-3 ? atanf(u) : u
    let stretch = u > 1e-3 ? angle / u : 1
    // Density of the direction u = tan(angle), of which angle/width is Rayleigh distributed...
    var density =
      stretch * expf(-0.5 * angle * angle / width2) / (2 * .pi * width2 * (1 + u2))
    // ...on the ground.
    let inverse = length / along
    density *= cosine / length2 * inverse * inverse * inverse
    let more = p.depth / cosine - p.depth / p.pz
    let cos2 = Float(ground.cosZenith * ground.cosZenith / Dethinning.attenuation)
    if more > 0 { density *= expf(-more * cos2) }
    let late = Double(length - p.path) + ground.upstream(x) - ground.upstream(Double(p.x))
    return (
      Double(density), 1 / Double(cosine), max(Double(p.delay) + late / Units.speedOfLight, 0)
    )
  }

  @inline(__always) private func forEachNear(
    _ x: Double, _ y: Double, _ body: (GroundParticle) -> Void
  ) {
    let (fx, fy) = (Float(x), Float(y))
    particles.withUnsafeBufferPointer { particles in
      for cell in cells {
        let (cx, cy) = (fx - cell.x, fy - cell.y)
        guard cx * cx + cy * cy < cell.reach * cell.reach else { continue }
        for index in cell.range { body(particles[index]) }
      }
    }
  }

  /// All particles.
  func forEach(_ body: (GroundParticle) -> Void) { particles.forEach(body) }
}

/// A stable sort by a small key, with the range of each key.
func sortedByKey<Element>(
  _ elements: [Element], keyCount: Int, _ key: (Element) -> Int
) -> (sorted: [Element], ranges: [Range<Int>]) {
  var starts = [Int](repeating: 0, count: keyCount + 1)
  let keys = elements.map { UInt32(key($0)) }
  for key in keys { starts[Int(key) + 1] += 1 }
  for index in 0..<keyCount { starts[index + 1] += starts[index] }
  var order = [Int32](repeating: 0, count: elements.count)
  var next = starts
  for (index, key) in keys.enumerated() {
    order[next[Int(key)]] = Int32(index)
    next[Int(key)] += 1
  }
  return (order.map { elements[Int($0)] }, (0..<keyCount).map { starts[$0]..<starts[$0 + 1] })
}
