import ArgumentParser
import ShowerModel
import ShowerSimulation
import Workflow

/// Settings of the simulation: a file, variations, and the most common ones as options.
struct SimulationOptions: ParsableArguments {
  @Option(
    help: """
      Smallest and largest energy [EeV], as in 1:300, or one energy, as in 10. Allowed: 0.1 to \
      630. Default: 1:316, on the scale of the simulation.
      """)
  var energy: String?

  @Option(
    parsing: .unconditional, help: "Index gamma of the spectrum dN/dE ~ E^gamma (default: -1).")
  var spectralIndex: Double?

  @Option(
    help: "Primaries in equal parts, from H,He,N,Fe,photon (default: H,He,N,Fe).",
    completion: .list(Primary.allCases.map(\.symbol)))
  var primaries: String?

  @Option(
    help: """
      Largest zenith angle [deg], at most 60. Directions are uniform in sin^2 theta. Default: 45.
      """)
  var maxZenith: Double?

  @Option(
    help: """
      Hadronic interaction model: \
      \(InteractionModel.allCases.map(\.rawValue).joined(separator: ", ")) (default: \
      QGSJetII-04).
      """, completion: .list(InteractionModel.allCases.map(\.rawValue)))
  var interactionModel: String?

  @Option(
    help: """
      JSON file with settings. Any setting may be left out; unknown keys are errors. \
      See --list-settings.
      """, completion: .file(extensions: ["json"]))
  var config: String?

  @Option(
    help: """
      A systematic variation: a name that --list-variations prints, or a file. Repeatable. \
      Default: none.
      """, completion: .table(.variation))
  var variation: [String] = []

  /// The options as the library wants them.
  var settings: SimulationSettings {
    var settings = SimulationSettings()
    settings.energy = energy
    settings.spectralIndex = spectralIndex
    settings.primaries = primaries
    settings.maximumZenith = maxZenith
    settings.interactionModel = interactionModel
    settings.config = config
    settings.variations = variation
    return settings
  }
}

/// Showers from CORSIKA on the command line of `simulate`.
struct CorsikaOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("CORSIKA 7 particle files to take the showers from.", valueName: "file"))
  var corsika: [String] = []

  @Option(
    name: .customLong("throws"),
    help: "How often each CORSIKA shower is thrown over the array (default: 10).")
  var throwChoice: Int?

  @Option(
    help: "Observation level to use. 1 is the highest. Needed for files with several.")
  var observationLevel: Int?

  @Flag(
    help: """
      CORSIKA was compiled with SLANT: depths of the longitudinal fit in the files are slant \
      depths. The files themselves do not tell.
      """)
  var slantDepths = false

  /// The options as the library wants them.
  var settings: CorsikaSettings {
    var settings = CorsikaSettings()
    settings.files = corsika
    settings.throwChoice = throwChoice
    settings.observationLevel = observationLevel
    settings.depthsAreSlant = slantDepths
    return settings
  }
}
