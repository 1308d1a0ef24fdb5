import ShowerSimulation

/// Which CORSIKA showers `simulate` throws, and how often.
package struct CorsikaSettings: Sendable {
  /// Particle files; none where the parametric model makes the showers.
  package var files: [String] = []
  /// Times each shower is thrown, nil for `defaultThrows`.
  package var throwChoice: Int?
  /// Counted from 1 for the highest, nil for the only one of a file.
  package var observationLevel: Int?
  /// Whether depths of the longitudinal fit in the files are slant.
  package var depthsAreSlant = false

  package static let defaultThrows = 10

  package init() {}

  var throwCount: Int { throwChoice ?? Self.defaultThrows }

  /// Settings of the group "showers" that apply to CORSIKA showers too.
  private static let applicable: Set<String> = [
    "minimumAzimuth", "maximumAzimuth", "coreArea", "coreRadius",
  ]

  /// Refuses options that do not go together.
  ///
  /// `events` are the events or showers that the user asked for, `layers` the settings of the
  /// simulation by their sources.
  func check(
    events: Int?, _ layers: [(name: String, layer: SettingsLayer)]
  ) throws(WrongUse) {
    guard !files.isEmpty else { return try checkUnused() }
    guard throwCount >= 1 else { throw WrongUse("--throws needs a number of at least 1") }
    if let observationLevel, observationLevel < 1 {
      throw WrongUse("--observation-level needs a number of at least 1")
    }
    guard events == nil else {
      throw WrongUse(
        "--events cannot be used with --corsika: --throws sets how often each shower is thrown")
    }
    for (name, layer) in layers {
      for key in layer.values.keys.sorted() where !applies(key) {
        throw WrongUse(
          "\(name) cannot be used with --corsika: \(key) is a property of the shower, which comes "
            + "from the file. Only settings of detector, readout, cores and azimuths can be given")
      }
    }
  }

  private func checkUnused() throws(WrongUse) {
    for (isGiven, option) in [
      (throwChoice != nil, "--throws"), (observationLevel != nil, "--observation-level"),
      (depthsAreSlant, "--slant-depths"),
    ] where isGiven {
      throw WrongUse("\(option) is for CORSIKA showers: give --corsika FILE...")
    }
  }

  private func applies(_ key: String) -> Bool {
    switch SimulationSetting.named(key)?.group {
    case .detector, .readout, .array, nil: true
    case .showers: Self.applicable.contains(key)
    case .showerModel: false
    }
  }
}
