import Foundation
import ShowerModel
import ShowerSimulation

/// Settings of the simulation: a file, variations, and the most common ones as options.
package struct SimulationSettings: Sendable {
  /// Smallest and largest energy [EeV], as in 1:300, or a fixed one, as in 10.
  package var energy: String?
  package var spectralIndex: Double?
  /// Primaries in equal parts, as in H,Fe.
  package var primaries: String?
  /// [deg].
  package var maximumZenith: Double?
  package var interactionModel: String?
  /// A JSON file of settings.
  package var config: String?
  /// Names or files of systematic variations.
  package var variations: [String] = []

  package init() {}

  /// What the settings ask for, and the files of the variations.
  struct Chosen {
    var configuration: SimulationConfiguration
    var variationFiles: [URL]
    /// What each source asks for, as it is named to the user.
    var layers: [(name: String, layer: SettingsLayer)]
  }

  /// The effective settings as JSON.
  package func text(_ tables: @autoclosure () throws -> TableFolder) throws -> String {
    try prettyJSON(try chosen(tables()).configuration)
  }

  /// The file, then the options, then the variations; no variation may contradict anything else.
  ///
  /// - Throws: `WrongUse` for options, `InputError` and `TableError` for files.
  func chosen(_ tables: @autoclosure () throws -> TableFolder) throws -> Chosen {
    let options = try optionLayers()
    var layers: [(name: String, layer: SettingsLayer)] = []
    if let config { layers.append(("--config \(config)", try Self.settings(ofFile: config))) }
    let fileCount = layers.count
    layers += options.map { ($0.source, $0) }
    var files: [URL] = []
    for name in variations {
      let (layer, file) = try tables().variation(name)
      try check(layer, name, against: layers)
      layers.append(("--variation \(name)", layer))
      files.append(file)
    }
    var configuration = SimulationConfiguration()
    do {
      for (_, layer) in layers { try configuration.set(layer.values) }
      try configuration.validate()
    } catch {
      // Each value was judged by itself: this is how they go together.
      guard layers.count == fileCount else { throw WrongUse("\(error)") }
      throw InputError(description: "\(config ?? ""): \(error)")
    }
    return Chosen(configuration: configuration, variationFiles: files, layers: layers)
  }

  /// What the provenance says of the variations; their settings are part of the configuration.
  var record: [String: String] {
    variations.isEmpty ? [:] : ["variations": variations.joined(separator: ", ")]
  }

  /// Refuses a variation that sets what another source sets too.
  private func check(
    _ layer: SettingsLayer, _ name: String,
    against others: [(name: String, layer: SettingsLayer)]
  ) throws(WrongUse) {
    for (other, earlier) in others {
      guard let key = layer.conflict(with: earlier), let own = layer.values[key],
        let set = earlier.values[key]
      else { continue }
      throw WrongUse(
        "--variation \(name) and \(other) both set \(key), to \(own) and to \(set). Choose one")
    }
  }

  /// One layer for each option that is given, each value judged by itself.
  private func optionLayers() throws(WrongUse) -> [SettingsLayer] {
    var layers: [SettingsLayer] = []
    func add(_ option: String, _ values: [String: SettingValue]) throws(WrongUse) {
      var configuration = SimulationConfiguration()
      do {
        try configuration.set(values)
      } catch {
        // The user wrote the option, not the setting.
        let text = "\(error)"
        let setting = values.keys.first { text.hasPrefix("\($0): ") }
        throw WrongUse("\(option): \(text.dropFirst(setting.map { $0.count + 2 } ?? 0))")
      }
      layers.append(SettingsLayer(source: option, values: values))
    }
    if let energy {
      let range = try energyRange(
        energy.contains(":") ? energy : "\(energy):\(energy)", option: "--energy",
        mayBeFixed: true)
      // Limits in the unit of the option.
      guard range.lowerBound >= -1, range.upperBound <= log10(630) else {
        throw WrongUse("--energy \(energy): energies from 0.1 to 630 EeV can be simulated")
      }
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
    if let maximumZenith {
      try add("--max-zenith", ["maximumZenith": .number(maximumZenith)])
    }
    if let interactionModel {
      try add("--interaction-model", ["interactionModel": .text(interactionModel)])
    }
    return layers
  }

  private static func settings(ofFile path: String) throws -> SettingsLayer {
    let text: String
    do throws(TextFileError) { text = try TextFile.read(path) } catch {
      throw InputError(description: "\(path): \(error)")
    }
    return try SettingsLayer(parsing: text, file: path)
  }
}

/// A range of energies of an option, 1:300 in EeV, as log10(E/EeV).
func energyRange(
  _ text: String, option: String, mayBeFixed: Bool = false
) throws(WrongUse) -> ClosedRange<Double> {
  let limits = text.split(separator: ":").compactMap { Double($0) }
  if limits.count == 2, limits[0].isFinite, limits[1] > 0, limits[1] < limits[0] {
    let parts = text.split(separator: ":")
    throw WrongUse(
      "\(option) \(text): the smaller energy comes first: \(option) \(parts[1]):\(parts[0])")
  }
  guard limits.count == 2, limits[0] > 0, limits[1].isFinite,
    limits[1] > limits[0] || mayBeFixed && limits[1] == limits[0]
  else {
    throw WrongUse("\(option) \(text): give two energies in EeV, as in \(option) 1:300")
  }
  return log10(limits[0])...log10(limits[1])
}

/// What `simulate` can be told, as tables for the terminal.
package enum SettingLists {
  /// Name, default, allowed values, unit and meaning of every setting, by group.
  package static var settings: String {
    let defaults = SimulationConfiguration()
    var rows = [["setting", "default", "allowed", "unit", "meaning"]]
    for group in SimulationSetting.Group.allCases {
      rows += [[], ["[\(group.rawValue)]"]]
      rows += SimulationSetting.all.filter { $0.group == group }.map {
        [
          $0.name + ($0.mayBeDrawn ? " *" : ""), "\($0.value(in: defaults))", $0.allowed, $0.unit,
          $0.meaning,
        ]
      }
    }
    return alignedColumns(rows) + """


      Give them as keys of a JSON object with --config. A setting with * may also be [low, high]: \
      then every shower has a value of its own, uniform between the two.
      """
  }

  /// Names and descriptions of the variations of a folder.
  package static func variations(_ tables: TableFolder) throws -> String {
    alignedColumns(
      try tables.variations().map { [$0.name, $0.description].map(EscapedText.terminal) })
  }
}
