import Foundation
import ShowerModel
import Testing

@_spi(Validation) @testable import ShowerSimulation

/// What many tests share: the shipped constants, one transport table, and quick simulators.
enum TestSetup {
  static let muons = MuonTransport(constants: constants().muons)
  static let laws = ParticleLaws(responseTable())
  static let folded = FoldedResponse(laws, spectra: constants().spectra)

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func constants() -> ShowerConstants {
    let path = "tables/simulation/shower-model.json"
    do {
      return try ShowerConstants(parsing: text(path), file: path)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  static func responseTable() -> ResponseTable {
    let path = "tables/detectors/telescope-array.csv"
    do {
      return try ResponseTable(parsing: text(path), file: path)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  static func simulator(
    _ configuration: SimulationConfiguration = SimulationConfiguration(),
    array: DetectorArray = .idealGrid(columns: 9, rows: 9), seed: UInt64 = 1
  ) throws -> EventSimulator {
    try EventSimulator(
      configuration: configuration, array: array, constants: constants(), laws: laws,
      folded: folded, seed: seed, muons: muons)
  }

  static func truth(
    _ primary: Primary = .proton, energy: Double = 10, zenith: Double, azimuth: Double = 0,
    xmax: Double = 781.8, muonScale: Double = 1, coreX: Double = 0, coreY: Double = 0
  ) -> Truth {
    Truth(
      shower: Shower(
        logEnergy: 18 + log10(energy), zenith: zenith, azimuth: azimuth, coreX: coreX,
        coreY: coreY, time: 0),
      primary: primary, xmax: xmax, muonScale: muonScale)
  }

  /// Settings of the reference shower: QGSJETII-03, in which a mean proton has R_mu = 1.
  static let reference = {
    var configuration = SimulationConfiguration()
    configuration.interactionModel = .qgsjetII03
    return configuration
  }()

  static func showerField(
    _ truth: Truth, _ configuration: SimulationConfiguration = TestSetup.reference
  ) -> ShowerField {
    ShowerField(
      truth: truth, configuration: configuration, constants: constants(), muons: muons,
      response: folded)
  }
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

func deviation(_ values: [Double]) -> Double {
  let m = mean(values)
  return (values.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(values.count - 1)).squareRoot()
}

func quantile(_ values: [Double], _ fraction: Double) -> Double {
  let sorted = values.sorted()
  return sorted[min(Int(fraction * Double(sorted.count)), sorted.count - 1)]
}
