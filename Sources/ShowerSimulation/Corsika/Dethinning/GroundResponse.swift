internal import ShowerModel

/// What particles of a CORSIKA shower leave in the layers of a station: the response table.
extension GroundParticle.Species {
  /// The particle of the response table.
  var particle: ResponseTable.Particle {
    switch self {
    case .photon: .photon
    case .electron: .electron
    case .positron: .positron
    case .muon: .muon
    case .meson: .pion
    case .baryon: .proton
    case .neutralHadron: .neutron
    }
  }
}

extension ParticleLaws {
  /// Mean deposit in a layer [MeV], over both layers.
  func meanDeposit(
    _ species: GroundParticle.Species, kinetic: Double, secant: Double
  ) -> Double {
    meanDeposit(species.particle, energy: kinetic, cosine: 1 / secant)
  }
}

extension ParticleResponse {
  /// The deposit of a hit (`ParticleSelection.hits`).
  func deposit(of arrival: Arrival, using random: inout CounterRandom) -> Deposit {
    laws.deposit(
      arrival.species.particle, energy: arrival.kinetic, cosine: 1 / arrival.secant,
      bothOffset: arrival.species.isElectromagnetic ? bothLayersOffset : 0, normal: normal,
      using: &random)
  }
}
