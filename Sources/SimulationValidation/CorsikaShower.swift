internal import Glibc
package import ShowerModel

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
    /// Muons per m2 of the horizontal ground over cos theta, with its relative error.
    var muonDensity: Measured
    /// Signal of electrons, photons and hadrons [VEM/m2], with its relative error.
    var electromagneticSignal: Measured
    /// t10, t50, t90 behind the plane front [ns].
    var muonDelays: [Double]
    var electromagneticDelays: [Double]
    /// Effective numbers of rows behind the delays.
    var muonRows: Double
    var electromagneticRows: Double
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

  struct Measured: Sendable {
    var value: Double
    var relativeError: Double
  }

  /// Reads `showers.csv` (one row for each shower), `lateral.csv` (one row for each shower and
  /// ring) and, if it exists, `azimuth.csv` (early and late side).
  ///
  /// - Throws: `TableError` with file, line and column at fault.
  package static func read(
    showers: (text: String, file: String), lateral: (text: String, file: String),
    azimuth: (text: String, file: String)? = nil
  ) throws(TableError) -> [CorsikaShower] {
    let heads = try NumberTable(parsing: showers.text, name: showers.file)
    let rings = try NumberTable(parsing: lateral.text, name: lateral.file)
    var sides: NumberTable?
    if let azimuth { sides = try NumberTable(parsing: azimuth.text, name: azimuth.file) }
    var result: [CorsikaShower] = []
    for row in heads.rowIndices { result.append(try CorsikaShower(heads, row, rings, sides)) }
    return result
  }

  private init(
    _ heads: NumberTable, _ row: Int, _ table: NumberTable, _ azimuth: NumberTable?
  ) throws(TableError) {
    let symbol = try heads.text(row, "primary")
    guard let primary = Primary(symbol: symbol == "p" ? "H" : symbol == "gamma" ? "photon" : symbol)
    else { throw TableError(table: heads.name, reason: "unknown primary \(symbol)") }
    name = try heads.text(row, "file")
    self.primary = primary
    energy = try heads.number(row, "E_GeV") / 1e9
    zenith = try heads.number(row, "theta_deg") * Units.degree
    xmax = try heads.number(row, "Xmax_slant_ch")
    var rings: [Ring] = []
    for ring in table.rowIndices where try table.text(ring, "file") == name {
      rings.append(try Ring(table, ring, cosZenith: cos(zenith)))
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
  init(_ table: NumberTable, _ row: Int, cosZenith: Double) throws(TableError) {
    func value(_ column: String) throws(TableError) -> Double { try table.number(row, column) }
    distance = try value("r_mean_m")
    muonRows = try value("neff_mu")
    // Densities in the file are those of the horizontal ground.
    muonDensity = .init(
      value: try value("rho_mu") / cosZenith, relativeError: 1 / max(muonRows, 1).squareRoot())
    let deposit = CorsikaDeposits(distance: distance)
    let electrons = try value("rho_em") * deposit.electron
    let photons = try value("rho_gamma") * deposit.photon
    let hadrons = try value("rho_had") * deposit.hadron
    let (electronRows, photonRows) = (try value("neff_em"), try value("neff_gamma"))
    let total = electrons + photons + hadrons
    let variance =
      electrons * electrons / max(electronRows, 1) + photons * photons / max(photonRows, 1)
    electromagneticSignal = .init(value: total, relativeError: variance.squareRoot() / total)
    let share = electrons / (electrons + photons)
    electromagneticRows =
      1 / (share * share / max(electronRows, 1) + (1 - share) * (1 - share) / max(photonRows, 1))
    func knots(_ kind: String) throws(TableError) -> DelayKnots {
      DelayKnots(
        least: try value(kind + "_dmin"), t10: try value(kind + "_d10"),
        t50: try value(kind + "_d50"), t90: try value(kind + "_d90"))
    }
    let muon = try knots("mu")
    muonDelays = [muon.t10, muon.t50, muon.t90]
    let (electron, photon) = (try knots("em"), try knots("gamma"))
    electromagneticDelays = [0.1, 0.5, 0.9].map {
      DelayKnots.quantile($0, of: electron, share: share, and: photon)
    }
  }
}

/// What a CORSIKA particle on the ground leaves in a station in the mean [VEM in a layer].
///
/// From two of the showers, with the deposits per particle of Documentation/simulation.md
/// (Tools/corsika-azimuth.py). The deposits change slowly with the distance, as spectra and angles
/// do.
struct CorsikaDeposits {
  let electron: Double
  let photon: Double
  let hadron = 1.42

  init(distance: Double) {
    electron = Self.interpolate(
      distance, [(200, 0.68), (800, 0.68), (1700, 0.93), (3000, 0.95)])
    photon = Self.interpolate(
      distance,
      [(200, 0.0452), (400, 0.0457), (800, 0.0495), (1100, 0.0535), (1500, 0.059), (2000, 0.063)])
  }

  /// Linear in ln r, constant outside.
  private static func interpolate(_ r: Double, _ nodes: [(Double, Double)]) -> Double {
    guard let upper = nodes.firstIndex(where: { $0.0 > r }) else { return nodes[nodes.count - 1].1 }
    guard upper > 0 else { return nodes[0].1 }
    let (low, high) = (nodes[upper - 1], nodes[upper])
    return low.1 + (high.1 - low.1) * log(r / low.0) / log(high.0 / low.0)
  }
}

/// A distribution of delays known by its least value and three quantiles [ns].
struct DelayKnots {
  var least: Double
  var t10: Double
  var t50: Double
  var t90: Double

  /// P(delay < t), linear between knots; the tail is close to an exponential.
  private func cumulative(_ t: Double) -> Double {
    let spread = t90 - t50
    let knots: [(Double, Double)] = [
      (0, 0), (min(least, 0.5 * t10), 0.002), (t10, 0.1), (0.5 * (t10 + t50), 0.315), (t50, 0.5),
      (0.5 * (t50 + t90), 0.74), (t90, 0.9), (t90 + 0.35 * spread, 0.95),
      (t90 + 0.8 * spread, 0.985), (t90 + 2 * spread, 1),
    ]
    guard let upper = knots.firstIndex(where: { $0.0 > t }) else { return 1 }
    guard upper > 0 else { return 0 }
    let (low, high) = (knots[upper - 1], knots[upper])
    return low.1 + (high.1 - low.1) * (t - low.0) / (high.0 - low.0)
  }

  /// Quantile of two distributions together, the first with a share.
  static func quantile(
    _ fraction: Double, of first: DelayKnots, share: Double, and second: DelayKnots
  ) -> Double {
    var (low, high) = (0.0, 1e6)
    for _ in 0..<60 {
      let t = 0.5 * (low + high)
      let p = share * first.cumulative(t) + (1 - share) * second.cumulative(t)
      if p < fraction { low = t } else { high = t }
    }
    return 0.5 * (low + high)
  }
}
