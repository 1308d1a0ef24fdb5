internal import Glibc
package import ShowerModel

/// What single particles leave in the two layers of a station [MeV].
package struct ParticleResponse: Sendable {
  package struct Deposit {
    package var upper: Double
    package var lower: Double
  }

  /// What is in the response table of the detector.
  package let laws: ParticleLaws
  /// Added to the part of electromagnetic hits that is in both layers.
  let bothLayersOffset: Double
  /// Mean deposit of a neutron below the energies of the table [MeV].
  let neutronDeposit: Double
  let normal: NormalTable

  package init(
    _ configuration: SimulationConfiguration = SimulationConfiguration(), laws: ParticleLaws,
    normal: NormalTable
  ) {
    self.laws = laws
    bothLayersOffset = configuration.bothLayersOffset
    neutronDeposit = configuration.neutronDeposit
    self.normal = normal
  }

  /// A muon with a kinetic energy [MeV] and a zenith angle.
  @inline(__always) package func muon(
    kinetic: Double, cosine: Double, using random: inout CounterRandom
  ) -> Deposit {
    laws.deposit(.muon, energy: kinetic, cosine: cosine, normal: normal, using: &random)
  }

  /// A muon of a shower.
  @inline(__always) func muon(
    _ muon: MuonTransport.Muon, using random: inout CounterRandom
  ) -> Deposit {
    laws.muonDeposit(
      logEnergy: muon.logKinetic, logCosine: muon.logCosine, cosine: muon.cosine, normal: normal,
      using: &random)
  }

  /// A delayed neutron: Gamma distributed with shape 2, in one layer.
  func neutron(using random: inout CounterRandom) -> Deposit {
    oneLayer(random.gamma(shape: 2, scale: 0.5 * neutronDeposit), using: &random)
  }

  /// A background muon: 4 GeV, intensity cos^2 theta on a flat detector, hence dN/dcos ~ cos^3.
  package func backgroundMuon(using random: inout CounterRandom) -> Deposit {
    let cosine = max(random.uniform().squareRoot().squareRoot(), 0.05)
    return muon(kinetic: Self.backgroundEnergy, cosine: cosine, using: &random)
  }

  private static let backgroundEnergy = 4000.0

  /// Background in one layer only: Exp(0.8 MeV).
  func backgroundSingle(using random: inout CounterRandom) -> Deposit {
    oneLayer(random.exponential(mean: 0.8), using: &random)
  }

  private func oneLayer(_ energy: Double, using random: inout CounterRandom) -> Deposit {
    laws.layerCount == 1 || random.uniform() < 0.5
      ? Deposit(upper: energy, lower: 0) : Deposit(upper: 0, lower: energy)
  }
}
