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
      simulated: true, overwrite: output.overwrite, compressing: workers.submit)

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
    let count = writer.eventCount
    let part =
      sharding.shard.map {
        [
          ShardKey.shard: "\($0)", ShardKey.events: "\(count)",
          ShardKey.covered: "\(thrownCount)",
        ]
      } ?? ["events": "\(count)"]
    try writer.finish(
      adding: record.step(
        [
          "configuration": try prettyJSON(chosen.configuration), "array": detectorArray.name,
          "thrown": "\(thrownCount)", "throws": "\(corsika.throwCount)",
          ProvenanceStep.corsikaKey: try prettyJSON(showers),
        ].merging(part) { $1 }.merging(settings.record) { $1 }))
    let thrown = "\(showers.count) CORSIKA showers thrown \(corsika.throwCount) times each"
    log.info(
      "\(path): \(writer.eventCount) events of \(thrown) in \(duration(progress.elapsed))")
  }

  /// Throws of one shower, numbered from `first` on; returns how many triggered.
  private func throwOne(
    _ shower: CorsikaThrows, _ first: Int, on workers: Workers, to writer: EventFileWriter,
    progress: (Int) -> Void
  ) throws -> Int {
    let parts = ThrowPlan.parts(
      of: first..<first + corsika.throwCount, shard: sharding.shard, size: Self.batch)
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

/// What the provenance says of a CORSIKA shower.
private struct CorsikaRecord: Encodable {
  var file: String
  var showerID: Int
  var corsikaVersion: Double
  var run: Int
  var event: Int
  var primary: String
  /// [EeV].
  var energy: Double
  /// [deg].
  var zenith: Double
  var momentumAzimuth: Double
  var highEnergyModel: String
  var lowEnergyModel: String
  /// Fraction and largest weights, hadrons and muons, electrons and photons.
  var thinning: [Double]
  var weightLimits: [Double]
  /// Kinetic energies [GeV] of hadrons, muons, electrons, photons.
  var cuts: [Double]
  /// Above sea level [m].
  var observationLevels: [Double]
  /// Slant [g/cm2]; absent where the file has no fit.
  var xmax: Double?
  var muonScale: Double
  /// Inside it signals are parametric [m].
  var parametricRadius: Double
  /// Factors on signal and delays of electrons and photons there.
  var electromagneticFactor: Double
  var delayScale: Double
  /// [VEM/m2].
  var signal800: Double
  var triggered: Int

  init(_ shower: CorsikaThrows, _ source: CorsikaShowers, file: String, triggered: Int) {
    guard let header = source.header else { preconditionFailure("a shower without header") }
    self.file = file
    showerID = shower.showerID
    corsikaVersion = source.runHeader.version
    run = source.runHeader.run
    event = header.event
    primary = shower.truth.primary.symbol
    energy = shower.truth.shower.energy
    zenith = header.zenith / Units.degree
    momentumAzimuth = header.momentumAzimuth / Units.degree
    highEnergyModel = header.highEnergyModel
    lowEnergyModel = header.lowEnergyModel
    thinning = [header.thinning.x, header.thinning.y]
    weightLimits = [header.weightLimits.x, header.weightLimits.y]
    cuts = header.cuts
    observationLevels = header.levels
    xmax = shower.xmax.isFinite ? shower.xmax : nil
    muonScale = shower.truth.muonScale
    parametricRadius = shower.truth.parametricRadius
    electromagneticFactor = shower.electromagneticFactor
    delayScale = shower.truth.delayScale
    signal800 = shower.signal800
    self.triggered = triggered
  }
}
