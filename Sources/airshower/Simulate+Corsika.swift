import ArgumentParser
import Foundation
import Logging
import ShowerModel
import ShowerSimulation
import ShowerStore

extension Simulate {
  /// Throws that a thread makes in one go.
  private static let batch = 8

  /// CORSIKA showers, one after the other, each thrown many times.
  func throwShowers(_ chosen: SimulationOptions.Chosen, to path: String) throws {
    let log = running.logger("simulate")
    var record = ProvenanceRecord("simulate", seed: seed)
    let tables = try TableFolder(option: running.tables)
    let (detectorArray, arrayFile) = try tables.array(
      array, altitudeSpread: chosen.configuration.altitudeSpread)
    let (constants, constantsFile) = try tables.showerConstants()
    let setting = CorsikaShowers.Setting(
      configuration: chosen.configuration, array: detectorArray, constants: constants, seed: seed,
      observationLevel: corsika.observationLevel, depthsAreSlant: corsika.slantDepths)
    // All headers first: an error in the last file must not cost the work on the others.
    let showerCounts = try corsika.corsika.map { file in
      try Interruption.check()
      return try CorsikaReader(path: file).runHeader.showerCount
    }
    let files = [arrayFile, constantsFile].compactMap { $0 } + chosen.variationFiles
    (files + corsika.corsika.map { URL(filePath: $0) }).forEach { record.readHashed($0) }
    let workers = Workers(running.threads)
    let writer = try EventFileWriter(
      path: path, array: detectorArray, sampleCount: chosen.configuration.windowSamples,
      simulated: true, purpose: sharding.purpose, overwrite: output.overwrite,
      compressing: workers.submit)

    let total = showerCounts.reduce(0, +) * corsika.throwCount
    var progress = Progress("thrown", total: total, isQuiet: running.quiet)
    var showers: [CorsikaRecord] = []
    for file in corsika.corsika {
      let source = try CorsikaShowers(path: file, setting)
      let before = showers.count
      do {
        while let shower = try source.next(check: { try Interruption.check() }) {
          guard !showers.contains(where: { $0.showerID == shower.showerID }) else {
            throw InputError(
              description: "\(file): shower \(source.header?.event ?? 0) has been thrown already; "
                + "give every file once, and more --throws for more events")
          }
          let first = showers.count * corsika.throwCount
          let triggered = try throwOne(shower, first, on: workers, to: writer) {
            progress.update(min($0, total))
          }
          showers.append(CorsikaRecord(shower, source, file: file, triggered: triggered))
        }
      } catch let error as CorsikaError where error.isTruncation && showers.count > before {
        log.warning("\(error)")
      }
    }
    // A part of the throws may be without events.
    guard writer.eventCount > 0 || sharding.shard != nil else {
      throw InputError(
        description: "none of the \(showers.count * corsika.throwCount) throws triggered: "
          + "check the energies of the showers, --array and --config")
    }
    let thrownCount = showers.count * corsika.throwCount
    let plan = try GenerationPlan(events: nil, thrown: thrownCount, shard: sharding.shard)
    var counts = plan.record(made: writer.eventCount, covered: thrownCount)
    if sharding.shard == nil { counts["events"] = "\(writer.eventCount)" }
    try writer.finish(
      adding: record.step(
        [
          "configuration": try prettyJSON(chosen.configuration), "array": detectorArray.name,
          "throws": "\(corsika.throwCount)",
          ProvenanceStep.corsikaKey: try prettyJSON(showers),
        ].merging(counts) { $1 }.merging(settings.record) { $1 }))
    let thrown = "\(showers.count) CORSIKA showers thrown \(corsika.throwCount) times each"
    log.info(
      "\(path): \(writer.eventCount) events of \(thrown) in \(duration(progress.elapsed))")
  }

  /// Throws of one shower, numbered from `first` on; returns how many triggered.
  private func throwOne(
    _ shower: CorsikaResampler, _ first: Int, on workers: Workers, to writer: EventFileWriter,
    progress: (Int) -> Void
  ) throws -> Int {
    let throwRange = first..<first + corsika.throwCount
    let parts = GenerationPlan.blocks(of: throwRange, shard: sharding.shard).flatMap { block in
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
}
