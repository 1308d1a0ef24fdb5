import Foundation
import ShowerModel
import ShowerSimulation

/// What the provenance says of a CORSIKA shower.
struct CorsikaRecord: Codable {
  var file: String
  var showerID: Int
  var corsikaVersion: Double
  var run: Int
  var event: Int
  var primary: String
  /// [EeV].
  var energy: Double
  /// [deg].
  var zenith: Double
  var momentumAzimuth: Double
  var highEnergyModel: String
  var lowEnergyModel: String
  /// Fraction and largest weights, hadrons and muons, electrons and photons.
  var thinning: [Double]
  var weightLimits: [Double]
  /// Kinetic energies [GeV] of hadrons, muons, electrons, photons.
  var cuts: [Double]
  /// Above sea level [m].
  var observationLevels: [Double]
  /// Slant [g/cm2]; absent where the file has no fit.
  var xmax: Double?
  var muonScale: Double
  /// Inside it signals are parametric [m].
  var parametricRadius: Double
  /// Factors on signal and delays of electrons and photons there.
  var electromagneticFactor: Double
  var delayScale: Double
  /// [VEM/m2].
  var signal800: Double
  var triggered: Int

  init(_ shower: CorsikaResampler, _ source: CorsikaShowers, file: String, triggered: Int) {
    guard let header = source.header else { preconditionFailure("a shower without header") }
    self.file = file
    showerID = shower.showerID
    corsikaVersion = source.runHeader.version
    run = source.runHeader.run
    event = header.event
    primary = shower.truth.primary.symbol
    energy = shower.truth.shower.energy
    zenith = header.zenith / Units.degree
    momentumAzimuth = header.momentumAzimuth / Units.degree
    highEnergyModel = header.highEnergyModel
    lowEnergyModel = header.lowEnergyModel
    thinning = [header.thinning.x, header.thinning.y]
    weightLimits = [header.weightLimits.x, header.weightLimits.y]
    cuts = header.cuts
    observationLevels = header.levels
    xmax = shower.xmax.isFinite ? shower.xmax : nil
    muonScale = shower.truth.muonScale
    parametricRadius = shower.truth.parametricRadius
    electromagneticFactor = shower.electromagneticFactor
    delayScale = shower.truth.delayScale
    signal800 = shower.signal800
    self.triggered = triggered
  }
}

extension [CorsikaRecord] {
  /// The CORSIKA showers of a simulation; nil for a step that made its showers itself.
  init?(_ step: ProvenanceStep) {
    guard let text = step.settings[ProvenanceStep.corsikaKey],
      let records = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
    else { return nil }
    self = records
  }

  /// All but how many throws triggered, which is the same in all shards.
  var withoutTriggers: Self {
    map { record in
      var record = record
      record.triggered = 0
      return record
    }
  }

  /// The showers of one run from those of its shards; nil where they have none.
  static func sum(_ steps: [ProvenanceStep]) -> Self? {
    let parts = steps.compactMap { Self($0) }
    guard var joined = parts.first, parts.count == steps.count,
      parts.allSatisfy({ $0.count == joined.count })
    else { return nil }
    for index in joined.indices {
      joined[index].triggered = parts.reduce(0) { $0 + $1[index].triggered }
    }
    return joined
  }
}
