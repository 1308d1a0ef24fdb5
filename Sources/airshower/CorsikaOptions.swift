import ArgumentParser
import ShowerSimulation

/// Showers from CORSIKA on the command line of `simulate`.
struct CorsikaOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("CORSIKA 7 particle files to take the showers from.", valueName: "file"))
  var corsika: [String] = []

  @Option(
    name: .customLong("throws"),
    help: "Times each CORSIKA shower is thrown over the array (default: 10).")
  var throwChoice: Int?

  @Option(
    help: "Observation level to use, counted from 1 for the highest, in files with several.")
  var observationLevel: Int?

  @Flag(
    help: """
      Depths of the longitudinal fit in the files are slant (CORSIKA compiled with SLANT); the files do not say so.
      """)
  var slantDepths = false

  var throwCount: Int { throwChoice ?? 10 }

  /// Settings of the group "showers" that apply to CORSIKA showers too.
  private static let applicable: Set<String> = [
    "minimumAzimuth", "maximumAzimuth", "coreArea", "coreRadius",
  ]

  /// - Throws: `ValidationError` for options that do not go together, with the reason.
  func check(
    events: Int?, _ layers: [(name: String, layer: SettingsLayer)]
  ) throws {
    guard !corsika.isEmpty else {
      for (isGiven, option) in [
        (throwChoice != nil, "--throws"), (observationLevel != nil, "--observation-level"),
        (slantDepths, "--slant-depths"),
      ] where isGiven {
        throw ValidationError("\(option) is for CORSIKA showers: give --corsika FILE...")
      }
      return
    }
    guard throwCount >= 1 else { throw ValidationError("--throws needs a number of at least 1") }
    if let observationLevel, observationLevel < 1 {
      throw ValidationError("--observation-level needs a number of at least 1")
    }
    guard events == nil else {
      throw ValidationError(
        "--events does not go with --corsika: --throws says how often each shower is thrown")
    }
    for (name, layer) in layers {
      for key in layer.values.keys.sorted() {
        guard let setting = SimulationSetting.named(key) else { continue }
        let applies =
          switch setting.group {
          case .detector, .readout, .array: true
          case .showers: Self.applicable.contains(key)
          case .showerModel: false
          }
        guard applies else {
          throw ValidationError(
            "\(name) does not go with --corsika: \(key) is a property of the shower, which comes from "
              + "the file. Settings of detector, readout, cores and azimuths can be given")
        }
      }
    }
  }
}
