import ArgumentParser
import Workflow

struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make events with known truth and full waveforms.",
    discussion: """
      The fast parametric model: primaries, shower maximum, muons and electrons, both layers, \
      electronics and trigger. Documentation/simulation.md says what it is good for and what not.

        airshower simulate --events 20000 --output events.h5
        airshower simulate --events 5000 --array ideal:16x16 --primaries photon -o photons.h5
        airshower simulate --events 5000 --variation muons-up --variation clock-40ns -o varied.h5
        airshower simulate --events 5000 --config mine.json -o mine.h5

      mine.json holds some settings, the others keep their defaults (--list-settings): \
      {"spectralIndex": -2.7, "timeJitter": 40, "windowSamples": 256, "maximumZenith": 60}. A \
      range instead of a number, "timeJitter": [10, 40], draws one for every shower. Variations \
      are named systematics (--list-variations); mix draws most of them for every shower, to train \
      networks that do not lean on any. --print-config shows what comes out of file, options and \
      variations together.

      With --corsika the showers come from CORSIKA 7 particle files (DATnnnnnn, plain or \
      compressed by zstd, gzip, bzip2, xz), thinned or not; each is thrown --throws times over the \
      array with new cores and azimuths. All events of a shower have its number in \
      /events/shower_id and stay in one split. Settings of detector, readout, cores and azimuths \
      apply, those of the shower do not. Documentation/corsika.md says what is done and what not.

        airshower simulate --corsika DAT000001.zst DAT000002.zst --throws 100 -o corsika.h5
      """)

  @Option(help: "Triggered events to make (default: \(GenerationPlan.defaultEvents)).")
  var events: Int?

  @Option(help: "Showers to throw, instead of --events: as many events as trigger.")
  var thrown: Int?

  @Option(
    help: """
      Array: a name in tables/arrays, a file, or ideal:COLUMNSxROWS[:SPACING], 1200 m unless \
      given.
      """
  )
  var array = "telescope-array"

  @Flag(help: "Print the effective settings as JSON, which --config takes, and stop.")
  var printConfig = false

  @Flag(help: "Print all settings with default, allowed values, unit and meaning, and stop.")
  var listSettings = false

  @Flag(help: "Print the variations with their descriptions, and stop.")
  var listVariations = false

  @Option(help: "Seed. The same seed gives the same events for any number of threads.")
  var seed: UInt64 = 1

  @OptionGroup(title: "CORSIKA") var corsika: CorsikaOptions
  @OptionGroup(title: "Settings") var settings: SimulationOptions
  @OptionGroup(title: "Sharing the work") var sharding: ShardOptions
  @OptionGroup(title: "Output") var output: OptionalOutput
  @OptionGroup(title: "Running") var running: RunOptions

  /// An output that is not needed with `--print-config`.
  struct OptionalOutput: ParsableArguments {
    @Option(
      name: [.long, .customShort("o")], parsing: .unconditional,
      help: "File to write. It must not exist...")
    var output: String?

    @Flag(help: "...unless this is given; it is replaced when the new one is complete.")
    var overwrite = false

    var file: OutputFile? { output.map { OutputFile($0, overwrites: overwrite) } }

    func validate() throws { try output.map(checkOutputName) }
  }

  func run() throws {
    let context = running.context
    try context.checkThreads()
    if listSettings { return print(SettingLists.settings) }
    if listVariations { return print(try SettingLists.variations(context.tableFolder())) }
    if printConfig { return print(try settings.settings.text(context.tableFolder())) }
    try sharedRun.run(in: context)
  }
}

extension Simulate: ShareableCommand {
  var sharedOutput: OutputFile? {
    listSettings || listVariations || printConfig ? nil : output.file
  }

  var sharedRun: SimulationRun {
    var run = SimulationRun()
    run.events = events
    run.thrown = thrown
    run.array = array
    run.seed = seed
    run.corsika = corsika.settings
    run.settings = settings.settings
    run.share = sharding.share
    run.output = output.file
    return run
  }
}
