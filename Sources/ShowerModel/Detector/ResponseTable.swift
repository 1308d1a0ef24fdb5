/// What single particles leave in the scintillator layers of a station.
///
/// A table of `tables/detectors`, made by tracking particles through the station (Geant4):
/// Documentation/simulation.md says how to make one for another detector. A row holds what a
/// particle of one kind, kinetic energy and zenith angle leaves, **per particle that crosses the
/// horizontal area of the upper layer**. Particles that pass beside it and scatter in are counted
/// too, so that probabilities can add up to more than 1.
public struct ResponseTable: Sendable, Hashable {
  /// The kinds of particles, by their names in the file.
  public enum Particle: String, Sendable, CaseIterable {
    case photon = "gamma"
    case electron = "e-"
    case positron = "e+"
    /// Both charges.
    case muon = "mu-"
    /// Charged pions and kaons.
    case pion = "pi+"
    /// Charged baryons.
    case proton
    case neutron

    /// What stands for it in a table without it; nil where nothing can, or where it leaves nothing.
    var substitute: Particle? {
      switch self {
      case .positron: .electron
      case .pion: .muon
      case .proton: .pion
      case .photon, .electron, .muon, .neutron: nil
      }
    }
  }

  /// Deposit in one layer.
  public struct Layer: Sendable, Hashable {
    /// Mean per crossing particle, zeros included [MeV].
    public var mean = 0.0
    /// Standard deviation, zeros included, per crossing particle; per hit where there is more than
    /// one hit a particle [MeV].
    public var deviation = 0.0
    /// Quantiles at 0.16, 0.5 and 0.84 of deposits above the threshold [MeV].
    public var quantiles = SIMD3<Double>()
  }

  /// What particles of one kind, energy and angle leave.
  public struct Row: Sendable, Hashable {
    public var particle: Particle
    /// Kinetic energy [MeV].
    public var energy: Double
    public var cosZenith: Double
    public var upper: Layer
    public var lower: Layer
    /// Correlation of the deposits in both layers, zeros included.
    public var correlation: Double
    /// Hits per crossing particle: deposits above the threshold in the upper layer alone, in the
    /// lower one alone, in both.
    public var upperOnly: Double
    public var lowerOnly: Double
    public var both: Double

    /// Hits per crossing particle.
    public var hits: Double { upperOnly + lowerOnly + both }
    /// Mean deposit of the layers [MeV].
    public func mean(layers: Int) -> Double {
      layers == 1 ? upper.mean : 0.5 * (upper.mean + lower.mean)
    }

    /// The same with the upper layer alone.
    var upperLayer: Row {
      var row = self
      (row.upperOnly, row.lowerOnly, row.both) = (upperOnly + both, 0, 0)
      (row.lower, row.correlation) = (Layer(), 0)
      // Deviations are per particle, or per hit where a particle makes several: the number of hits
      // changes, their mean square does not.
      let (before, after) = (max(hits, 1), max(row.hits, 1))
      let (mean, newMean) = (upper.mean / before, upper.mean / after)
      let meanSquare = (upper.deviation * upper.deviation + mean * mean) * before / after
      row.upper.deviation = max(meanSquare - newMean * newMean, 0).squareRoot()
      return row
    }
  }

  /// Deposits above it are hits [MeV].
  public static let threshold = 0.1

  public let name: String
  /// Where the numbers come from, of the file's line `# source:`.
  public let source: String
  /// Layers, 1 or 2; a table of one layer has no columns of a lower one.
  public let layerCount: Int
  /// Most probable deposit of a vertical muon in a layer of the table, its 1 VEM [MeV].
  public let energyOfVEM: Double
  /// Of a particle, by energy, then by cosine of the zenith angle.
  private let rows: [Particle: [Row]]

  init(name: String, source: String, layerCount: Int, energyOfVEM: Double, rows: [Row]) {
    self.energyOfVEM = energyOfVEM
    self.name = name
    self.source = source
    self.layerCount = layerCount
    self.rows = Dictionary(grouping: rows, by: \.particle).mapValues {
      $0.sorted { ($0.energy, $0.cosZenith) < ($1.energy, $1.cosZenith) }
    }
  }

  /// What particles leave in the upper layer alone, as a table of one layer.
  ///
  /// For stations of one layer in the box of one of two. A table of one layer is its own.
  public var upperLayer: ResponseTable {
    guard layerCount == 2 else { return self }
    return ResponseTable(
      name: name, source: source, layerCount: 1, energyOfVEM: energyOfVEM,
      rows: rows.values.flatMap { $0.map(\.upperLayer) })
  }

  /// The rows of a particle, or of what stands for it, by energy and cosine; empty for neutrons in
  /// a table without them.
  public func rows(of particle: Particle) -> [Row] {
    if let own = rows[particle] { return own }
    return particle.substitute.map { rows(of: $0) } ?? []
  }
}
