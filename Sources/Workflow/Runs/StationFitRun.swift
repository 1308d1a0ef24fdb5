import Foundation
import Logging
import ShowerFormats
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
    try context.checkLimits("fit")
    let tables = try context.tableFolder()
    let array = try array.map { try tables.array($0, altitudeSpread: 0).array }
    let lists = try StationListFile.read(input, array: array)
    var plan = try StationListPlan(
      for: array ?? lists.events[0].array, settings, energyTable: energyTable,
      default: energyTable == nil ? .geometry : .joint, tables)
    plan.configuration.cleansTimes = cleansTimes
    if let warning = plan.energy.warning, plan.configuration.mode == .joint {
      context.logger("fit").warning("\(input): \(warning)")
    }
    let format = format ?? (lists.events.count == 1 ? .text : .csv)
    let rows = try fits(of: lists.events, plan, Workers(context.threads)) { [input] fit in
      switch format {
      case .text: try StationFitText(fit, file: input).text
      case .csv: StationFitRows.csv(fit)
      case .json: StationFitRows.json(fit)
      }
    }
    switch format {
    case .text: rows.forEach { print($0) }
    case .csv: print(([StationFitRows.header] + rows).joined(separator: "\n"))
    case .json:
      let detector = (array ?? lists.events[0].array).detector
      print(StationFitRows.json(rows, configuration: plan.configuration, detector))
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

  /// What is made of the fit of every list, in their order.
  private func fits<Made: Sendable>(
    of lists: [StationList], _ plan: StationListPlan, _ workers: Workers,
    _ make: @escaping @Sendable (Fit) throws -> Made
  ) throws -> [Made] {
    let size = 16
    let chunks = stride(from: 0, to: lists.count, by: size).map { $0..<min($0 + size, lists.count) }
    var results = Pipeline(chunks, on: workers) {
      lists[$0]
    } makeState: {
      StandardFit.Workspace()
    } compute: { workspace, lists in
      try lists.map { try make(Self.fit($0, plan, workspace)) }
    }
    var rows: [Made] = []
    while let (made, _) = try results.next() { rows += made }
    return rows
  }

  private static func fit(
    _ list: StationList, _ plan: StationListPlan, _ workspace: StandardFit.Workspace
  ) -> Fit {
    let fit = StandardFit(
      array: list.array, energyTable: plan.energy.table, configuration: plan.configuration)
    let (result, stations) = fit.reconstruct(list.signals, workspace: workspace)
    return Fit(
      list: list, result: result, stations: stations, configuration: fit.configuration,
      timeFault: TimeFault(
        times: list.signals.map(\.time),
        positions: list.signals.map { list.array.stations[$0.station].position }))
  }
}
