import Glibc

@testable import ShowerSimulation

/// Muons of a shower at one station by direct summation over production depth and energy.
///
/// Slow and exact: what the table of `MuonTransport` is checked against.
struct MuonReference: Sendable {
  /// Muons per m2 of the shower plane.
  let density: Double
  /// Mean cosine of the muons' zenith angle.
  let meanCosine: Double
  /// Delays behind the plane front [ns], before they are stretched, with their weights in density
  /// and cosines; sorted by delay.
  let delays: [(delay: Double, weight: Double, cosine: Double)]

  /// For a shower with energy [EeV], muon number R_mu, depth of maximum production [g/cm2, slant]
  /// and zenith angle [rad].
  ///
  /// The station lies at `distance` r from the axis [m] and `upstream` a = d.n [m], positive on the
  /// early side. `energyPoints` is the size of the energy grid.
  init(
    energy: Double, muonScale: Double, muonMaximum: Double, zenith: Double, distance: Double,
    upstream: Double = 0, constants: ShowerConstants.Muons, energyPoints: Int = 30,
    atmosphere: Atmosphere = .telescopeArray
  ) {
    var production = MuonProduction(constants: constants, atmosphere: atmosphere)
    production.update(muonMaximum: muonMaximum, cosZenith: cos(zenith))
    let spectrum = MuonSpectrum(constants, points: energyPoints)
    let r = max(distance, 30)
    let q = constants.momentumScale
    var (sum, cosineSum) = (0.0, 0.0)
    var delays: [(delay: Double, weight: Double, cosine: Double)] = []
    for bin in production.bins {
      let ray = MuonRay(bin: bin, upstream: upstream, distance: r)
      let path = ray.path(bin, groundDepth: production.groundDepth)
      for (energy, weight) in zip(spectrum.energies, spectrum.weights) {
        let transverse = energy * ray.sine
        let w =
          bin.fraction * weight * pow(energy / MuonSpectrum.pivotEnergy, bin.tilt)
          * path.survival(energy: energy) * energy * ray.dilution(r)
          * transverse / (q * q) * exp(-transverse / q)
        guard w > 0 else { continue }
        sum += w
        cosineSum += w * ray.cosine
        delays.append((ray.pathDelay + path.kinematicDelay(energy: energy), w, ray.cosine))
      }
    }
    density =
      sum * MuonNumber.produced(energy: energy, muonScale: muonScale, constants: constants)
    meanCosine = cosineSum / sum
    self.delays = delays.sorted { $0.delay < $1.delay }
  }

  /// Delay that a fraction of the muons does not exceed [ns]: of those that flat ground counts, or
  /// of the density in the shower plane.
  func delayQuantile(_ fraction: Double, onGround: Bool = true) -> Double {
    func weight(_ index: Int) -> Double {
      onGround ? delays[index].weight * delays[index].cosine : delays[index].weight
    }
    let total = delays.indices.reduce(0) { $0 + weight($1) }
    var sum = 0.0
    for index in delays.indices {
      sum += weight(index)
      if sum >= fraction * total { return delays[index].delay }
    }
    return delays.last?.delay ?? .nan
  }
}
