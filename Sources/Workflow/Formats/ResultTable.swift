import Foundation
import ShowerFormats
import ShowerModel

/// Results of another program as comma-separated values, one row an event.
///
/// The header names the columns in any order: event_id, zenith_deg, azimuth_deg, core_x_m,
/// core_y_m, energy_eev on the scale of the simulation; and their errors zenith_sigma_deg,
/// azimuth_sigma_deg, core_x_sigma_m, core_y_sigma_m, log_energy_sigma. Only event_id must be
/// there. An empty field is unknown. Azimuths point to the source, counter-clockwise from east.
struct ResultTable {
  let method: ImportedMethod
  let file: String
  let results: [Int: Reconstruction]

  /// - Parameter option: `NAME=FILE`.
  /// - Throws: `WrongUse`, `InputError`, `TableError`.
  init(option: String) throws {
    let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, MethodName.isValid("imported_" + parts[0]) else {
      throw WrongUse("--results \(option): write NAME=FILE, as in --results ours=ours.csv")
    }
    let text: String
    do throws(TextFileError) { text = try TextFile.read(parts[1]) } catch {
      throw InputError(description: "\(parts[1]): \(error)")
    }
    try self.init(parsing: text, name: parts[0], file: parts[1])
  }

  init(parsing text: String, name: String, file: String) throws(TableError) {
    self.file = file
    method = ImportedMethod(
      name: "imported_\(name)", explanation: "Results of \(name), from a table of the user")
    var header: [String] = []
    var results: [Int: Reconstruction] = [:]
    for (number, line) in text.lines.enumerated() {
      func fail(_ reason: String) -> TableError {
        TableError(table: file, line: number + 1, reason: reason)
      }
      if line.isEmpty || line.hasPrefix("#") { continue }
      let fields = line.fields.map(String.init)
      guard !header.isEmpty else {
        header = fields
        if let unknown = header.first(where: { !Self.known.contains($0) }) {
          throw fail(
            "unknown column \"\(unknown)\"; known: \(Self.known.joined(separator: ", "))")
        }
        guard header.contains("event_id") else { throw fail("the header has no event_id") }
        continue
      }
      guard fields.count == header.count else {
        throw fail("\(fields.count) values for \(header.count) columns")
      }
      var values: [String: Double] = [:]
      for (name, field) in zip(header, fields) where !field.isEmpty {
        guard let value = Double(field), value.isFinite else {
          throw fail("\(name) is not a number: \"\(field)\"")
        }
        values[name] = value
      }
      guard let id = values["event_id"].flatMap({ Int(exactly: $0) }) else {
        throw fail("event_id is no whole number")
      }
      guard results.updateValue(Self.result(values), forKey: id) == nil else {
        throw fail("event \(id) appears twice")
      }
    }
    self.results = results
  }

  static let known = [
    "event_id", "zenith_deg", "azimuth_deg", "core_x_m", "core_y_m", "energy_eev",
    "zenith_sigma_deg", "azimuth_sigma_deg", "core_x_sigma_m", "core_y_sigma_m",
    "log_energy_sigma",
  ]

  private static func result(_ values: [String: Double]) -> Reconstruction {
    func value(_ name: String, _ unit: Double = 1) -> Double { (values[name] ?? .nan) * unit }
    let energy = value("energy_eev")
    let shower = Shower(
      logEnergy: energy > 0 ? log10(energy) + Units.logEnergyOfEeV : .nan,
      zenith: value("zenith_deg", Units.degree),
      azimuth: wrappedAngle(value("azimuth_deg", Units.degree)), coreX: value("core_x_m"),
      coreY: value("core_y_m"), time: .nan)
    let sigma = Shower(
      logEnergy: value("log_energy_sigma"), zenith: value("zenith_sigma_deg", Units.degree),
      azimuth: value("azimuth_sigma_deg", Units.degree), coreX: value("core_x_sigma_m"),
      coreY: value("core_y_sigma_m"), time: .nan)
    let isEmpty = shower.zenith.isNaN && shower.coreX.isNaN && shower.logEnergy.isNaN
    return isEmpty
      ? .failed(.noStandardResult) : Reconstruction(shower: shower, sigma: sigma, status: .good)
  }
}
