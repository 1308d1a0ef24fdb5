import Foundation
import Logging
import ShowerFormats
import ShowerModel
import ShowerStore
import StandardReconstruction

/// Parametric reconstructions of every event of a file.
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
  /// Reconstructions to make; none for the standard one.
  package var methods: [ParametricMethod] = []
  package var share = WorkShare()
  /// Array of lists of stations; nil for their own positions.
  package var array: String?

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
    try context.checkLimits("reconstruct")
    do {
      if StationListFile.mayBeText(input) { return try reconstructLists(in: context) }
      try reconstructEvents(in: context)
    } catch StoreError.notEventFile where StationListFile.mayBeHDF5(input) {
      try reconstructLists(in: context)
    }
  }

  private func reconstructEvents(in context: RunContext) throws {
    guard array == nil else {
      throw WrongUse("--array is for lists of stations: an event file has its array")
    }
    let log = context.logger("reconstruct")
    var record = ProvenanceRecord("reconstruct")
    let source = try open(context.tableFolder(), &record, log)
    if let warning = source.energy.warning { log.warning("\(input): \(warning)") }
    tellLostMethods(source, log)
    let (reader, fits, rows) = (source.reader, source.fits, source.rows)
    let workers = Workers(context.threads)
    let writer = try makeWriter(source, workers)
    record.read(input)

    var progress = Progress("reconstructed", total: writer.eventCount, isQuiet: context.isQuiet)
    var flow = EventFlow(cuts: fits.selection)
    var doubtful = DoubtfulHits()
    let detector = reader.array.detector
    var results = Pipeline(reader.chunks(of: 32, in: rows), on: workers) {
      try reader.storedEvents($0, truth: false)
    } makeState: {
      fits.makeWorkspaces()
    } compute: { workspaces, stored in
      let events = try stored.decoded()
      return (
        fits.reconstruct(events, in: workspaces), DoubtfulHits(events, detector: detector)
      )
    }
    while let ((made, hits), done) = try results.next() {
      doubtful += hits
      try fits.append(made, to: writer)
      for (result, _) in made.first ?? [] { flow.count(result) }
      progress.update(done.upperBound - rows.lowerBound)
    }
    let seeds = source.tuned?.origin.simulationSeeds ?? []
    var step = record.step(
      settings(source),
      learned: seeds.isEmpty ? [:] : [Self.tuned: seeds.map { .parametric(seed: $0) }])
    step.reconstructions = conditions(source, step.inputs)
    try writer.finish(adding: step)
    log.warnOfLeftOut(writer.leftOut, from: input, in: output.path)
    doubtful.warn(of: input, log)
    if !context.isQuiet, share.shard == nil {
      let first = fits.all.first?.identity ?? .standard
      let note = source.keepsStandard ? ", \(first.name) reconstruction" : ""
      print(flow.selectionTable(fits.selection, note: note))
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
    /// Places of the energy table and of the tuned front among the inputs.
    let tableInput: Int
    let tunedInput: Int?
    /// Whether the file's standard reconstruction is kept, beside which others are made.
    let keepsStandard: Bool
    let scale: EnergyScale
    let rows: Range<Int>
  }

  private func open(
    _ tables: TableFolder, _ record: inout ProvenanceRecord, _ log: Logger
  ) throws -> Source {
    let settings = try fit.configuration(default: .joint)
    let tuned = try fit.tunedFront(tables, default: .joint)
    let (selection, selectionFile) = try tables.selection(cuts)
    let reader = try EventFileReader(path: input)
    try reader.array.detector.requireSupported(input)
    guard reader.eventCount == 0 || reader.hitCount > 0 else {
      throw InputError(
        description: "\(input): its events have no waveforms. Reconstruct the lists of stations "
          + "that it was made of")
    }
    let energy = try ChosenEnergyTable(energyTable, for: reader.array, in: tables)
    let tableInput = record.readHashed(energy.file)
    let tunedInput = tuned.map { record.readHashed($0.file) }
    record.readHashed(selectionFile)
    let addsOthers = tuned != nil || methods.contains(.published)
    let keepsStandard = addsOthers && !methods.contains(.standard) && reader.hasStandard
    let scale = try chosenScale(reader, keepsStandard: keepsStandard)
    let standard = StandardFit(
      array: reader.array, energyTable: energy.table.on(scale), configuration: settings)
    try reader.checkEvents(log)
    return Source(
      reader: reader,
      fits: EventFits(
        standard, published: try published(reader, tables, scale, &record), tuned: tuned?.front,
        keepsStandard: keepsStandard, selection: selection),
      tuned: tuned?.front, energy: energy,
      tableInput: tableInput, tunedInput: tunedInput,
      keepsStandard: keepsStandard, scale: scale,
      rows: try share.rows(of: reader.eventCount, limit: eventLimit))
  }

  /// The published chain with its own energy table; nil where it was not asked for.
  private func published(
    _ reader: EventFileReader, _ tables: TableFolder, _ scale: EnergyScale,
    _ record: inout ProvenanceRecord
  ) throws -> PublishedReconstruction? {
    guard methods.contains(.published) else { return nil }
    try reader.array.detector.requirePublishedChain(input)
    let file = try tables.file(.energyTable, ParametricMethod.publishedEnergyTable)
    if energyTable != ParametricMethod.publishedEnergyTable { record.readHashed(file) }
    let table = try EnergyTable(parsing: tables.text(of: file), name: file.path)
    return PublishedReconstruction(array: reader.array, energyTable: table.on(scale))
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

  /// Methods of the input that the output is without: they belong to an earlier standard result.
  private func tellLostMethods(_ source: Source, _ log: Logger) {
    let lost =
      source.keepsStandard
      ? []
      : source.reader.reconstructionNames.filter { name in
        source.reader.identity(of: name).kind != .imported
          && !source.fits.all.contains { $0.identity.name == name }
      }
    guard !lost.isEmpty else { return }
    log.warning(
      """
      \(output.path): is without \(lost.joined(separator: ", ")) of \(input), which corrected its \
      earlier standard reconstruction. Run airshower correct again
      """)
  }

  private func makeWriter(_ source: Source, _ workers: Workers) throws -> EventFileWriter {
    let reader = source.reader
    return try EventFileWriter(
      copying: reader, to: output.path, rows: source.rows,
      omitting: source.keepsStandard
        ? Set(source.fits.all.map(\.identity.name))
        : Set(
          reader.reconstructionNames.filter { reader.identity(of: $0).kind != .imported }
            + ["standard"]),
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
    settings["methods"] = source.fits.all.map(\.identity.name).joined(separator: " ")
    if let front = source.tuned { settings["tuned_front"] = front.front.name }
    if !source.keepsStandard { settings.merge(fit.record) { $1 } }
    return settings.merging(share.record(source.rows)) { $1 }
  }

  /// How each reconstruction that the run adds is made.
  private func conditions(
    _ source: Source, _ inputs: [ProvenanceStep.Input]
  ) -> [String: ReconstructionConditions] {
    let standard = ReconstructionConditions(
      energyTable: source.energy.name, energyTableHash: inputs[source.tableInput].sha256,
      fit: fit.record)
    var conditions: [String: ReconstructionConditions] = [:]
    if !source.keepsStandard { conditions[MethodIdentity.standard.name] = standard }
    if let front = source.tuned, let input = source.tunedInput {
      var tuned = standard
      tuned.fit["tuned_front"] = "\(front.front.name) (\(inputs[input].sha256?.prefix(8) ?? ""))"
      conditions[Self.tuned] = tuned
    }
    if methods.contains(.published) {
      let table = ParametricMethod.publishedEnergyTable
      conditions[MethodIdentity.published.name] = ReconstructionConditions(
        energyTable: table,
        energyTableHash: inputs.first { $0.path.hasSuffix("/\(table).csv") }?.sha256, fit: [:])
    }
    return conditions
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
