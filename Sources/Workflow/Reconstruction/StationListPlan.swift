import Foundation
import ShowerModel
import StandardReconstruction

/// How lists of stations are fitted: every station takes part.
struct StationListPlan: Sendable {
  var configuration: FitConfiguration
  let energy: ChosenEnergyTable

  /// - Parameters:
  ///   - array: of the lists.
  ///   - settings: of the user.
  ///   - energyTable: nil for the usual one.
  ///   - mode: where the user names none; nil for the joint fit where the energy table was made for
  ///     such an array, else the geometry.
  ///   - tables: where to look.
  /// - Throws: `WrongUse`, `InputError`, `TableError`.
  init(
    for array: DetectorArray, _ settings: FitSettings, energyTable: String?,
    default mode: FitSettings.Mode?, _ tables: TableFolder
  ) throws {
    energy = try ChosenEnergyTable(energyTable, for: array, in: tables)
    let usual = mode ?? (energy.table.isNone ? .geometry : .joint)
    var configuration = try settings.configuration(default: usual)
    configuration.tunedFront = try settings.tunedFront(tables, default: usual)?.front.front
    configuration.clusterRule = .everyStation
    configuration.smallestSignal = settings.smallestSignal ?? 0
    configuration.cleansTimes = false
    self.configuration = configuration
  }
}
