/// One row of a particle file, in the units of the file: GeV, cm, ns.
public struct CorsikaParticle: Equatable, Sendable {
  /// The words of the row: description, p_x, p_y, p_z, x, y, t, weight (1 where not thinned).
  public let words: SIMD8<Float>

  public init(words: SIMD8<Float>) { self.words = words }

  /// Masses [GeV] by id, for kinetic energies: electrons, muons, pions, kaons, nucleons.
  private static func mass(_ id: Int) -> Double {
    switch id {
    case 1: 0
    case 2, 3: 0.000_510_999
    case 5, 6: 0.105_658_4
    case 7...9: 0.139_570
    case 10...12, 16: 0.493_677
    case 13, 25: 0.939_565
    case 200...: Double(id / 100) * 0.931_494
    default: 0.938_272
    }
  }

  /// Description: id x 1000 + generation x 10 + level.
  public var description: Float { words[0] }
  /// 1 photon, 2 and 3 e+ and e-, 5 and 6 mu+ and mu-, 7 to 25 and more hadrons, A x 100 + Z
  /// nuclei.
  public var id: Int { Int(words[0]) / 1000 }
  /// Hadronic generation; that of electrons and photons counts from 50 too.
  public var generation: Int { Int(words[0]) % 1000 / 10 }
  /// Number of the observation level, from 1 for the highest.
  public var level: Int { (Int(words[0]) + 9) % 10 + 1 }
  /// Momentum [GeV], magnetic north, west, **down**.
  public var momentum: SIMD3<Double> {
    SIMD3(Double(words[1]), Double(words[2]), Double(words[3]))
  }
  /// Position on the level [cm], magnetic north and west of the core.
  public var position: SIMD2<Double> { SIMD2(Double(words[4]), Double(words[5])) }
  /// Since the start of the clock [ns].
  public var time: Double { Double(words[6]) }
  /// How many particles it stands for.
  public var weight: Double { Double(words[7]) }

  /// Kinetic energy [GeV]; energies are not stored.
  public var kineticEnergy: Double {
    let p = momentum
    let (p2, m) = ((p * p).sum(), Self.mass(id))
    // p^2/(E + m): no difference of close numbers.
    return p2 / ((p2 + m * m).squareRoot() + m)
  }

  /// What the program makes of a particle.
  public enum Kind: Sendable, CaseIterable {
    case photon, electron, muon, hadron
    /// Rows that are no particle at the level: births of muons, histories, and what later versions
    /// add.
    case additional
  }

  public var kind: Kind { Self.kind(ofID: id) }

  @inline(__always) static func kind(ofID id: Int) -> Kind {
    switch id {
    case 1: .photon
    case 2, 3: .electron
    case 5, 6: .muon
    case ...0, 75, 76, 85, 86, 95, 96: .additional
    default: .hadron
    }
  }
}
