internal import Glibc

/// A particle of a thinned shower on the ground, ready to be multiplied.
///
/// In axes of the shower on the level: x horizontal to the early side, y to its left, z up, core at
/// 0. Momenta are positive downwards. So a shower is turned to any azimuth by turning the stations.
struct GroundParticle {
  /// Position [m].
  var x: Float
  var y: Float
  /// Unit vector of the flight, z downwards.
  var px: Float
  var py: Float
  var pz: Float
  /// Behind the plane front [ns].
  var delay: Float
  /// How many particles it stands for.
  var weight: Float
  /// Kinetic energy [MeV].
  var kinetic: Float
  /// From the vertex to the ground, R [m].
  var path: Float
  /// Opening of the cone of copies, sigma [rad].
  var spread: Float
  /// Vertical depth between vertex and ground [g/cm2].
  var depth: Float
  var species: Species

  /// What it is to a detector.
  enum Species: UInt8 {
    case photon, electron, positron, muon
    /// Charged mesons, charged baryons.
    case meson, baryon
    case neutralHadron

    init?(id: Int) {
      switch CorsikaParticle.kind(ofID: id) {
      case .photon: self = .photon
      case .electron: self = id == 2 ? .positron : .electron
      case .muon: self = .muon
      case .additional: return nil
      case .hadron:
        switch id {
        // Neutrinos leave nothing.
        case 66...69: return nil
        // pi0, K0L, n, K0S, Lambda, n-bar and other neutral ones.
        case 7, 10, 13, 16, 17, 18, 22, 25, 26, 30: self = .neutralHadron
        // pi+, pi-, K+, K-.
        case 8, 9, 11, 12: self = .meson
        default: self = .baryon
        }
      }
    }

    var isElectromagnetic: Bool {
      self == .photon || self == .electron || self == .positron
    }

    /// Species that are kept to their own density: photons, electrons, muons, hadrons.
    var group: Int {
      switch self {
      case .photon: 0
      case .electron, .positron: 1
      case .muon: 2
      case .meson, .baryon, .neutralHadron: 3
      }
    }
    static let groupCount = 4
  }
}

/// A particle that reaches a station.
struct Arrival {
  var species: GroundParticle.Species
  /// Kinetic energy [MeV].
  var kinetic: Double
  /// Secant of its zenith angle.
  var secant: Double
  /// Behind the plane front at the station [ns].
  var delay: Double
}

/// The geometry of one shower, seen from the level of observation.
struct ShowerGround: Sendable {
  let cosZenith: Double
  let sinZenith: Double
  /// Height of the level above the sea [m].
  let levelHeight: Double
  /// From the core up the axis to the first interaction [m].
  let start: Double
  /// Vertical depth of the first interaction [g/cm2].
  let startDepth: Double
  let atmosphere: Atmosphere

  var tangent: Double { sinZenith / cosZenith }

  /// Distance from the axis of a place on the ground [m].
  @inline(__always) func distance(_ x: Double, _ y: Double) -> Double {
    let across = x * cosZenith
    return (across * across + y * y).squareRoot()
  }

  /// How far upstream a place on the ground is, a [m].
  @inline(__always) func upstream(_ x: Double) -> Double { x * sinZenith }
}
