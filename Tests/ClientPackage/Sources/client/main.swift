import Foundation
import ShowerModel
import ShowerStore
import StandardReconstruction

// client EVENTS.h5 TABLE.csv: reconstructs the first event of a file.
let arguments = CommandLine.arguments
let file = try EventFileReader(path: arguments[1])
let table = try String(contentsOfFile: arguments[2], encoding: .utf8)
let fit = StandardFit(
  array: file.array, energyTable: try EnergyTable(parsing: table, name: arguments[2]))
let result = fit.reconstruct(try file.events(0..<1)[0]).result
print(
  "zenith \(result.shower.zenith) rad, log10(E/eV) \(result.shower.logEnergy), \(result.status)")
