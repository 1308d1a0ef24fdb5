import Foundation
import Logging
import ShowerModel
import StandardReconstruction

/// Fits events given as lists of stations.
package struct StationFitRun: Sendable {
  /// What the results are printed as.
  package enum Format: String, Sendable, CaseIterable {
    case text, csv, json
  }

  package var input: String
  /// Array of the stations; nil for the positions of the input.
  package var array: String?
  /// Whether stations out of time with the front are dropped first.
  package var cleansTimes = false
  /// Nil for the usual one. A table that is named asks for the joint fit.
  package var energyTable: String?
  package var settings = FitSettings()
  /// Nil for text of one event, and CSV of several.
  package var format: Format?

  package init(_ input: String) { self.input = input }

  package func run(in context: RunContext) throws {
    try context.checkThreads()
    let tables = try context.tableFolder()
    let array = try array.map { try tables.array($0, altitudeSpread: 0).array }
    let lists = try StationLists(
      parsing: tables.text(of: URL(filePath: input)), file: input, array: array)
    let plan = try plan(lists, array, tables)
    if let warning = plan.energy.warning, plan.configuration.mode == .joint {
      context.logger("fit").warning("\(input): \(warning)")
    }
    let fits = try fits(of: lists.events, plan, Workers(context.threads))
    switch format ?? (fits.count == 1 ? .text : .csv) {
    case .text: for fit in fits { print(try StationFitText(fit, file: input).text) }
    case .csv: print(StationFitRows.csv(fits))
    case .json: print(try StationFitRows.json(fits, configuration: plan.configuration))
    }
  }

  /// One event with what was made of it.
  struct Fit: Sendable {
    let list: StationList
    let result: StandardResult
    let stations: [StationSignal]
    let configuration: FitConfiguration
    /// Why its times cannot be those of a shower.
    let timeFault: TimeFault?
  }

  private struct Plan: Sendable {
    let configuration: FitConfiguration
    let energy: ChosenEnergyTable
  }

  private func plan(
    _ lists: StationLists, _ array: DetectorArray?, _ tables: TableFolder
  ) throws -> Plan {
    let usual: FitSettings.Mode = energyTable == nil ? .geometry : .joint
    var configuration = try settings.configuration(default: usual)
    configuration.tunedFront = try settings.tunedFront(tables, default: usual)?.front.front
    configuration.clusterRule = .everyStation
    configuration.smallestSignal = settings.smallestSignal ?? 0
    configuration.cleansTimes = cleansTimes
    let energy = try ChosenEnergyTable(energyTable, for: array ?? lists.events[0].array, in: tables)
    return Plan(configuration: configuration, energy: energy)
  }

  private func fits(
    of lists: [StationList], _ plan: Plan, _ workers: Workers
  ) throws -> [Fit] {
    let size = 16
    let chunks = stride(from: 0, to: lists.count, by: size).map { $0..<min($0 + size, lists.count) }
    var results = Pipeline(chunks, on: workers) {
      Array(lists[$0])
    } makeState: {
    } compute: { _, lists in
      lists.map { Self.fit($0, plan) }
    }
    var fits: [Fit] = []
    while let (made, _) = try results.next() { fits += made }
    return fits
  }

  private static func fit(_ list: StationList, _ plan: Plan) -> Fit {
    let fit = StandardFit(
      array: list.array, energyTable: plan.energy.table, configuration: plan.configuration)
    let (result, stations) = fit.reconstruct(list.signals)
    return Fit(
      list: list, result: result, stations: stations, configuration: fit.configuration,
      timeFault: TimeFault(
        times: list.signals.map(\.time),
        positions: list.signals.map { list.array.stations[$0.station].position }))
  }
}
