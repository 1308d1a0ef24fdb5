import ArgumentParser
import Foundation
import ShowerModel
import ShowerStore
@_spi(Validation) import StandardReconstruction

/// Events of a file and the fit for them.
struct EventOptions: ParsableArguments {
  @Argument(help: "Event file.")
  var input: String

  @Option(help: "Energy table, a file.")
  var energyTable = "tables/energy/telescope-array-simulated.csv"

  @Option(help: "Events to use.")
  var events = 2000

  func open() throws -> (fit: StandardFit, prepared: [PreparedEvent], ids: [Int]) {
    let reader = try EventFileReader(path: input)
    let table = try EnergyTable(
      parsing: String(contentsOfFile: energyTable, encoding: .utf8), name: energyTable)
    let fit = StandardFit(array: reader.array, energyTable: table)
    let rows = 0..<min(events, reader.eventCount)
    var prepared: [PreparedEvent] = []
    var ids: [Int] = []
    for event in try reader.events(rows) {
      guard let ready = fit.prepare(event) else { continue }
      prepared.append(ready)
      ids.append(event.id)
    }
    return (fit, prepared, ids)
  }
}

/// Text of a number with some digits.
func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
