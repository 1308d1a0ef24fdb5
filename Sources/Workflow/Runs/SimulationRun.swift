import Foundation
import Logging
import ShowerModel
import ShowerSimulation
import ShowerStore

/// Makes events with known truth and full waveforms.
package struct SimulationRun: ShareableRun {
  /// Events to make, nil for `GenerationPlan.defaultEvents` or where showers are counted.
  package var events: Int?
  /// Showers to throw, instead of events.
  package var thrown: Int?
  package var array = "telescope-array"
  package var seed: UInt64 = 1
  package var corsika = CorsikaSettings()
  package var settings = SimulationSettings()
  package var share = WorkShare()
  /// Nil where the user names none, which is refused after the settings are read.
  package var output: OutputFile?

  package init() {}

  package var sharedInput: String? { nil }

  package func sharing(_ share: WorkShare, into output: OutputFile) -> Self {
    var run = self
    run.share = share
    run.output = output
    return run
  }

  package func run(in context: RunContext) throws {
    try context.checkLimits("simulate")
    let chosen = try settings.chosen(context.tableFolder())
    guard let output else { throw WrongUse("--output is missing: give --output FILE") }
    try corsika.check(events: events ?? thrown, chosen.layers)
    guard !share.resultsOnly else {
      throw WrongUse("--results-only: a simulation makes events only, no results")
    }
    if corsika.files.isEmpty {
      try simulate(chosen, to: output, context)
    } else {
      try throwShowers(chosen, to: output, context)
    }
  }

  /// Showers of the parametric model, each thrown once.
  private func simulate(
    _ chosen: SimulationSettings.Chosen, to output: OutputFile, _ context: RunContext
  ) throws {
    let plan = try GenerationPlan(events: events, thrown: thrown, shard: share.shard)
    let log = context.logger("simulate")
    var record = ProvenanceRecord("simulate", seed: seed)
    let site = try site(chosen, context, &record)
    let simulator = try EventSimulator(
      configuration: chosen.configuration, array: site.array, constants: site.constants,
      response: site.response, seed: seed)
    let workers = Workers(context.threads)
    let writer = try makeWriter(chosen, site, to: output, workers)

    var progress = Progress(
      "simulated", total: plan.expected ?? plan.thrown ?? 0, isQuiet: context.isQuiet)
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
          description: "none of 500,000 showers triggered. "
            + "Check --energy, --array and --config")
      }
      progress.update(plan.events == nil ? attempts.upperBound : writer.eventCount)
    }
    let counts = plan.record(made: writer.eventCount, covered: covered)
    try writer.finish(adding: record.step(try history(of: chosen, site).merging(counts) { $1 }))
    log.info(
      """
      \(output.path): \(writer.eventCount) events of \(covered) thrown showers \
      in \(duration(progress.elapsed))
      """)
  }

  // MARK: - Array and file

  /// Where showers fall, and how they look there.
  struct Site {
    let array: DetectorArray
    let constants: ShowerConstants
    let response: ResponseTable
  }

  func site(
    _ chosen: SimulationSettings.Chosen, _ context: RunContext,
    _ record: inout ProvenanceRecord, before check: () throws -> Void = {}
  ) throws -> Site {
    let tables = try context.tableFolder()
    let (array, arrayFile) = try tables.array(
      array, altitudeSpread: chosen.configuration.altitudeSpread)
    let (constants, constantsFile) = try tables.showerConstants()
    let (response, responseFile) = try tables.response(of: array)
    try check()
    let files = [arrayFile, constantsFile, responseFile].compactMap { $0 } + chosen.variationFiles
    files.forEach { record.readHashed($0) }
    return Site(array: array, constants: constants, response: response)
  }

  func makeWriter(
    _ chosen: SimulationSettings.Chosen, _ site: Site, to output: OutputFile, _ workers: Workers
  ) throws -> EventFileWriter {
    try EventFileWriter(
      path: output.path, array: site.array, sampleCount: chosen.configuration.windowSamples,
      simulated: true, purpose: share.purpose, overwrite: output.overwrites,
      compressing: workers.submit)
  }

  /// What the provenance says of settings and array.
  func history(of chosen: SimulationSettings.Chosen, _ site: Site) throws -> [String: String] {
    [
      "configuration": try prettyJSON(chosen.configuration), "array": site.array.name,
      ProvenanceStep.simulationVersionKey: "\(SimulationConfiguration.modelVersion)",
    ].merging(settings.record) { $1 }
  }
}
