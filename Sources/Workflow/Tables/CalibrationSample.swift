import Foundation
import ShowerCalibration
import ShowerModel
import ShowerSimulation
import ShowerStore

/// Does work on the showers of files, and names these files in an error of the calibration.
func namingFiles<Value>(_ paths: [String], _ work: () throws -> Value) throws -> Value {
  do { return try work() } catch let error as CalibrationError {
    throw InputError(description: "\(paths.joined(separator: ", ")): \(error)")
  }
}

/// One file of simulated showers for an energy table or a tuned front, and what its history tells.
struct CalibrationSample {
  let reader: EventFileReader
  /// Settings of its simulation, nil where the history holds none.
  let configuration: SimulationConfiguration?
  let seed: UInt64?
  /// The fit that S800 is of.
  let fit: String

  /// Opens a file, `product` being what is made of it.
  ///
  /// - Throws: an error of the reader, or `InputError` where truth or reconstruction is missing.
  init(opening path: String, for product: String = "an energy table") throws {
    reader = try EventFileReader(path: path)
    try reader.requireTruth(", which \(product) is made from. Use simulated events")
    try reader.requireStandardReconstruction()
    let simulation = reader.provenance.first { $0.activity == "simulate" }
    seed = simulation?.seed
    configuration = simulation?.settings["configuration"].flatMap {
      try? JSONDecoder().decode(SimulationConfiguration.self, from: Data($0.utf8))
    }
    // A later step may have added a tuned fit.
    let settings =
      reader.provenance.last { $0.activity == "reconstruct" && $0.settings["front"] != nil }?
      .settings ?? [:]
    fit = ["lateral_distribution", "front"].map { settings[$0] ?? "unknown" }
      .joined(separator: ", ")
  }

  /// Refuses files that make no common table: other fits or stations, or the same showers twice.
  static func checkTogether(_ samples: [CalibrationSample]) throws(InputError) {
    var seeds: [UInt64: String] = [:]
    for sample in samples {
      try sample.reader.requireStations(of: samples[0].reader)
      if sample.fit != samples[0].fit {
        throw InputError(
          description:
            "\(sample.reader.path): reconstructed with \(sample.fit), "
            + "but \(samples[0].reader.path) with \(samples[0].fit). "
            + "Reconstruct all with the same fit")
      }
      if let seed = sample.seed, let other = seeds.updateValue(sample.reader.path, forKey: seed) {
        throw InputError(
          description:
            "\(sample.reader.path): simulated with the seed \(seed), as \(other) was. "
            + "Both hold the same showers. Leave one out")
      }
    }
  }

  /// How many showers of a primary the first attempts threw, and how; nil where it is not known.
  func thrown(
    _ primary: Primary, attempts: Int
  ) -> (count: Double, energies: ClosedRange<Double>, spectralIndex: Double)? {
    guard let configuration else { return nil }
    let weights = configuration.primaryWeights
    let own = weights.reduce(0) { $0 + (Primary(symbol: $1.key) == primary ? $1.value : 0) }
    let energies =
      configuration.minimumLogEnergy - Units.logEnergyOfEeV...configuration.maximumLogEnergy
      - Units.logEnergyOfEeV
    return (
      Double(attempts) * own / weights.values.reduce(0, +), energies, configuration.spectralIndex
    )
  }
}
