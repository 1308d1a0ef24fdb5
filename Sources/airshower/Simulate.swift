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
      """)

  @Option(help: "Triggered events to make.")
  var events = 10_000

  @Option(help: "Array: a name in tables/arrays, a file, or ideal:COLUMNSxROWS.")
  var array = "telescope-array"

  @Option(help: "Smallest and largest energy [EeV], as in 1:300. Thrown as E^-1 (see --config).")
  var energy: String?

  @Option(help: "Primaries in equal parts, of H,He,N,Fe,photon.")
  var primaries: String?

  @Option(help: "Largest zenith angle [deg], at most 60. Directions are uniform in sin^2.")
  var maxZenith: Double?

  @Option(
    help:
      "Hadronic interaction model: \(InteractionModel.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var interactionModel: String?

  @Option(help: "Settings of the simulation as JSON; unknown keys are errors. See --print-config.")
  var config: String?

  @Flag(help: "Print the effective settings as JSON and stop.")
  var printConfig = false

  @Option(help: "Seed. The same seed gives the same events for any number of threads.")
  var seed: UInt64 = 1

  @OptionGroup(title: "Output") var output: OptionalOutput
  @OptionGroup(title: "Running") var running: RunOptions

  /// An output that is not needed with `--print-config`.
  struct OptionalOutput: ParsableArguments {
    @Option(name: [.long, .customShort("o")], help: "File to write. It must not exist...")
    var output: String?

    @Flag(help: "...unless this is given; it is replaced when the new one is complete.")
    var overwrite = false
  }

  mutating func run() throws {
    try running.checkThreads()
    let settings = try configuration()
    if printConfig {
      print(try prettyJSON(settings))
      return
    }
    guard let path = output.output else { throw ValidationError("Missing --output FILE") }
    guard events >= 1 else { throw ValidationError("--events needs a number of at least 1") }
    let log = running.logger("simulate")
    var record = ProvenanceRecord("simulate", seed: seed)

    let tables = try TableFolder(option: running.tables)
    let (detectorArray, arrayFile) = try tables.array(array)
    let (field, fieldFile) = try tables.electromagneticField()
    [arrayFile, fieldFile].compactMap { $0 }.forEach { record.readHashed($0) }
    let workers = Workers(running.threads)
    let writer = try EventFileWriter(
      path: path, array: detectorArray, sampleCount: settings.windowSamples, simulated: true,
      overwrite: output.overwrite, compressing: workers.submit)
    let simulator = try EventSimulator(
      configuration: settings, array: detectorArray, electromagneticField: field, seed: seed)

    var progress = Progress("simulated", total: events, isQuiet: running.quiet)
    var batches = Pipeline((0...).lazy.map { $0 * 32..<($0 + 1) * 32 }, on: workers) {
      $0
    } makeState: {
      simulator.makeWorkspace()
    } compute: { workspace, attempts in
      attempts.compactMap { simulator.simulate(attempt: $0, in: workspace) }
    }
    // Showers thrown, up to the one that made the last event.
    var thrown = 0
    while writer.eventCount < events, let (triggered, attempts) = try batches.next() {
      let kept = triggered.prefix(events - writer.eventCount)
      try writer.append(Array(kept))
      let isLast = writer.eventCount == events
      thrown = isLast ? (kept.last?.showerID ?? 0) + 1 : attempts.upperBound
      guard thrown < 20_000_000 || writer.eventCount > 0 else {
        throw InputError(
          description: "no event of 20 million triggered: check --energy, --array and --config")
      }
      progress.update(writer.eventCount)
    }
    try writer.finish(
      adding: record.step([
        "configuration": try prettyJSON(settings), "array": detectorArray.name,
        "events": "\(events)",
        "thrown": "\(thrown)",
      ]))
    log.info(
      "\(path): \(events) events of \(thrown) thrown showers in \(duration(progress.elapsed))")
  }

  private func configuration() throws -> SimulationConfiguration {
    var settings = SimulationConfiguration()
    if let config {
      guard let data = FileManager.default.contents(atPath: config) else {
        throw InputError(description: "\(config): no such file")
      }
      do {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        settings = try decoder.decode(SimulationConfiguration.self, from: data)
      } catch {
        throw InputError(description: "\(config): \(explanation(of: error))")
      }
    }
    if let energy {
      let range = try energyRange(energy, option: "--energy")
      settings.minimumLogEnergy = range.lowerBound + Units.logEnergyOfEeV
      settings.maximumLogEnergy = range.upperBound + Units.logEnergyOfEeV
    }
    if let primaries {
      settings.primaryWeights = [:]
      for symbol in primaries.split(separator: ",") {
        guard let primary = Primary(symbol: String(symbol)) else {
          let known = Primary.allCases.map(\.symbol).joined(separator: ", ")
          throw ValidationError("--primaries: \(symbol) is not one of \(known)")
        }
        settings.primaryWeights[primary.symbol] = 1
      }
    }
    if let maxZenith {
      guard maxZenith > 0, maxZenith <= 60 else {
        throw ValidationError("--max-zenith needs an angle of at most 60 degrees")
      }
      settings.maximumZenith = maxZenith * Units.degree
    }
    if let interactionModel {
      guard let model = InteractionModel(rawValue: interactionModel) else {
        let known = InteractionModel.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--interaction-model: \(interactionModel) is not one of \(known)")
      }
      settings.interactionModel = model
    }
    try settings.validate()
    return settings
  }

  private func explanation(of error: any Error) -> String {
    switch error {
    case DecodingError.dataCorrupted(let context): context.debugDescription
    case DecodingError.typeMismatch(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
    default: "\(error)"
    }
  }
}
