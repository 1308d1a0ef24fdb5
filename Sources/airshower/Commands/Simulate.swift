import ArgumentParser
import Workflow

struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make events with known truth and full waveforms.",
    discussion: """
      Uses a fast parametric model of primaries, shower maximum, muons, electrons, both layers, \
      electronics and trigger. Documentation/simulation.md tells what it can be used for, and what \
      not.

        airshower simulate --events 20000 --output events.h5
        airshower simulate --events 5000 --array ideal:16x16 --primaries photon -o photons.h5
        airshower simulate --events 5000 --variation muons-up --variation clock-40ns -o varied.h5
        airshower simulate --events 5000 --config mine.json -o mine.h5

      mine.json holds some settings; the others keep their defaults (--list-settings): \
      {"spectralIndex": -2.7, "timeJitter": 40, "windowSamples": 256, "maximumZenith": 60}. A \
      range, as in "timeJitter": [10, 40], draws a new value for every shower. Variations are \
      systematic variations with a name (--list-variations). The variation mix draws most of them \
      anew for every shower; train networks on it that shall not depend on any of them. \
      --print-config prints the settings that follow from file, options and variations together.

      With --corsika the showers come from CORSIKA 7 particle files (DATnnnnnn), thinned or not. \
      They may be compressed (zstd, gzip, bzip2, xz). Each shower is thrown --throws times over \
      the array, with new cores and azimuths. All events of a shower have its number in \
      /events/shower_id and stay in one split. Settings of detector, readout, cores and azimuths \
      apply; settings of the shower do not. Documentation/corsika.md describes the method and its \
      limits.

        airshower simulate --corsika DAT000001.zst DAT000002.zst --throws 100 -o corsika.h5
      """)

  @Option(help: "Number of triggered events (default: \(GenerationPlan.defaultEvents)).")
  var events: Int?

  @Option(help: "Number of showers to throw, instead of --events. Those that trigger are kept.")
  var thrown: Int?

  @Option(
    help: """
      Array: telescope-array, telescope-array-2008, a file, ideal:COLUMNSxROWS[:SPACING], or \
      hexagon:RINGS[:SPACING], with the spacing in metres (1200 and 1500 if not given).
      """, completion: .table(.array, or: ["ideal:16x16", "hexagon:3"]))
  var array = "telescope-array"

  @Flag(help: "Print the settings as JSON for --config, and stop.")
  var printConfig = false

  @Flag(help: "Print every setting with its default, allowed values, unit and meaning, and stop.")
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
      help: "File to write. It must not exist without --overwrite.")
    var output: String?

    @Flag(help: "Replace an existing file when the new one is complete.")
    var overwrite = false

    var file: OutputFile? { output.map { OutputFile($0, overwrites: overwrite) } }

    func validate() throws { try output.map(checkOutputName) }
  }

  func run() throws {
    let context = running.context
    try context.checkLimits()
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
