import ArgumentParser
import Foundation
import ShowerSimulation

/// The simulation against published and CORSIKA values, as a Markdown table. For `make validate`.
struct ValidateSimulation: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the simulation with published and CORSIKA values.", shouldDisplay: false)

  @Option(help: "Seed.")
  var seed: UInt64 = 1

  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    let tables = try TableFolder(option: running.tables)
    let (field, _) = try tables.electromagneticField()
    let rows = try SimulationValidation(electromagneticField: field, seed: seed).rows()
    print("Seed \(seed). A row without an accepted range is for information.\n")
    print("| quantity | target | accepted | ours | verdict |\n|---|---|---|---|---|")
    for row in rows {
      let accepted = row.accepted.map { "\(text($0.lowerBound)) to \(text($0.upperBound))" } ?? ""
      print(
        "| \(row.quantity) | \(row.target) | \(accepted) | \(text(row.value)) | \(row.verdict) |")
    }
    let judged = rows.filter { $0.accepted != nil }
    let good = judged.count { $0.verdict == "ok" }
    print("\n\(good) of \(judged.count) rows with an accepted range are within it.")
  }

  private func text(_ value: Double) -> String { String(format: "%.4g", value) }
}
