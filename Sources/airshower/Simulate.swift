import ArgumentParser
import Foundation
import Logging
import ShowerModel
import ShowerSimulation
import ShowerStore

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
      {"spectralIndex": -2.7, "timeJitter": 40, "windowSamples": 256, "maximumZenith": 60}. A range instead \
      of a number, "timeJitter": [10, 40], draws one for every shower. Variations are named systematics \
      (--list-variations); mix draws most of them for every shower, to train networks that do not lean on \
      any. --print-config shows what comes out of file, options and variations together.

      With --corsika the showers come from CORSIKA 7 particle files (DATnnnnnn, plain or compressed by zstd, gzip, bzip2, \
      xz), thinned or not; each is thrown --throws times over the array with new cores and azimuths. All events of \
      a shower have its number in /events/shower_id and stay in one split. Settings of detector, readout, cores and \
      azimuths apply, those of the shower do not. Documentation/corsika.md says what is done and what not.

        airshower simulate --corsika DAT000001.zst DAT000002.zst --throws 100 -o corsika.h5
      """)

  @Option(help: "Triggered events to make (default: \(GenerationPlan.defaultEvents)).")
  var events: Int?

  @Option(help: "Showers to throw, instead of --events: as many events as trigger.")
  var thrown: Int?

  @Option(
    help:
      "Array: a name in tables/arrays, a file, or ideal:COLUMNSxROWS[:SPACING], 1200 m unless given."
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

    func validate() throws { try output.map(checkOutputName) }
  }

  mutating func run() throws {
    try running.checkThreads()
    if listSettings { return print(SettingLists.settings) }
    if listVariations {
      let variations = try TableFolder(option: running.tables).variations()
      return print(
        SettingLists.columns(
          variations.map { [$0.name, $0.description].map(EscapedText.terminal) }))
    }
    let chosen = try settings.chosen(TableFolder(option: running.tables))
    let configuration = chosen.configuration
    if printConfig { return print(try prettyJSON(configuration)) }
    guard let path = output.output else { throw ValidationError("Missing --output FILE") }
    try corsika.check(events: events ?? thrown, chosen.layers)
    guard !sharding.resultsOnly else {
      throw ValidationError("--results-only: a simulation has nothing but events")
    }
    if !corsika.corsika.isEmpty { return try throwShowers(chosen, to: path) }
    let plan = try GenerationPlan(events: events, thrown: thrown, shard: sharding.shard)
    let log = running.logger("simulate")
    var record = ProvenanceRecord("simulate", seed: seed)

    let tables = try TableFolder(option: running.tables)
    let (detectorArray, arrayFile) = try tables.array(
      array, altitudeSpread: configuration.altitudeSpread)
    let (constants, constantsFile) = try tables.showerConstants()
    let files = [arrayFile, constantsFile].compactMap { $0 } + chosen.variationFiles
    files.forEach { record.readHashed($0) }
    let simulator = try EventSimulator(
      configuration: configuration, array: detectorArray, constants: constants, seed: seed)
    let workers = Workers(running.threads)
    let writer = try EventFileWriter(
      path: path, array: detectorArray, sampleCount: configuration.windowSamples, simulated: true,
      purpose: sharding.purpose, overwrite: output.overwrite, compressing: workers.submit)

    var progress = Progress(
      "simulated", total: plan.expected ?? plan.thrown ?? 0, isQuiet: running.quiet)
    var batches = Pipeline(plan, on: workers) {
      $0
    } makeState: {
      simulator.makeWorkspace()
    } compute: { workspace, attempts in
      attempts.compactMap { simulator.simulate(attempt: $0, in: workspace) }
    }
    var covered = plan.thrown ?? 0
    while !plan.isEnough(writer.eventCount, covered: covered),
      let (triggered, attempts) = try batches.next()
    {
      let kept = plan.kept(triggered, made: writer.eventCount)
      try writer.append(Array(kept))
      covered = plan.covered(by: attempts, last: kept.last, made: writer.eventCount)
      guard covered < plan.patience || writer.eventCount > 0 else {
        throw InputError(
          description: "no event of 500,000 showers triggered: check --energy, --array and --config"
        )
      }
      progress.update(plan.events == nil ? attempts.upperBound : writer.eventCount)
    }
    try writer.finish(
      adding: record.step(
        ["configuration": try prettyJSON(configuration), "array": detectorArray.name]
          .merging(plan.record(made: writer.eventCount, covered: covered)) { $1 }
          .merging(settings.record) { $1 }))
    log.info(
      "\(path): \(writer.eventCount) events of \(covered) thrown showers in \(duration(progress.elapsed))"
    )
  }
}
