import Foundation
import Logging
import ShowerModel
import ShowerStore
import StandardReconstruction

/// The standard reconstruction of every event of a file.
package struct ReconstructionRun: ShareableRun {
  package var input: String
  package var output: OutputFile
  /// Nil for the usual one, which is used where it was made for such an array.
  package var energyTable: String?
  package var cuts = TableFolder.defaultSelection
  /// Scale of the energies; nil for that of the results that are kept, else of the simulation.
  package var energyScale: String?
  package var eventLimit: Int?
  package var fit = FitSettings()
  package var share = WorkShare()

  package init(_ input: String, output: OutputFile) {
    self.input = input
    self.output = output
  }

  /// Name of the reconstruction with a tuned front.
  static let tuned = "tuned"

  package var sharedInput: String? { input }

  package func sharing(_ share: WorkShare, into output: OutputFile) -> Self {
    var run = self
    run.share = share
    run.output = output
    return run
  }

  package func run(in context: RunContext) throws {
    try context.checkThreads()
    let log = context.logger("reconstruct")
    var record = ProvenanceRecord("reconstruct")
    let source = try open(context.tableFolder(), &record)
    if let warning = source.energy.warning { log.warning("\(input): \(warning)") }
    if source.repeatedEvents > 0 {
      log.warning("\(input): \(source.repeatedEvents) events have the number of an earlier event")
    }
    let (reader, fits, rows) = (source.reader, source.fits, source.rows)
    let workers = Workers(context.threads)
    let writer = try makeWriter(source, workers)
    record.read(input)

    var progress = Progress("reconstructed", total: writer.eventCount, isQuiet: context.isQuiet)
    var flow = EventFlow(cuts: fits.selection)
    var results = Pipeline(reader.chunks(of: 32, in: rows), on: workers) {
      try reader.storedEvents($0, truth: false)
    } makeState: {
      fits.makeWorkspaces()
    } compute: { workspaces, stored in
      fits.reconstruct(try stored.decoded(), in: workspaces)
    }
    while let (made, done) = try results.next() {
      try fits.append(made, to: writer)
      for (result, _) in made[0] { flow.count(result) }
      progress.update(done.upperBound - rows.lowerBound)
    }
    let seeds = source.tuned?.origin.simulationSeeds ?? []
    try writer.finish(
      adding: record.step(
        settings(source),
        learned: seeds.isEmpty ? [:] : [Self.tuned: seeds.map { .parametric(seed: $0) }]))
    log.warnOfLeftOut(writer.leftOut, from: input, in: output.path)
    if !context.isQuiet, share.shard == nil {
      print(flow.selectionTable(fits.selection, note: source.keepsStandard ? ", tuned fit" : ""))
    }
    log.info("\(output.path): \(summary(flow)), \(duration(progress.elapsed))")
  }

  // MARK: - Preparation

  /// What is reconstructed, and how.
  private struct Source {
    let reader: EventFileReader
    let fits: EventFits
    let tuned: TunedFrontFile?
    let energy: ChosenEnergyTable
    /// Events whose number another one has.
    let repeatedEvents: Int
    /// Whether the file's standard reconstruction is kept, beside which a tuned one is made.
    let keepsStandard: Bool
    let scale: EnergyScale
    let rows: Range<Int>
  }

  private func open(_ tables: TableFolder, _ record: inout ProvenanceRecord) throws -> Source {
    let settings = try fit.configuration(default: .joint)
    let tuned = try fit.tunedFront(tables, default: .joint)
    let (selection, selectionFile) = try tables.selection(cuts)
    let reader = try EventFileReader(path: input)
    try reader.array.detector.requireSupported(input)
    let energy = try ChosenEnergyTable(energyTable, for: reader.array, in: tables)
    record.readHashed(energy.file)
    if let tuned { record.readHashed(tuned.file) }
    record.readHashed(selectionFile)
    let keepsStandard = tuned != nil && reader.hasStandard
    let scale = try chosenScale(reader, keepsStandard: keepsStandard)
    let standard = StandardFit(
      array: reader.array, energyTable: energy.table.on(scale), configuration: settings)
    return Source(
      reader: reader,
      fits: EventFits(
        standard, tuned: tuned?.front, keepsStandard: keepsStandard, selection: selection),
      tuned: tuned?.front, energy: energy, repeatedEvents: try reader.checkEvents(),
      keepsStandard: keepsStandard, scale: scale,
      rows: try share.rows(of: reader.eventCount, limit: eventLimit))
  }

  /// The scale asked for, refused where it does not go with the events.
  private func chosenScale(
    _ reader: EventFileReader, keepsStandard: Bool
  ) throws(WrongUse) -> EnergyScale {
    guard let energyScale else { return keepsStandard ? reader.energyScale : .simulation }
    guard let scale = EnergyScale(rawValue: energyScale) else {
      let known = EnergyScale.allCases.map(\.rawValue).joined(separator: ", ")
      throw WrongUse("--energy-scale: \(energyScale) is not one of \(known)")
    }
    guard !keepsStandard || scale == reader.energyScale else {
      throw WrongUse(
        "--energy-scale \(energyScale): the standard reconstruction of \(input), which is kept, "
          + "has the scale \(reader.energyScale.rawValue)")
    }
    guard scale == .simulation || !reader.hasTruth else {
      throw WrongUse(
        "--energy-scale \(energyScale) is for data: \(input) holds simulated events, "
          + "whose true energies are on the scale of the simulation")
    }
    return scale
  }

  private func makeWriter(_ source: Source, _ workers: Workers) throws -> EventFileWriter {
    let reader = source.reader
    return try EventFileWriter(
      copying: reader, to: output.path, rows: source.rows,
      omitting: source.keepsStandard
        ? [Self.tuned] : Set(reader.reconstructionNames + ["standard"]),
      energyScale: source.scale, resultsOnly: share.resultsOnly, purpose: share.purpose,
      overwrite: output.overwrites, compressing: workers.submit)
  }

  // MARK: - Results

  /// What the provenance says of the run.
  private func settings(_ source: Source) -> [String: String] {
    var settings = [
      "energy_table": source.energy.name, "energy_scale": source.scale.rawValue,
      "selection": source.fits.selection.json,
    ]
    if let front = source.tuned { settings["tuned_front"] = front.front.name }
    if !source.keepsStandard { settings.merge(fit.record) { $1 } }
    return settings.merging(share.record(source.rows)) { $1 }
  }

  /// Numbers of good and failed events, by reason.
  private func summary(_ flow: EventFlow) -> String {
    let failed = flow.losses.filter { $0.stage == .standard && $0.count > 0 }.map {
      "\($0.count) \($0.explanation)"
    }
    return "\(flow.total - flow.lost(.standard)) of \(flow.total) events reconstructed"
      + (failed.isEmpty ? "" : " (failed: \(failed.joined(separator: "; ")))")
  }
}
