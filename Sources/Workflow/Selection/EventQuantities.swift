import Foundation
import ShowerModel
import ShowerStore

/// All quantities that `--where` and the table of `browse` know of a file, and how to get them.
///
/// A name without a method is that of the standard reconstruction: `energy` is `standard.energy`.
struct EventQuantities {
  struct Entry {
    let quantity: EventQuantity
    let value: (EventRow) -> Double
  }

  let entries: [Entry]

  var quantities: [EventQuantity] { entries.map(\.quantity) }

  /// The place of a quantity by its name; nil where the file has none.
  func index(of name: String) -> Int? { entries.firstIndex { $0.quantity.name == name } }

  init(of reader: EventFileReader) {
    var entries = [
      Self.entry("event", "1", "number of the event") { Double($0.id) },
      Self.entry("shower", "1", "number of the shower that made it") { Double($0.showerID) },
    ]
    if reader.hasStandard { entries += Self.method("", 0, reader) + Self.standard }
    for (index, name) in EventColumns.methods(of: reader).enumerated() {
      entries += Self.method(name + ".", index, reader)
      guard name != "standard" else { continue }
      entries += Self.shifts(name + ".", index) + Self.further(name, index, reader)
    }
    if reader.hasTruth { entries += Self.truth }
    self.entries = entries
  }

  private static func entry(
    _ name: String, _ unit: String, _ meaning: String, words: [String: Double] = [:],
    _ value: @escaping (EventRow) -> Double
  ) -> Entry {
    Entry(quantity: EventQuantity(name, unit: unit, meaning, words: words), value: value)
  }

  /// Energy, direction and core of a shower.
  private static func shower(
    _ name: (String) -> String, _ whose: String, _ shower: @escaping (EventRow) -> Shower
  ) -> [Entry] {
    [
      entry(name("energy"), "EeV", "energy\(whose)") { shower($0).energy },
      entry(name("logEnergy"), "log10(E/eV)", "energy\(whose)") { shower($0).logEnergy },
      entry(name("zenith"), "deg", "zenith angle\(whose)") { shower($0).zenith / Units.degree },
      entry(name("azimuth"), "deg", "azimuth\(whose), 0 to 360 from east to north") {
        let azimuth = shower($0).azimuth / Units.degree
        return azimuth < 0 ? azimuth + 360 : azimuth
      },
      entry(name("coreX"), "m", "core\(whose), to the east") { shower($0).coreX },
      entry(name("coreY"), "m", "core\(whose), to the north") { shower($0).coreY },
    ]
  }

  /// What every method gives; beside a truth also its errors.
  private static func method(_ prefix: String, _ index: Int, _ reader: EventFileReader) -> [Entry] {
    let statuses = Dictionary(
      uniqueKeysWithValues: ReconstructionStatus.allCases.map { ($0.name, Double($0.rawValue)) })
    func sigma(
      _ name: String, _ unit: String, _ meaning: String, _ value: @escaping (Shower) -> Double
    ) -> Entry {
      entry(prefix + name, unit, "standard deviation of \(meaning)") {
        value($0.methods[index].sigma)
      }
    }
    let entries =
      shower({ prefix + $0 }, "") { $0.methods[index].shower } + [
        sigma("lnEnergySigma", "1", "ln E") { $0.logEnergy * log(10) },
        sigma("zenithSigma", "deg", "the zenith angle") { $0.zenith / Units.degree },
        sigma("azimuthSigma", "deg", "the azimuth") { $0.azimuth / Units.degree },
        sigma("coreXSigma", "m", "coreX", \.coreX), sigma("coreYSigma", "m", "coreY", \.coreY),
        entry(prefix + "status", "1", "good, or the reason for no result", words: statuses) {
          Double($0.methods[index].status.rawValue)
        },
      ]
    return reader.hasTruth ? entries + errors(prefix, index) : entries
  }

  /// Angle, energy and core of a method against those of another shower of the event.
  private static func differences(
    _ prefix: String, _ index: Int, _ ending: String, from whose: String,
    _ other: @escaping (EventRow) -> Shower?
  ) -> [Entry] {
    func difference(
      _ name: String, _ unit: String, _ meaning: String,
      _ value: @escaping (Shower, Shower) -> Double
    ) -> Entry {
      entry(prefix + name + ending, unit, meaning) { row in
        other(row).map { value(row.methods[index].shower, $0) } ?? .nan
      }
    }
    return [
      difference("angle", "deg", "angle to the \(whose) direction") {
        Observable.spaceAngle.error($0, $1) / Units.degree
      },
      difference("energy", "1", "ln(E / \(whose) E)", Observable.logEnergy.error),
      difference(
        "core", "m", "distance of the core from the \(whose) axis", Observable.coreDistance.error),
    ]
  }

