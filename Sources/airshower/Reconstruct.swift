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
      """)

  @Argument(help: "Event file, from simulate or of data.")
  var input: String

  @Option(help: "Energy table: a name in tables/energy, or a file.")
  var energyTable = TableFolder.defaultEnergyTable

  @Option(help: "Quality cuts to judge the events by: a name in tables/selections, or a file.")
  var cuts = "standard"

  @Option(help: "Reconstruct the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Fit") var fitting: FitOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("reconstruct")
    var record = ProvenanceRecord("reconstruct")
    let tables = try TableFolder(option: running.tables)
    let (settings, table) = try fitSettings(tables, &record)
    let (selection, selectionFile) = try tables.selection(cuts)
    record.readHashed(selectionFile)
    let reader = try EventFileReader(path: input)
    let writer = try EventFileWriter(
      copying: reader, to: output.output, eventLimit: maxEvents,
      omitting: Set(reader.reconstructionNames + ["standard"]), overwrite: output.overwrite)
    record.read(input)

    let fit = StandardFit(array: reader.array, energyTable: table, configuration: settings)
    var progress = Progress("reconstructed", total: writer.eventCount, isQuiet: running.quiet)
    var flow = EventFlow(cuts: selection)
    let threads = running.threads
    try pipeline(reader.chunks(of: 1024, limit: maxEvents)) { rows in
      try reader.events(rows)
    } compute: { events in
      parallelMap(events, threads: threads, makeState: { fit.makeWorkspace() }) {
        workspace, event in
        var made = fit.reconstruct(event, workspace: workspace)
        made.result.verdict = selection.verdict(made.result)
        return made
      }
    } write: { results, rows in
      try writer.append(
        standard: results.map(\.result), stations: results.map(\.stations),
        selection: selection.json)
      for (result, _) in results where !flow.countIfLost(result, result.verdict) {
        flow.countKept()
      }
      progress.update(rows.upperBound)
    }
    try writer.finish(
      adding: record.step(
        ["energy_table": energyTable, "selection": selection.json]
          .merging(fitting.record) { $1 }))
    if !running.quiet { print("Selection \(selection.name)\n\(flow.cutTable)") }
    log.info("\(output.output): \(summary(flow)), \(duration(progress.elapsed))")
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
