import ArgumentParser
import Foundation
import ShowerModel
import ShowerSimulation

/// Settings of the simulation on the command line: a file, variations, and the most common ones as options.
struct SimulationOptions: ParsableArguments {
  @Option(
    help: """
      Smallest and largest energy [EeV], as in 1:300, or a fixed one, as in 10; 0.1 to 630.
      """)
  var energy: String?

  @Option(
    parsing: .unconditional, help: "gamma of the energies thrown, dN/dE ~ E^gamma (default: -1).")
  var spectralIndex: Double?

  @Option(help: "Primaries in equal parts, of H,He,N,Fe,photon.")
  var primaries: String?

  @Option(help: "Largest zenith angle [deg], at most 60. Directions are uniform in sin^2.")
  var maxZenith: Double?

  @Option(
    help:
      "Hadronic interaction model: \(InteractionModel.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var interactionModel: String?

  @Option(
    help:
      "Settings as JSON, each of which may be left out; unknown keys are errors. See --list-settings."
  )
  var config: String?

  @Option(
    help: """
      A systematic variation: a name in tables/variations, or a file. Repeatable. See --list-variations.
      """)
  var variation: [String] = []

  /// What the options ask for, and the files of the variations.
  struct Chosen {
    var configuration: SimulationConfiguration
    var variationFiles: [URL]
    /// What each source asks for, as it is named to the user.
    var layers: [(name: String, layer: SettingsLayer)]
  }

  /// The file, then the options, then the variations; no variation may contradict anything else.
  ///
  /// - Throws: `ValidationError` for options, `InputError` and `TableError` for files.
  func chosen(_ tables: @autoclosure () throws -> TableFolder) throws -> Chosen {
    let options = try optionLayers()
    var others: [(name: String, layer: SettingsLayer)] = []
    if let config { others.append(("--config \(config)", try TableFolder.settings(config))) }
    let fileCount = others.count
    others += options.map { ($0.source, $0) }
    var files: [URL] = []
    for name in variation {
      let (layer, file) = try tables().variation(name)
      for (other, earlier) in others {
        guard let key = layer.conflict(with: earlier), let own = layer.values[key],
          let set = earlier.values[key]
        else { continue }
        throw ValidationError(
          "--variation \(name) and \(other) both set \(key), to \(own) and to \(set): choose one")
      }
      others.append(("--variation \(name)", layer))
      files.append(file)
    }
    var configuration = SimulationConfiguration()
    do {
      for (_, layer) in others { try configuration.set(layer.values) }
      try configuration.validate()
    } catch {
      // Each value was judged by itself: this is how they go together.
      guard others.count == fileCount else { throw ValidationError("\(error)") }
      throw InputError(description: "\(config ?? ""): \(error)")
    }
    return Chosen(configuration: configuration, variationFiles: files, layers: others)
  }

  /// What the provenance says of the variations; their settings are part of the configuration.
  var record: [String: String] {
    variation.isEmpty ? [:] : ["variations": variation.joined(separator: ", ")]
  }

  /// One layer for each option that is given, each value judged by itself.
  private func optionLayers() throws -> [SettingsLayer] {
    var layers: [SettingsLayer] = []
    func add(_ option: String, _ values: [String: SettingValue]) throws {
      var configuration = SimulationConfiguration()
      do { try configuration.set(values) } catch { throw ValidationError("\(option): \(error)") }
      layers.append(SettingsLayer(source: option, values: values))
    }
    if let energy {
      let range = try energyRange(
        energy.contains(":") ? energy : "\(energy):\(energy)", option: "--energy", mayBeFixed: true)
      try add(
        "--energy",
        [
          "minimumLogEnergy": .number(range.lowerBound + Units.logEnergyOfEeV),
          "maximumLogEnergy": .number(range.upperBound + Units.logEnergyOfEeV),
        ])
    }
    if let spectralIndex {
      try add("--spectral-index", ["spectralIndex": .number(spectralIndex)])
    }
    if let primaries {
      let symbols = primaries.split(separator: ",").map { (String($0), SettingValue.number(1)) }
      try add(
        "--primaries",
        ["primaryWeights": .table(Dictionary(symbols, uniquingKeysWith: { first, _ in first }))])
    }
    if let maxZenith { try add("--max-zenith", ["maximumZenith": .number(maxZenith)]) }
    if let interactionModel {
      try add("--interaction-model", ["interactionModel": .text(interactionModel)])
    }
    return layers
  }
}

extension TableFolder {
  /// Settings of the simulation in any file.
  fileprivate static func settings(_ path: String) throws -> SettingsLayer {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputError(description: "\(path): no such file")
    }
    return try SettingsLayer(parsing: String(decoding: data, as: UTF8.self), file: path)
  }
}
