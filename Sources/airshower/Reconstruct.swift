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
      fitted is a row with its reason in the column status.

        airshower reconstruct events.h5 --output reco.h5
        airshower reconstruct data.h5 --energy-scale fluorescence --output reco.h5

      Energies are on the scale of simulated showers. For data --energy-scale fluorescence divides \
      them by 1.27, which brings them to what the fluorescence detector measures. The group's \
      attribute ENERGY_SCALE tells which it was.
      """)

  @Argument(help: "Event file, from simulate or of data.")
  var input: String

  @Option(
    help: "Lateral distribution: \(LateralDistribution.all.map(\.name).joined(separator: ", ")).")
  var lateralDistribution = LateralDistribution.inr.name

  @Option(help: "Shower front: \(ShowerFront.all.map(\.name).joined(separator: ", ")).")
  var front = ShowerFront.linsley.name

  @Option(help: "Energy table: a name in tables/energy, or a file.")
  var energyTable = "telescope-array-formula"

  @Option(help: "Scale of the energies: simulation, or fluorescence (for data only).")
  var energyScale = EnergyScale.simulation.rawValue

  @Option(help: "Reconstruct the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("reconstruct")
    var record = ProvenanceRecord("reconstruct")
    let (settings, table) = try fitSettings(&record)
    let reader = try EventFileReader(path: input)
    let scale = try chosenScale(reader)
    let writer = try EventFileWriter(
      copying: reader, to: output.output, eventLimit: maxEvents,
      omitting: Set(reader.reconstructionNames + ["standard"]), energyScale: scale,
      overwrite: output.overwrite)
    record.read(input)

    let fit = StandardFit(
      array: reader.array, energyTable: table.on(scale), configuration: settings)
    var progress = Progress("reconstructed", total: writer.eventCount, isQuiet: running.quiet)
    var statuses: [ReconstructionStatus: Int] = [:]
    let threads = running.threads
    try pipeline(reader.chunks(of: 1024, limit: maxEvents)) { rows in
      try reader.events(rows)
    } compute: { events in
      parallelMap(events, threads: threads, makeState: { StandardFit.Workspace() }) {
        workspace, event in fit.reconstruct(event, workspace: workspace)
      }
    } write: { results, rows in
      try writer.append(standard: results.map(\.result), stations: results.map(\.stations))
      for result in results { statuses[result.result.status, default: 0] += 1 }
      progress.update(rows.upperBound)
    }
    try writer.finish(
      adding: record.step([
        "lateral_distribution": lateralDistribution, "front": front, "energy_table": energyTable,
        "energy_scale": scale.rawValue,
      ]))
    log.info("\(output.output): \(summary(statuses)), \(duration(progress.elapsed))")
  }

  /// The scale asked for, refused where it does not go with the events.
  private func chosenScale(_ reader: EventFileReader) throws -> EnergyScale {
    guard let scale = EnergyScale(rawValue: energyScale) else {
      let known = EnergyScale.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--energy-scale: \(energyScale) is not one of \(known)")
    }
    guard scale == .simulation || !reader.hasTruth else {
      throw ValidationError(
        "--energy-scale \(energyScale) is for data: \(input) holds simulated events, whose true energies are on the scale of the simulation"
      )
    }
    return scale
  }

  private func fitSettings(
    _ record: inout ProvenanceRecord
  ) throws -> (FitConfiguration, EnergyTable) {
    var settings = FitConfiguration()
    guard let shape = LateralDistribution.all.first(where: { $0.name == lateralDistribution })
    else {
      throw ValidationError("--lateral-distribution: there is no \(lateralDistribution)")
    }
    guard let curved = ShowerFront.all.first(where: { $0.name == front }) else {
      throw ValidationError("--front: there is no \(front)")
    }
    settings.lateralDistribution = shape
    settings.front = curved
    let tables = try TableFolder(option: running.tables)
    let file = try tables.file("energy", energyTable, suffix: ".csv")
    record.readHashed(file)
    return (settings, try EnergyTable(parsing: tables.text(of: file), name: file.path))
  }

  /// Numbers of good and failed events, by reason.
  private func summary(_ statuses: [ReconstructionStatus: Int]) -> String {
    let total = statuses.values.reduce(0, +)
    let failed = ReconstructionStatus.allCases.filter { $0 != .good }.compactMap { status in
      statuses[status].map { "\($0) \(status.explanation)" }
    }
    return "\(statuses[.good] ?? 0) of \(total) events reconstructed"
      + (failed.isEmpty ? "" : " (failed: \(failed.joined(separator: "; ")))")
  }
}
