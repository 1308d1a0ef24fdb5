import ArgumentParser
import Foundation
import Logging
import ShowerModel
import ShowerStore
import StandardReconstruction

struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The standard reconstruction of every event.",
    discussion: """
      Waveforms to signals and times, station selection, the joint fit of lateral distribution and \
      shower front (core, theta, phi, S800, t0, a), energy from a table. An event that cannot be \
      fitted is a row with its reason in the column status. Quality cuts remove nothing from the file: \
      their verdict is the column cut, and the events that each one costs are printed at the end.

        airshower reconstruct events.h5 --output reco.h5
        airshower reconstruct events.h5 --cuts spectrum --output reco.h5
        airshower reconstruct data.h5 --energy-scale fluorescence --output reco.h5

      Energies are on the scale of simulated showers. For data --energy-scale fluorescence divides \
      them by 1.27, which brings them to what the fluorescence detector measures. The group's \
      attribute ENERGY_SCALE tells which it was.

      --front tuned fits delays and timing errors as simulated events have them, for a second reconstruction \
      beside the standard one. It is added where the file has a standard one already, else both are made:

        airshower reconstruct events.h5 --front tuned --output both.h5
        airshower compare both.h5 --method tuned --output report
      """)

  @Argument(help: "Event file, from simulate or of data.")
  var input: String

  @Option(help: "Energy table: a name in tables/energy, or a file.")
  var energyTable = TableFolder.defaultEnergyTable

  @Option(help: "Quality cuts to judge the events by: a name in tables/selections, or a file.")
  var cuts = "standard"

  @Option(
    help: """
      Scale of the energies: simulation, or fluorescence (for data only). Default: that of the standard \
      reconstruction where it is kept, else simulation.
      """)
  var energyScale: String?

  @Option(help: "Reconstruct the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Fit") var fitting: FitOptions
  @OptionGroup(title: "Sharing the work") var sharding: ShardOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("reconstruct")
    var record = ProvenanceRecord("reconstruct")
    let tables = try TableFolder(option: running.tables)
    let (settings, table) = try fitSettings(tables, &record)
    let tuned = try fitting.tunedFront(tables, default: .joint)
    if let tuned { record.readHashed(tuned.file) }
    let (selection, selectionFile) = try tables.selection(cuts)
    record.readHashed(selectionFile)
    let reader = try EventFileReader(path: input)
    let keepsStandard = tuned != nil && reader.hasStandard
    let scale = try chosenScale(reader, keepsStandard: keepsStandard)
    let share = try sharding.rows(of: reader, limit: maxEvents)
    let workers = Workers(running.threads)
    let writer = try EventFileWriter(
      copying: reader, to: output.output, rows: share,
      omitting: keepsStandard ? [Self.tuned] : Set(reader.reconstructionNames + ["standard"]),
      energyScale: scale, resultsOnly: sharding.resultsOnly, purpose: sharding.purpose,
      overwrite: output.overwrite, compressing: workers.submit)
    record.read(input)

    let standard = StandardFit(
      array: reader.array, energyTable: table.on(scale), configuration: settings)
    let methods =
      (keepsStandard ? [] : [Method(identity: .standard, fit: standard)])
      + (tuned.map { [Method(standard, tuned: $0.front)] } ?? [])
    var progress = Progress("reconstructed", total: writer.eventCount, isQuiet: running.quiet)
    var flow = EventFlow(cuts: selection)
    var results = Pipeline(reader.chunks(of: 32, in: share), on: workers) { rows in
      try reader.storedEvents(rows, truth: false)
    } makeState: {
      methods.map { $0.fit.makeWorkspace() }
    } compute: { workspaces, stored in
      let selected = try stored.decoded().map(standard.select)
      return zip(methods, workspaces).map { method, workspace in
        selected.map { event in
          var made = method.fit.reconstruct(event, workspace: workspace)
          made.result.verdict = selection.verdict(made.result)
          return made
        }
      }
    }
    while let (made, rows) = try results.next() {
      for (method, made) in zip(methods, made) {
        try writer.append(
          standard: made.map(\.result), stations: made.map(\.stations), as: method.identity,
          selection: selection.json, front: method.front)
      }
      for (result, _) in made[0] where !flow.countIfLost(result, result.verdict) {
        flow.countKept()
      }
      progress.update(rows.upperBound - share.lowerBound)
    }
    try writer.finish(
      adding: record.step(
        [
          "energy_table": energyTable, "energy_scale": scale.rawValue,
          "selection": selection.json,
        ]
        .merging(tuned.map { tunedRecord($0.front) } ?? [:]) { $1 }
        .merging(keepsStandard ? [:] : fitting.record) { $1 }
        .merging(sharding.record(share)) { $1 },
        learned: tuned.map {
          [Self.tuned: $0.front.origin.simulationSeeds.map { .parametric(seed: $0) }]
        } ?? [:]))
    log.warnOfLeftOut(writer.leftOut, from: input, in: output.output)
    if !running.quiet, sharding.shard == nil {
      let fit = keepsStandard ? ", tuned fit" : ""
      print("Selection \(EscapedText.terminal(selection.name))\(fit)\n\(flow.cutTable)")
    }
    log.info("\(output.output): \(summary(flow)), \(duration(progress.elapsed))")
  }

  /// Name of the reconstruction with a tuned front.
  static let tuned = "tuned"

  private func tunedRecord(_ front: TunedFrontFile) -> [String: String] {
    ["tuned_front": front.front.name]
  }

  /// One fit of every event, with its name in the file.
  fileprivate struct Method: Sendable {
    let identity: MethodIdentity
    let fit: StandardFit
    /// What its front is; nil for a published one.
    var front: String?
  }

  /// The scale asked for, refused where it does not go with the events.
  private func chosenScale(
    _ reader: EventFileReader, keepsStandard: Bool
  ) throws -> EnergyScale {
    guard let energyScale else { return keepsStandard ? reader.energyScale : .simulation }
    guard let scale = EnergyScale(rawValue: energyScale) else {
      let known = EnergyScale.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--energy-scale: \(energyScale) is not one of \(known)")
    }
    guard !keepsStandard || scale == reader.energyScale else {
      throw ValidationError(
        "--energy-scale \(energyScale): the standard reconstruction of \(input), which is kept, has the scale \(reader.energyScale.rawValue)"
      )
    }
    guard scale == .simulation || !reader.hasTruth else {
      throw ValidationError(
        "--energy-scale \(energyScale) is for data: \(input) holds simulated events, whose true energies are on the scale of the simulation"
      )
    }
    return scale
  }

  private func fitSettings(
    _ tables: TableFolder, _ record: inout ProvenanceRecord
  ) throws -> (FitConfiguration, EnergyTable) {
    let settings = try fitting.configuration(default: .joint)
    let file = try tables.file("energy", energyTable, suffix: ".csv")
    record.readHashed(file)
    return (settings, try EnergyTable(parsing: tables.text(of: file), name: file.path))
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

extension Reconstruct.Method {
  /// The standard fit with a tuned front in the place of its own.
  fileprivate init(_ standard: StandardFit, tuned file: TunedFrontFile) {
    var settings = standard.configuration
    settings.tunedFront = file.front
    self.init(
      identity: .tuned,
      fit: StandardFit(
        array: standard.array, energyTable: standard.energyTable, configuration: settings),
      front: "\(file.front.name), fitted on \(file.origin.date) to \(file.origin.events) events")
  }
}