  private static func errors(_ prefix: String, _ index: Int) -> [Entry] {
    func pull(_ name: String, _ meaning: String, _ of: @escaping (Shower) -> Double) -> Entry {
      entry(prefix + name, "1", meaning) { row in
        guard let truth = row.truth else { return .nan }
        let result = row.methods[index]
        return (of(result.shower) - of(truth.shower)) / of(result.sigma)
      }
    }
    return differences(prefix, index, "Error", from: "true") { $0.truth?.shower } + [
      pull("energyPull", "energyError over its standard deviation", \.logEnergy),
      pull("zenithPull", "error of the zenith over its deviation", \.zenith),
    ]
  }

  /// Differences of a method from the standard reconstruction.
  private static func shifts(_ prefix: String, _ index: Int) -> [Entry] {
    let fallbacks = Dictionary(
      uniqueKeysWithValues: CorrectionFallback.allCases.map { ($0.name, Double($0.rawValue)) })
    return differences(prefix, index, "Shift", from: "standard") { $0.standard?.shower } + [
      entry(
        prefix + "fallback", "1", "none, or why the standard value was kept", words: fallbacks
      ) { Double($0.methods[index].fallback.rawValue) }
    ]
  }

  /// What a network predicts beyond the standard quantities: `composition.xmax`.
  private static func further(_ method: String, _ index: Int, _ reader: EventFileReader) -> [Entry]
  {
    let stored = (try? reader.furtherColumns(of: method)) ?? []
    return Reconstruction.furtherColumns.filter { stored.contains($0.name) }.map { column in
      // As other names: logMass, not log_mass.
      let words = column.name.split(separator: "_")
      let name = words[0] + words.dropFirst().map(\.capitalized).joined()
      return entry("\(method).\(name)", column.unit, column.description) {
        column.value(of: $0.methods[index])
      }
    }
  }

  /// What the standard reconstruction alone gives.
  private static var standard: [Entry] {
    func of(
      _ name: String, _ unit: String, _ meaning: String, words: [String: Double] = [:],
      _ value: @escaping (StandardResult) -> Double
    ) -> Entry {
      entry(name, unit, meaning, words: words) { $0.standard.map(value) ?? .nan }
    }
    let verdicts = Dictionary(
      uniqueKeysWithValues: CutVerdict.all.map { ($0.name, Double($0.code)) })
    return [
      of("stations", "1", "stations in the fit") { Double($0.stationCount) },
      of("saturated", "1", "saturated stations in the fit") { Double($0.saturatedCount) },
      of("silent", "1", "silent stations in the fit") { Double($0.silentCount) },
      of("s800", "VEM/m2", "signal at 800 m from the axis", \.signal800),
      of("s800Sigma", "VEM/m2", "standard deviation of s800", \.signal800Sigma),
      of("curvature", "ns", "curvature of the front", \.curvature),
      of("chi2", "1", "chi2 of the fit", \.chi2),
      of("ndf", "1", "degrees of freedom", \.degreesOfFreedom),
      of("reducedChi2", "1", "chi2 / ndf", \.reducedChi2),
      of("edge", "m", "distance of the core inside the edge of the array", \.edgeDistance),
      of("directionSigma", "deg", "uncertainty of the direction") {
        $0.directionSigma / Units.degree
      },
      of("cut", "1", "passed, or the first quality cut that failed", words: verdicts) {
        Double($0.verdict.code)
      },
    ]
  }

  private static var truth: [Entry] {
    var primaries = Dictionary(
      uniqueKeysWithValues: Primary.allCases.map { ($0.symbol, Double($0.rawValue)) })
    for primary in Primary.allCases { primaries["\(primary)"] = Double(primary.rawValue) }
    func of(
      _ name: String, _ unit: String, _ meaning: String, words: [String: Double] = [:],
      _ value: @escaping (Truth) -> Double
    ) -> Entry {
      entry(name, unit, meaning, words: words) { $0.truth.map(value) ?? .nan }
    }
    return shower(
      { "true" + $0.prefix(1).uppercased() + $0.dropFirst() }, ", simulated",
      { $0.truth?.shower ?? .undefined })
      + [
        of("primary", "1", "primary particle", words: primaries) { Double($0.primary.rawValue) },
        of("xmax", "g/cm2", "depth of the shower maximum", \.xmax),
        of("muonScale", "1", "muons over those of a mean proton", \.muonScale),
        of("trueS800", "VEM/m2", "simulated mean signal at 800 m", \.signal800),
      ]
  }
}
