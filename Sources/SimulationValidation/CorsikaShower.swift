internal import Glibc
package import ShowerModel
internal import ShowerSimulation

/// Densities and delays of one CORSIKA shower in rings around its axis, as `Fixtures/corsika` has
/// them.
package struct CorsikaShower: Sendable {
  package let name: String
  package let primary: Primary
  /// [EeV].
  let energy: Double
  /// [rad].
  let zenith: Double
  /// Slant depth of the maximum, from the charged longitudinal profile [g/cm2].
  let xmax: Double
  let rings: [Ring]
  /// Early and late side in rings; empty where they are not known.
  let sides: [SideRing]

  /// A ring of distances from the axis, all azimuths.
  struct Ring: Sendable {
    /// Mean distance from the axis [m].
    var distance: Double
    var muons: Component
    var photons: Component
    /// Electrons and positrons.
    var electrons: Component
    /// Hadrons per m2 of the horizontal ground over cos theta.
    var hadronDensity: Double
    /// Mean signal of a hadron [VEM]; nil where the particles of the shower are not known.
    var hadronDeposit: Double?

    /// Of all particles, per m2 of the horizontal ground over cos theta [VEM/m2].
    var signal: Double? {
      guard let muon = muons.deposit, let photon = photons.deposit,
        let electron = electrons.deposit, let hadronDeposit
      else { return nil }
      return muons.density * muon + photons.density * photon + electrons.density * electron
        + hadronDensity * hadronDeposit
    }
  }

  /// One kind of particles in a ring.
  struct Component: Sendable {
    /// Per m2 of the horizontal ground over cos theta.
    var density: Double
    /// Mean signal of a particle on the ground by the response table [VEM]; nil where the particles
    /// of the shower are not known.
    var deposit: Double?
    /// t10, t50, t90 of their number behind the plane front [ns].
    var delays: [Double]
    /// Effective number of rows.
    var rows: Double

    var relativeError: Double { 1 / max(rows, 1).squareRoot() }
  }

  /// Early against late side, each within 60 degrees of the plane of the axis, in a ring.
  struct SideRing: Sendable {
    var distance: Double
    /// (E - L)/(E + L) of muons and of the signal of electrons and photons, with statistical
    /// errors.
    var muonAsymmetry: Double
    var muonAsymmetryError: Double
    var asymmetry: Double
    var asymmetryError: Double
    /// ln of t50 early over late.
    var muonLogRatio: Double
    var logRatio: Double
  }

  /// A table and the name of its file.
  package typealias Text = (text: String, file: String)

  /// Reads `showers.csv` (one row a shower), `lateral.csv` (one row a shower and ring) and, where
  /// they are, `azimuth.csv` (early and late side) and `components.csv` (mean deposits).
  ///
  /// - Throws: `TableError` with file, line and column at fault.
  package static func read(
    showers: Text, lateral: Text, azimuth: Text? = nil, components: Text? = nil
  ) throws(TableError) -> [CorsikaShower] {
    let heads = try NumberTable(parsing: showers.text, name: showers.file)
    let rings = try NumberTable(parsing: lateral.text, name: lateral.file)
    var (sides, deposits): (NumberTable?, NumberTable?)
    if let azimuth { sides = try NumberTable(parsing: azimuth.text, name: azimuth.file) }
    if let components {
      deposits = try NumberTable(parsing: components.text, name: components.file)
    }
    var result: [CorsikaShower] = []
    for row in heads.rowIndices {
      result.append(try CorsikaShower(heads, row, rings, sides, deposits))
    }
    return result
  }

  private init(
    _ heads: NumberTable, _ row: Int, _ table: NumberTable, _ azimuth: NumberTable?,
    _ components: NumberTable?
  ) throws(TableError) {
    let symbol = try heads.text(row, "primary")
    guard let primary = Primary(symbol: symbol == "p" ? "H" : symbol == "gamma" ? "photon" : symbol)
    else { throw TableError(table: heads.name, reason: "unknown primary \(symbol)") }
    name = try heads.text(row, "file")
    self.primary = primary
    energy = try heads.number(row, "E_GeV") / 1e9
    zenith = try heads.number(row, "theta_deg") * Units.degree
    xmax = try heads.number(row, "Xmax_slant_ch")
    var deposits: [String: MeanDeposit] = [:]
    if let components {
      for row in components.rowIndices where try components.text(row, "file") == name {
        deposits[try components.text(row, "kind"), default: MeanDeposit()].append(
          distance: try components.number(row, "r_mean_m"),
          deposit: try components.number(row, "deposit_vem"))
      }
    }
    var rings: [Ring] = []
    for ring in table.rowIndices where try table.text(ring, "file") == name {
      rings.append(try Ring(table, ring, cosZenith: cos(zenith), deposits))
    }
    guard !rings.isEmpty else {
      throw TableError(table: table.name, reason: "has no row of shower \(name)")
    }
    self.rings = rings
    var sides: [SideRing] = []
    if let azimuth {
      for row in azimuth.rowIndices where try azimuth.text(row, "file") == name {
        sides.append(try SideRing(azimuth, row))
      }
    }
    self.sides = sides
  }
}

/// Mean deposit of particles against distance, linear in ln r between rings.
private struct MeanDeposit {
  private var nodes: [(logDistance: Double, deposit: Double)] = []

  mutating func append(distance: Double, deposit: Double) {
    nodes.append((log(distance), deposit))
  }

  func at(_ distance: Double) -> Double? {
    let x = log(distance)
    guard let first = nodes.first, let last = nodes.last else { return nil }
    guard let upper = nodes.firstIndex(where: { $0.logDistance > x }) else { return last.deposit }
    guard upper > 0 else { return first.deposit }
    let (low, high) = (nodes[upper - 1], nodes[upper])
    let part = (x - low.logDistance) / (high.logDistance - low.logDistance)
    return low.deposit + part * (high.deposit - low.deposit)
  }
}

extension CorsikaShower.SideRing {
  init(_ table: NumberTable, _ row: Int) throws(TableError) {
    func value(_ column: String) throws(TableError) -> Double { try table.number(row, column) }
    distance = try value("r_mean_m")
    muonAsymmetry = try value("mu_asymmetry")
    muonAsymmetryError = try value("mu_asymmetry_error")
    asymmetry = try value("em_asymmetry")
    asymmetryError = try value("em_asymmetry_error")
    muonLogRatio = log(try value("mu_early_t50") / (try value("mu_late_t50")))
    logRatio = log(try value("em_early_t50") / (try value("em_late_t50")))
  }
}

extension CorsikaShower.Ring {
  fileprivate init(
    _ table: NumberTable, _ row: Int, cosZenith: Double, _ deposits: [String: MeanDeposit]
  ) throws(TableError) {
    func value(_ column: String) throws(TableError) -> Double { try table.number(row, column) }
    let r = try value("r_mean_m")
    // Densities in the file are those of the horizontal ground.
    func component(
      _ name: String, _ kind: String
    ) throws(TableError) -> CorsikaShower.Component {
      CorsikaShower.Component(
        density: try value("rho_" + name) / cosZenith, deposit: deposits[kind]?.at(r),
        delays: [try value(name + "_d10"), try value(name + "_d50"), try value(name + "_d90")],
        rows: try value("neff_" + name))
    }
    distance = r
    muons = try component("mu", "muon")
    photons = try component("gamma", "photon")
    electrons = try component("em", "electron")
    hadronDensity = try value("rho_had") / cosZenith
    hadronDeposit = deposits["hadron"]?.at(r)
  }
}
