internal import Glibc
internal import ShowerModel

/// What particles of a CORSIKA shower leave in the two layers of a station.
///
/// Muons and charged hadrons are treated as in the parametric model. Electrons of T MeV lose 2.35
/// MeV sec theta in a layer, after 2.5 (upper) and 6.4 (lower) MeV sec theta in front of it.
/// Photons convert with a mean of min(0.043 sqrt(T), 0.11) MeV sec theta, and 1.15 times that in
/// the lower layer. Neutrons above 50 MeV seldom scatter. Derived; checked against CORSIKA and the
/// signal of the model at 400 to 1200 m to 10 %.
extension ParticleResponse {
  static let photonDeposit = 1.3
  private static let neutronChance = 0.03

  /// Chances of a photon to convert in the upper and in the lower layer.
  @inline(__always) static func conversion(
    kinetic: Double, secant: Double
  ) -> (upper: Double, lower: Double) {
    let mean = min(0.043 * kinetic.squareRoot(), 0.11) * min(secant, 10)
    return (min(mean / photonDeposit, 1), min(1.15 * mean / photonDeposit, 1))
  }

  /// The part of the particles of a kind that leave anything at all.
  @inline(__always) static func visible(
    _ species: GroundParticle.Species, kinetic: Double, secant: Double
  ) -> Double {
    switch species {
    case .muon, .chargedHadron: return 1
    case .electron: return kinetic > 2.5 * secant ? 1 : 0
    case .photon:
      let (upper, lower) = conversion(kinetic: kinetic, secant: secant)
      return 1 - (1 - upper) * (1 - lower)
    case .neutralHadron: return kinetic > 50 ? neutronChance : 0
    }
  }

  /// At least as much as is visible of a particle once it has been turned about the axis.
  @inline(__always) static func mostVisible(_ p: GroundParticle) -> Double {
    switch p.species {
    case .photon: visible(.photon, kinetic: Double(p.kinetic), secant: 2 / Double(p.pz))
    case .electron: p.kinetic > 2.5 ? 1 : 0
    default: visible(p.species, kinetic: Double(p.kinetic), secant: 1)
    }
  }

  /// Mean deposit in a layer [MeV], over both layers.
  static func meanDeposit(
    _ species: GroundParticle.Species, kinetic: Double, secant: Double
  ) -> Double {
    switch species {
    case .muon, .chargedHadron: return meanMuonDeposit * min(secant, 10)
    case .electron:
      let (upper, lower) = electron(kinetic: kinetic, secant: secant)
      return 0.5 * (upper + lower)
    case .photon:
      let (upper, lower) = conversion(kinetic: kinetic, secant: secant)
      return 0.5 * photonDeposit * (upper + lower)
    case .neutralHadron: return kinetic > 50 ? neutronChance * 0.5 * 10 : 0
    }
  }

  private static func electron(
    kinetic: Double, secant: Double
  ) -> (upper: Double, lower: Double) {
    func layer(_ front: Double) -> Double {
      min(max(kinetic - front * secant, 0), 2.35 * secant)
    }
    return (layer(2.5), layer(6.4))
  }

  /// The deposit of a particle that leaves something (`visible`).
  func deposit(of arrival: Arrival, using random: inout CounterRandom) -> Deposit {
    switch arrival.species {
    case .muon, .chargedHadron:
      return muon(secant: min(arrival.secant, 10), using: &random)
    case .electron:
      let (upper, lower) = Self.electron(kinetic: arrival.kinetic, secant: arrival.secant)
      return smeared(upper, lower, using: &random)
    case .photon:
      let (upper, lower) = Self.conversion(kinetic: arrival.kinetic, secant: arrival.secant)
      let both = upper * lower
      let u = random.uniform() * (upper + lower - both)
      let inUpper = u < upper
      let inLower = u < both || u >= upper
      return smeared(
        inUpper ? random.exponential(mean: Self.photonDeposit) : 0,
        inLower ? random.exponential(mean: Self.photonDeposit) : 0, using: &random)
    case .neutralHadron: return neutron(using: &random)
    }
  }

  private func smeared(
    _ upper: Double, _ lower: Double, using random: inout CounterRandom
  ) -> Deposit {
    let bits = random.next()
    return Deposit(
      upper: upper * max(1 + 0.07 * normal(bits), 0.3),
      lower: lower * max(1 + 0.07 * normal(bits >> 16), 0.3))
  }
}
