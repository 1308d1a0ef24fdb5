import Foundation
import Logging
import ShowerModel
import ShowerSimulation
import ShowerStore

extension SimulationRun {
  /// Throws that a thread makes in one go.
  private static let batch = 8

  /// CORSIKA showers, one after the other, each thrown many times.
  func throwShowers(
    _ chosen: SimulationSettings.Chosen, to output: OutputFile, _ context: RunContext
  ) throws {
    let log = context.logger("simulate")
    var record = ProvenanceRecord("simulate", seed: seed)
    var total = 0
    // All headers first: an error in the last file must not cost the work on the others.
    let site = try site(chosen, context, &record) { total = try countThrows() }
    let setting = setting(chosen, site)
    corsika.files.forEach { record.readHashed(URL(filePath: $0)) }
    let workers = Workers(context.threads)
    let writer = try makeWriter(chosen, site, to: output, workers)

    var progress = Progress("thrown", total: total, isQuiet: context.isQuiet)
    var showers: [CorsikaRecord] = []
    for file in corsika.files {
      let source = try CorsikaShowers(path: file, setting)
      let before = showers.count
      do {
        while let shower = try source.next(check: { try Interruption.check() }) {
          try checkNew(shower, source, file: file, among: showers)
          let first = showers.count * corsika.throwCount
          let triggered = try throwOne(shower, first, on: workers, to: writer) {
            progress.update(min($0, total))
          }
          showers.append(CorsikaRecord(shower, source, file: file, triggered: triggered))
        }
      } catch let error as CorsikaError where error.isTruncation && showers.count > before {
        log.warning("\(error)")
      }
      source.warnings.forEach { log.warning("\(file): \($0)") }
    }
    try writer.finish(
      adding: record.step(try settings(showers, made: writer.eventCount, chosen, site)))
    log.info(
      """
      \(output.path): \(writer.eventCount) events of \(showers.count) CORSIKA showers thrown \
      \(corsika.throwCount) times each in \(duration(progress.elapsed))
      """)
  }

  private func countThrows() throws -> Int {
    let showerCounts = try corsika.files.map { file in
      try Interruption.check()
      return try CorsikaReader(path: file).runHeader.showerCount
    }
    return showerCounts.reduce(0, +) * corsika.throwCount
  }

  private func setting(
    _ chosen: SimulationSettings.Chosen, _ site: Site
  ) -> CorsikaShowers.Setting {
    CorsikaShowers.Setting(
      configuration: chosen.configuration, array: site.array, constants: site.constants,
      response: site.response, seed: seed, observationLevel: corsika.observationLevel,
      depthsAreSlant: corsika.depthsAreSlant)
  }

  private func checkNew(
    _ shower: CorsikaResampler, _ source: CorsikaShowers, file: String, among known: [CorsikaRecord]
  ) throws(InputError) {
    guard !known.contains(where: { $0.showerID == shower.showerID }) else {
      throw InputError(
        description: "\(file): shower \(source.header?.event ?? 0) has been thrown already. "
          + "Give every file once; use more --throws for more events")
    }
  }

  /// Throws of one shower, numbered from `first` on; returns how many triggered.
  private func throwOne(
    _ shower: CorsikaResampler, _ first: Int, on workers: Workers, to writer: EventFileWriter,
    progress: (Int) -> Void
  ) throws -> Int {
    let throwRange = first..<first + corsika.throwCount
    let parts = GenerationPlan.blocks(of: throwRange, shard: share.shard).flatMap { block in
      stride(from: block.lowerBound, to: block.upperBound, by: Self.batch).map {
        $0..<min($0 + Self.batch, block.upperBound)
      }
    }
    var batches = Pipeline(parts, on: workers) {
      $0
    } makeState: {
      shower.makeWorkspace()
    } compute: { workspace, attempts in
      attempts.compactMap { shower.simulate(attempt: $0, in: workspace) }
    }
    let before = writer.eventCount
    while let (events, attempts) = try batches.next() {
      try writer.append(events)
      progress(attempts.upperBound)
    }
    return writer.eventCount - before
  }

  /// What the provenance says of the run.
  ///
  /// - Throws: `InputError` where no throw triggered.
  private func settings(
    _ showers: [CorsikaRecord], made: Int, _ chosen: SimulationSettings.Chosen, _ site: Site
  ) throws -> [String: String] {
    let thrown = showers.count * corsika.throwCount
    // A part of the throws may be without events.
    guard made > 0 || share.shard != nil else {
      throw InputError(
        description: "none of the \(thrown) throws triggered. "
          + "Check the energies of the showers, --array and --config")
    }
    let plan = try GenerationPlan(events: nil, thrown: thrown, shard: share.shard)
    var settings = try history(of: chosen, site)
    settings["throws"] = "\(corsika.throwCount)"
    settings[ProvenanceStep.corsikaKey] = try prettyJSON(showers)
    settings.merge(plan.record(made: made, covered: thrown)) { $1 }
    if share.shard == nil { settings["events"] = "\(made)" }
    return settings
  }
}
