import Glibc

/// Energy, direction, core and time of a shower: one type for truth, standard and corrected result.
public struct Shower: Sendable, Equatable {
  /// log10(E/eV).
  public var logEnergy: Double
  /// theta [rad].
  public var zenith: Double
  /// phi, direction to the source counter-clockwise from east [rad].
  public var azimuth: Double
  /// Core on the plane z = 0 of the array [m].
  public var coreX: Double
  public var coreY: Double
  /// Time of the plane front at the core, t0 [ns].
  public var time: Double

  public init(
    logEnergy: Double, zenith: Double, azimuth: Double, coreX: Double, coreY: Double, time: Double
  ) {
    self.logEnergy = logEnergy
    self.zenith = zenith
    self.azimuth = azimuth
    self.coreX = coreX
    self.coreY = coreY
    self.time = time
  }

  /// All NaN: what a failed reconstruction holds.
  public static let undefined = Shower(
    logEnergy: .nan, zenith: .nan, azimuth: .nan, coreX: .nan, coreY: .nan, time: .nan)

  public var direction: Direction { Direction(zenith: zenith, azimuth: azimuth) }
  public var axis: ShowerAxis { ShowerAxis(core: Position(coreX, coreY, 0), direction: direction) }
  /// E [EeV].
  public var energy: Double { pow(10, logEnergy - Units.logEnergyOfEeV) }
}

/// Primary particle, by mass number; 0 is a photon.
public enum Primary: Int, Sendable, CaseIterable {
  case photon = 0
  case proton = 1
  case helium = 4
  case nitrogen = 14
  case iron = 56

  /// Mass number A; 0 for a photon.
  public var massNumber: Int { rawValue }
  /// Symbol used on the command line and in plots.
  public var symbol: String {
    switch self {
    case .photon: "photon"
    case .proton: "H"
    case .helium: "He"
    case .nitrogen: "N"
    case .iron: "Fe"
    }
  }
  /// The primary that a common name stands for, such as "proton", in any case; nil for others.
  package static func named(_ word: String) -> Primary? {
    switch word.lowercased() {
    case "gamma", "g": .photon
    case "proton", "protons", "p", "hydrogen": .proton
    case "helium", "alpha": .helium
    case "nitrogen", "cno": .nitrogen
    case "iron": .iron
    default: nil
    }
  }
  /// The primary with a symbol, in any case.
  public init?(symbol: String) {
    guard
      let match = Primary.allCases.first(where: {
        $0.symbol.lowercased() == symbol.lowercased()
      })
    else { return nil }
    self = match
  }
}

/// Primaries that are compared and calibrated together.
///
/// Nuclei and photons are never mixed: the standard energy scale is that of nuclei.
package enum PrimaryGroup: String, Sendable, CaseIterable {
  case nuclei
  case photons

  package init(_ primary: Primary) { self = primary == .photon ? .photons : .nuclei }
}

/// What was simulated.
public struct Truth: Sendable, Equatable {
  public var shower: Shower
  public var primary: Primary
  /// Slant depth of the shower maximum [g/cm2].
  public var xmax: Double
  /// Muon number relative to a proton shower of QGSJETII-03, R_mu.
  public var muonScale: Double
  /// Mean signal density of stations 800 m from the axis [VEM/m2]: of both layers, averaged over
  /// azimuths around the axis, muons and electromagnetic part. NaN if it is not known.
  public var signal800: Double
  /// Slant depth where most muons are produced, Xmax_mu [g/cm2]. NaN where it is not known.
  public var muonMaximum: Double
  /// Delays of the electromagnetic particles over those of a mean shower. NaN where it is not
  /// known.
  public var delayScale: Double
  /// Distance from the axis within which signals come from the parametric model [m]. Infinite for
  /// showers of the model. For others, the thinning of the shower could not be undone there.
  public var parametricRadius: Double

  public init(
    shower: Shower, primary: Primary, xmax: Double, muonScale: Double, signal800: Double = .nan,
    muonMaximum: Double = .nan, delayScale: Double = .nan, parametricRadius: Double = .infinity
  ) {
    self.shower = shower
    self.primary = primary
    self.xmax = xmax
    self.muonScale = muonScale
    self.signal800 = signal800
    self.muonMaximum = muonMaximum
    self.delayScale = delayScale
    self.parametricRadius = parametricRadius
  }
}
