import Foundation
import Logging
import ShowerFormats
import ShowerModel
import ShowerStore
import StandardReconstruction

/// Lists of stations in the place of an event file.
extension ReconstructionRun {
  /// Fits every list; the output is an event file without waveforms.
  ///
  /// The fit is that of `airshower fit`: all stations take part. It is joint where an energy table
  /// was made for such an array, else that of the geometry.
  func reconstructLists(in context: RunContext) throws {
    try checkOptionsOfLists()
    try output.check()
    let log = context.logger("reconstruct")
    var record = ProvenanceRecord("reconstruct")
    let tables = try context.tableFolder()
    let scale = try scaleOfLists()
    let given = try array.map { try tables.array($0, altitudeSpread: 0) }
    let lists = try StationListFile.read(input, array: given?.array)
    let name = URL(filePath: input).deletingPathExtension().lastPathComponent
    let joined = try JoinedStationLists(lists, of: given?.array, name: name, file: input)
    let plan = try StationListPlan(
      for: joined.array, fit, energyTable: energyTable, default: nil, tables)
    let isJoint = plan.configuration.mode == .joint
    if let warning = plan.energy.warning, isJoint { log.warning("\(input): \(warning)") }
    let (selection, selectionFile) = try tables.selection(cuts)
    record.read(input)
    if let file = given?.file { record.readHashed(file) }
    let tableInput = record.readHashed(plan.energy.file)
    record.readHashed(selectionFile)
    let events = joined.events.prefix(max(eventLimit ?? .max, 0))
    let fit = StandardFit(
      array: joined.array, energyTable: plan.energy.table.on(scale),
      configuration: plan.configuration)
    let workers = Workers(context.threads)
    let writer = try EventFileWriter(
      path: output.path, array: joined.array, sampleCount: 1, simulated: false,
      overwrite: output.overwrites, compressing: workers.submit)
    var flow = EventFlow(cuts: selection)
    var fitted = 0
    let chunks = stride(from: 0, to: events.count, by: 32).map { $0..<min($0 + 32, events.count) }
    var results = Pipeline(chunks, on: workers) {
      Array(events[$0])
    } makeState: {
      StandardFit.Workspace()
    } compute: { workspace, events in
      events.map { event in
        var made = fit.reconstruct(
          event.signals, deadStations: event.deadStations, workspace: workspace)
        made.result.verdict = selection.verdict(made.result)
        return made
      }
    }
    while let (made, rows) = try results.next() {
      try writer.append(
        events[rows].map {
          Event(
            id: $0.id, showerID: $0.id, time: $0.timeOrigin, hits: [],
            deadStations: $0.deadStations)
        })
      try writer.append(
        standard: made.map(\.result), stations: made.map(\.stations), selection: selection.json)
      for (result, _) in made { flow.count(result) }
      fitted += made.count { $0.result.reconstruction.hasGeometry }
    }
    var settings = self.fit
    settings.mode = isJoint ? .joint : .geometry
    var step = record.step(
      [
        "energy_table": plan.energy.name, "energy_scale": scale.rawValue,
        "selection": selection.json, "methods": MethodIdentity.standard.name, "lists": "true",
      ].merging(settings.record) { $1 })
    step.reconstructions = [
      MethodIdentity.standard.name: ReconstructionConditions(
        energyTable: plan.energy.name, energyTableHash: step.inputs[tableInput].sha256,
        fit: settings.record)
    ]
    try writer.finish(adding: step)
    if !context.isQuiet { print(flow.selectionTable(selection, note: "")) }
    log.info(
      """
      \(output.path): \(isJoint ? "joint fit" : "geometry") of lists of stations, \(fitted) of \
      \(events.count) with a result
      """)
  }

  private func scaleOfLists() throws(WrongUse) -> EnergyScale {
    guard let energyScale else { return .simulation }
    guard let scale = EnergyScale(rawValue: energyScale) else {
      let known = EnergyScale.allCases.map(\.rawValue).joined(separator: ", ")
      throw WrongUse("--energy-scale: \(energyScale) is not one of \(known)")
    }
    return scale
  }

  /// - Throws: `WrongUse` for what needs waveforms, or parts.
  private func checkOptionsOfLists() throws(WrongUse) {
    guard share.shard == nil, !methods.contains(.published) else {
      throw WrongUse(
        "\(input): lists of stations have no waveforms. Leave out --method published, --shard and "
          + "mpirun")
    }
  }
}
