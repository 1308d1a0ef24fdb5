internal import Glibc
internal import ShowerModel

/// Muons of a shower at one station by direct summation over production depth and energy.
///
/// Slow and exact: what the table of `MuonTransport` is checked against.
public struct MuonReference: Sendable {
  /// Muons per m2 of the shower plane.
  public let density: Double
  /// Mean cosine of the muons' zenith angle.
  public let meanCosine: Double
  /// Delays behind the plane front [ns], before they are stretched, with their weights in density and cosines;
  /// sorted by delay.
  public let delays: [(delay: Double, weight: Double, cosine: Double)]

  /// For a shower with energy [EeV], muon number R_mu, depth of maximum production [g/cm2, slant] and zenith
  /// angle [rad].
  ///
  /// The station lies at `distance` r from the axis [m] and `upstream` a = d.n [m], positive on the
  /// early side. `energyPoints` is the size of the energy grid.
  public init(
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

  /// Delay that a fraction of the muons does not exceed [ns]: of those that flat ground counts, or of the
  /// density in the shower plane.
  public func delayQuantile(_ fraction: Double, onGround: Bool = true) -> Double {
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

/// The straight line from a production bin on the axis to a station.
struct MuonRay {
  /// Length [m].
  let length: Double
  /// Component along the axis, z [m].
  let along: Double
  /// Sine of the angle to the axis.
  let sine: Double
  /// Cosine of the zenith angle.
  let cosine: Double

  @inline(__always) init(bin: MuonProduction.Bin, upstream: Double, distance r: Double) {
    along = max(bin.distance - upstream, 20)
    length = (along * along + r * r).squareRoot()
    sine = r / length
    cosine = min(max(bin.level.height / length, 0.05), 1)
  }

  /// Delay of light on this way behind the plane front [ns].
  @inline(__always) var pathDelay: Double { (length - along) / Units.speedOfLight }

  /// z^2 / l^3 / (2 pi r) [1/m2], per transverse momentum over energy.
  @inline(__always) func dilution(_ r: Double) -> Double {
    along * along / (length * length * length * 2 * .pi * r)
  }

  @inline(__always) func path(_ bin: MuonProduction.Bin, groundDepth: Double) -> MuonPath {
    MuonPath(
      verticalDepth: bin.level.verticalDepth, scaleHeight: bin.level.scaleHeight,
      groundDepth: groundDepth, logDepthRatio: bin.level.logDepthRatio, secant: 1 / cosine)
  }
}
