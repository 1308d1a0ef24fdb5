import Foundation
import ShowerModel
import Testing

@testable import ShowerSimulation

/// Delays that move about the axis with the particles, by group.
@Suite struct DelayMapsTests {
  static let ground = ShowerGround(
    cosZenith: cos(0.6), sinZenith: sin(0.6), levelHeight: 1400, start: 25_000, startDepth: 20,
    atmosphere: .telescopeArray)

  /// ln t = ln 300 + 1.4 ln(r/800) + m c + w exp(h c) Z.
  struct Law {
    let mean: Double
    let width: Double
    let spread: Double

    func logDelay(_ r: Double, _ cosine: Double, _ normal: Double) -> Double {
      log(300) + 1.4 * log(r / 800) + mean * cosine + width * exp(spread * cosine) * normal
    }
  }
  static let photons = Law(mean: 0.25, width: 0.6, spread: 0.2)
  static let muons = Law(mean: 0.1, width: 0.5, spread: 0)

  static func particle(
    _ species: GroundParticle.Species, _ r: Double, _ angle: Double, logDelay: Double,
    weight: Double
  ) -> GroundParticle {
    GroundParticle(
      x: Float(r * cos(angle) / ground.cosZenith), y: Float(r * sin(angle)), px: 0, py: 0, pz: 1,
      delay: Float(exp(logDelay)), weight: Float(weight), kinetic: 10, path: 1000, spread: 0.05,
      depth: 100, species: species)
  }

  static let maps: DelayMaps = {
    var random = CounterRandom(seed: 3, event: 0)
    var particles: [GroundParticle] = []
    for _ in 0..<40_000 {
      let (r, angle) = (300 * exp(2 * random.uniform()), 2 * .pi * random.uniform())
      for (species, law) in [(GroundParticle.Species.photon, photons), (.muon, muons)] {
        particles.append(
          particle(
            species, r, angle, logDelay: law.logDelay(r, cos(angle), random.normal()),
            weight: 1 + 9 * random.uniform()))
      }
    }
    return DelayMaps(particles, ground: ground) { _ in 1 }
  }()

  /// From the late to the early side, 1.1 times farther out, at 1.5 spreads below to above the
  /// mean.
  @Test(arguments: [(0, photons), (2, muons)])
  func lawsAreFoundAgain(group: Int, law: Law) {
    for r in [500.0, 900, 1500] {
      for normal in [-1.5, 0, 1.5] {
        let here = exp(law.logDelay(r, -0.8, normal))
        let there = Self.maps.delay(
          here, group: group, from: (log(r), -0.8), to: (log(1.1 * r), 0.8))
        let wanted = law.logDelay(1.1 * r, 0.8, normal)
        #expect(abs(log(there) - wanted) < 0.06, "\(r) m, \(normal): \(log(there))")
      }
    }
  }

  /// A delay stays what it is where it is.
  @Test func theSamePlace() {
    let delay = Self.maps.delay(250, group: 0, from: (log(700), 0.3), to: (log(700), 0.3))
    #expect(abs(delay - 250) < 1e-9)
  }

  /// Three hadrons say nothing about sides; nothing at all of electrons leaves their delays alone.
  @Test func fewParticles() {
    var random = CounterRandom(seed: 4, event: 0)
    let three = [0.0, 2, 4].map {
      Self.particle(.baryon, 800, $0, logDelay: 6 + random.normal(), weight: 100)
    }
    let maps = DelayMaps(three, ground: Self.ground) { _ in 1 }
    let moved = maps.delay(300, group: 3, from: (log(800), -1), to: (log(800), 1))
    #expect(moved > 150 && moved < 600, "\(moved)")
    #expect(abs(maps.delay(300, group: 1, from: (log(800), -1), to: (log(800), 1)) - 300) < 1e-9)
  }
}
