internal import Glibc
package import ShowerModel
@_spi(Validation) package import ShowerSimulation

/// The model beside CORSIKA showers, ring by ring.
///
/// A shower is one fluctuation. Its energy, zenith angle and Xmax are taken from CORSIKA. Its muon
/// number R_mu is the one that fits its muon densities best. The depth of muon production and the
/// time scale are those of a mean shower.
package struct CorsikaComparison: Sendable {
  /// What is compared.
  package enum Quantity: String, Sendable, CaseIterable {
    case muonDensity = "muon density"
    case photonDensity = "photon density"
    case electronDensity = "electron density"
    case muonSignal = "muon signal"
    case photonSignal = "photon signal"
    case electronSignal = "electron signal"
    case totalSignal = "total signal"
    case muonT10 = "muon t10"
    case muonT50 = "muon t50"
    case muonT90 = "muon t90"
    case photonT10 = "photon t10"
    case photonT50 = "photon t50"
    case photonT90 = "photon t90"
    case electronT10 = "electron t10"
    case electronT50 = "electron t50"
    case electronT90 = "electron t90"

    /// Largest deviation of the mean over showers that is accepted, relative.
    package var tolerance: Double { 0.10 }
  }

  /// One value of one ring.
  package struct Entry: Sendable {
    package var shower: String
    package var primary: Primary
    /// From the axis [m].
    package var distance: Double
    package var quantity: Quantity
    package var corsika: Double
    /// Statistical, relative: the thinning leaves few rows far from the core.
    package var relativeError: Double
    package var model: Double
    package var logRatio: Double { log(model / corsika) }
  }

  /// What is taken from each shower.
  package struct Shower: Sendable {
    package var name: String
    package var primary: Primary
    /// [EeV].
    package var energy: Double
    /// [rad].
    package var zenith: Double
    /// [g/cm2].
    package var xmax: Double
    /// Fitted R_mu, relative to a mean proton shower of QGSJETII-03.
    package var muonScale: Double
  }

  /// Differences between early and late side, within 60 degrees of the plane of the axis.
  package enum SideQuantity: String, Sendable, CaseIterable {
    case muonAsymmetry = "muon (E-L)/(E+L)"
    case electromagneticAsymmetry = "em (E-L)/(E+L)"
    case muonT50 = "muon ln t50 E/L"
    case electromagneticT50 = "em ln t50 E/L"
  }

  /// One difference of one ring.
  package struct SideEntry: Sendable {
    package var shower: String
    package var primary: Primary
    /// From the axis [m].
    package var distance: Double
    package var quantity: SideQuantity
    package var corsika: Double
    /// Statistical.
    package var error: Double
    package var model: Double
  }

  package let showers: [Shower]
  package let entries: [Entry]
  /// Of the showers whose sides are known.
  package let sides: [SideEntry]

  /// Muon number of SIBYLL 2.3c, with which most of the showers were made, over that of
  /// QGSJETII-03.
  static let modelMuonNumber = 1.25

  /// R_mu of a mean shower of a primary in that model.
  package static func meanMuonScale(of primary: Primary) -> Double {
    modelMuonNumber * MuonNumber(primary: primary, model: .qgsjetII03).mean
  }

  package init(
    _ reference: [CorsikaShower], constants: ShowerConstants, response: ResponseTable,
    seed: UInt64 = 1
  ) {
    let folded = FoldedResponse(ParticleLaws(response), spectra: constants.spectra)
    let muons = MuonTransport(constants: constants.muons, atmosphere: .usStandard)
    var showers: [Shower] = []
    var entries: [Entry] = []
    var sides: [SideEntry] = []
    for (index, shower) in reference.enumerated() {
      var model = CorsikaModel(
        shower, constants: constants, muons: muons, response: folded)
      showers.append(
        Shower(
          name: shower.name, primary: shower.primary, energy: shower.energy,
          zenith: shower.zenith, xmax: shower.xmax, muonScale: model.muonScale))
      for (number, ring) in shower.rings.enumerated() {
        var random = CounterRandom(
          seed: seed, event: index, station: number, stream: .corsikaRings)
        for (quantity, corsika, error, value) in model.values(ring, using: &random) {
          entries.append(
            Entry(
              shower: shower.name, primary: shower.primary, distance: ring.distance,
              quantity: quantity, corsika: corsika, relativeError: error, model: value))
        }
      }
      for (number, ring) in shower.sides.enumerated() {
        var random = CounterRandom(
          seed: seed, event: index, station: number, stream: .corsikaSides)
        for (quantity, corsika, error, value) in model.sides(ring, using: &random) {
          sides.append(
            SideEntry(
              shower: shower.name, primary: shower.primary, distance: ring.distance,
              quantity: quantity, corsika: corsika, error: error, model: value))
        }
      }
    }
    self.showers = showers
    self.entries = entries
    self.sides = sides
  }

  /// Mean difference model - CORSIKA, weighted by the errors, with its own error.
  package static func summary(_ sides: [SideEntry]) -> (mean: Double, error: Double) {
    let weights = sides.map { 1 / ($0.error * $0.error) }
    let sum = weights.reduce(0, +)
    let mean = zip(weights, sides).reduce(0) { $0 + $1.0 * ($1.1.model - $1.1.corsika) } / sum
    return (mean, 1 / sum.squareRoot())
  }

  /// Mean and root mean square of ln(model/CORSIKA) of some entries, weighted by their errors and 3
  /// %.
  package static func summary(_ entries: [Entry]) -> (mean: Double, rms: Double) {
    var (weights, first, second) = (0.0, 0.0, 0.0)
    for entry in entries {
      let w = 1 / (entry.relativeError * entry.relativeError + 0.03 * 0.03)
      weights += w
      first += w * entry.logRatio
      second += w * entry.logRatio * entry.logRatio
    }
    return (first / weights, (second / weights).squareRoot())
  }
}
