internal import Glibc
package import ShowerModel

/// What single particles leave in the two layers of a station [MeV].
package struct ParticleResponse: Sendable {
  package struct Deposit {
    package var upper: Double
    var lower: Double
  }

  /// Most probable deposit of a vertical muon in the layer of this response, 1.2 cm of scintillator
  /// [MeV].
  static let energyOfVEM = 2.05
  /// Mean deposit of a vertical muon in a layer [MeV]: M = -ln Z^2 has mean ln 2 + gamma, B 0.2
  /// MeV.
  static let meanMuonDeposit = 2.05 + 0.115 * (log(2) + 0.5772156649) + 0.08 * 2.5

  /// Fraction of electromagnetic hits that cross both layers.
  let bothLayersFraction: Double
  /// Mean deposit of a neutron [MeV].
  let neutronDeposit: Double
  let normal: NormalTable

  package init(
    _ configuration: SimulationConfiguration = SimulationConfiguration(), normal: NormalTable
  ) {
    bothLayersFraction = configuration.bothLayersFraction
    neutronDeposit = configuration.neutronDeposit
    self.normal = normal
  }

  /// `sec (2.05 + 0.115 M + B)` MeV in each layer with the Landau-like M = -ln Z^2 and knock-on
  /// electrons B, times 1 + 0.07 Z'. Most probable 2.05 MeV, mean 2.40 MeV.
  func muon(secant: Double, using random: inout CounterRandom) -> Deposit {
    // Four numbers of 16 bits.
    let bits = random.next()
    return Deposit(
      upper: secant * (2.05 + 0.115 * normal.minusLogSquare(bits) + knockOn(&random))
        * max(1 + 0.07 * normal(bits >> 16), 0.3),
      lower: secant * (2.05 + 0.115 * normal.minusLogSquare(bits >> 32) + knockOn(&random))
        * max(1 + 0.07 * normal(bits >> 48), 0.3))
  }

  @inline(__always) private func knockOn(_ random: inout CounterRandom) -> Double {
    let u = random.uniform()
    // What is left of a draw below 0.08 is uniform again.
    return u < 0.08 ? -2.5 * VectorFunctions.log(u / 0.08) : 0
  }

  /// One electron or photon of the shower, a unit of 0.87 VEM a layer in the mean: through both
  /// layers like a slanted muon, or stopped in one.
  func electromagnetic(using random: inout CounterRandom) -> Deposit {
    let kind = random.uniform()
    if kind < bothLayersFraction {
      let secant = 1.02 * max(1, 1.033 / (0.75 + 0.25 * random.uniform()))
      return muon(secant: secant, using: &random)
    }
    let energy = min(-1.35 * VectorFunctions.log(random.uniform()), 6)
    return kind < 0.5 * (1 + bothLayersFraction)
      ? Deposit(upper: energy, lower: 0) : Deposit(upper: 0, lower: energy)
  }

  /// A delayed neutron: Gamma distributed with shape 2, in one layer.
  func neutron(using random: inout CounterRandom) -> Deposit {
    oneLayer(random.gamma(shape: 2, scale: 0.5 * neutronDeposit), using: &random)
  }

  /// A background muon: intensity cos^2 theta on a flat detector, hence dN/dcos ~ cos^3.
  package func backgroundMuon(using random: inout CounterRandom) -> Deposit {
    let cosine = max(random.uniform().squareRoot().squareRoot(), 0.05)
    return muon(secant: 1 / cosine, using: &random)
  }

  /// Background in one layer only: Exp(0.8 MeV).
  func backgroundSingle(using random: inout CounterRandom) -> Deposit {
    oneLayer(random.exponential(mean: 0.8), using: &random)
  }

  private func oneLayer(_ energy: Double, using random: inout CounterRandom) -> Deposit {
    random.uniform() < 0.5 ? Deposit(upper: energy, lower: 0) : Deposit(upper: 0, lower: energy)
  }
}

/// Mean deposits of an electromagnetic hit, for many of them at once.
///
/// Sums over the classes of `ParticleResponse.electromagnetic`.
struct ElectromagneticMoments {
  /// Mean of one layer [MeV].
  var mean: Double
  /// Variance of one layer of one hit [MeV2].
  var variance: Double
  /// Covariance of both layers of one hit [MeV2].
  var covariance: Double

  /// Mean and mean square of the slant: max(1, 1.033/(0.75 + u/4)) with u uniform, times 1.02.
  private static let slant: (mean: Double, meanSquare: Double) = {
    var (slant, slant2) = (0.0, 0.0)
    let steps = 1000
    for step in 0..<steps {
      let s = 1.02 * max(1, 1.033 / (0.75 + 0.25 * (Double(step) + 0.5) / Double(steps)))
      slant += s / Double(steps)
      slant2 += s * s / Double(steps)
    }
    return (slant, slant2)
  }()

  init(bothLayersFraction f: Double) {
    let (slant, slant2) = ElectromagneticMoments.slant
    // M has variance pi^2/2 and B mean square 1 MeV.
    let crossing = ParticleResponse.meanMuonDeposit
    let crossingVariance = 0.115 * 0.115 * .pi * .pi / 2 + (0.08 * 2 * 2.5 * 2.5 - 0.04)
    let crossing2 = (crossing * crossing + crossingVariance) * (1 + 0.07 * 0.07)
    // min(Exp(b), 6): mean b (1 - e^-c), mean square 2 b^2 (1 - (1 + c) e^-c), c = 6/b.
    let (b, c) = (1.35, 6 / 1.35)
    let stopped = b * (1 - exp(-c))
    let stopped2 = 2 * b * b * (1 - (1 + c) * exp(-c))
    let single = 0.5 * (1 - f)
    mean = f * slant * crossing + single * stopped
    variance = f * slant2 * crossing2 + single * stopped2 - mean * mean
    covariance = f * slant2 * crossing * crossing - mean * mean
  }
}
