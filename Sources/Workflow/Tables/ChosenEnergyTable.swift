import Foundation
import ShowerModel
import StandardReconstruction

/// The energy table of a reconstruction, and what must be said of it.
struct ChosenEnergyTable: Sendable {
  /// Without any energy where the usual table was made for others.
  let table: EnergyTable
  let file: URL
  /// In the words of the user, or of the program.
  let name: String
  /// A warning; nil where the table was made for such an array.
  let warning: String?

  /// - Parameters:
  ///   - named: by the user; nil for the usual one.
  ///   - array: of the events.
  ///   - tables: where to look.
  /// - Throws: `InputError`, `TableError`.
  init(_ named: String?, for array: DetectorArray, in tables: TableFolder) throws {
    let name = named ?? TableFolder.defaultEnergyTable
    file = try tables.file(.energyTable, name)
    let table = try EnergyTable(parsing: tables.text(of: file), name: file.path)
    let differences = table.purpose?.differences(from: array) ?? []
    let others =
      "\(name) was made for \(table.purpose?.array ?? "") "
      + "(\(differences.joined(separator: ", ")))"
    switch (differences.isEmpty, named) {
    case (true, _):
      (self.table, self.name, warning) = (table, name, nil)
    case (false, nil):
      self.table = .none
      self.name = EnergyTable.none.name
      warning =
        "no energies: the energy table \(others). Make one for \(array.name) with airshower table, "
        + "and name it by --energy-table"
    case (false, _?):
      (self.table, self.name) = (table, name)
      warning = "energies are those of another array: the energy table \(others)"
    }
  }
}
