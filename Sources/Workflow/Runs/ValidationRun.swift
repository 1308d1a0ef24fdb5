import Foundation
import ShowerModel
import ShowerSimulation
import SimulationValidation

/// The simulation against published and CORSIKA values, as Markdown.
package struct ValidationRun: Sendable {
  /// Folder with showers.csv and lateral.csv.
  package var corsika: String?
  /// File for all values of the CORSIKA comparison, as CSV.
  package var values: String?
  package var seed: UInt64 = 1

  package init() {}

  /// Refuses wrong use before any work.
  package func check() throws(WrongUse) {
    guard values == nil || corsika != nil else {
      throw WrongUse("--values needs --corsika FOLDER")
    }
  }

  package func run(in context: RunContext) throws {
    let tables = try context.tableFolder()
    let (constants, _) = try tables.showerConstants()
    let (response, _) = try tables.response(of: .idealGrid(columns: 3, rows: 3))
    let comparison = try corsika.map {
      CorsikaComparison(try Self.showers($0), constants: constants, response: response, seed: seed)
    }
    if let values, let comparison {
      try writeText(Self.csv(comparison), to: values)
    }
    try printTargets(constants, response)
    if let comparison { Self.printComparison(comparison) }
  }

  private func printTargets(_ constants: ShowerConstants, _ response: ResponseTable) throws {
    let rows = try SimulationValidation(constants: constants, response: response, seed: seed).rows()
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

  private static func showers(_ folder: String) throws -> [CorsikaShower] {
    func read(_ name: String) throws -> (text: String, file: String) {
      let file = URL(filePath: folder).appending(path: name)
      guard let text = try? String(contentsOf: file, encoding: .utf8) else {
        throw InputError(description: "\(file.path): cannot be read")
      }
      return (text, file.path)
    }
    func readIfThere(_ name: String) throws -> (text: String, file: String)? {
      let file = URL(filePath: folder).appending(path: name).path
      return FileManager.default.fileExists(atPath: file) ? try read(name) : nil
    }
    return try CorsikaShower.read(
      showers: read("showers.csv"), lateral: read("lateral.csv"),
      azimuth: readIfThere("azimuth.csv"), components: readIfThere("components.csv"))
  }

  /// Bands of distance from the axis [m].
  private static let bands = [200.0..<500, 500..<1000, 1000..<2000]

  private static func printComparison(_ comparison: CorsikaComparison) {
    print("\n## Beside \(comparison.showers.count) CORSIKA showers\n")
    print("Mean and root mean square of ln(model/CORSIKA) over showers and rings, weighted by")
    print("the statistical errors of the thinned showers and 3 %; accepted is the mean.\n")
    print("| quantity | r [m] | mean | rms | accepted | verdict |\n|---|---|---|---|---|---|")
    for quantity in CorsikaComparison.Quantity.allCases {
      for band in bands {
        let (mean, rms) = CorsikaComparison.summary(
          comparison.entries.filter { $0.quantity == quantity && band.contains($0.distance) })
        let verdict = abs(mean) <= quantity.tolerance ? "ok" : "off"
        print(
          String(
            format: "| %@ | %.0f-%.0f | %+.3f | %.3f | +-%.2f | %@ |", quantity.rawValue,
            band.lowerBound, band.upperBound, mean, rms, quantity.tolerance, verdict))
      }
    }
    printPrimaries(comparison)
    if !comparison.sides.isEmpty { printSides(comparison) }
    print("\nPer shower: R_mu fitted to its muons, over the mean of its mass and model;")
    print("mean +- rms of ln(model/CORSIKA) over its rings.\n")
    let quantities = CorsikaComparison.Quantity.allCases
    print("| shower | E [EeV] | zenith | Xmax | R_mu |", terminator: "")
    print(quantities.map { " \($0.rawValue) |" }.joined())
    print(String(repeating: "|---", count: 5 + quantities.count) + "|")
    for shower in comparison.showers {
      let own = comparison.entries.filter { $0.shower == shower.name }
      let cells = quantities.map { quantity in residual(own.filter { $0.quantity == quantity }) }
      let mean = CorsikaComparison.meanMuonScale(of: shower.primary)
      print(
        String(
          format: "| %@ %@ | %.2f | %.1f | %.0f | %.2f (%.2f) |",
          EscapedText.terminal(shower.name),
          shower.primary.symbol, shower.energy, shower.zenith * 180 / .pi, shower.xmax,
          shower.muonScale, shower.muonScale / mean) + cells.joined())
    }
  }

  /// The residuals once more, primary by primary.
  private static func printPrimaries(_ comparison: CorsikaComparison) {
    let primaries = Primary.allCases.filter { primary in
      comparison.showers.contains { $0.primary == primary }
    }
    print("\nBy primary: mean +- rms about it of ln(model/CORSIKA) over showers and rings.\n")
    let heads = primaries.map { primary in
      " \(primary.symbol) (\(comparison.showers.count { $0.primary == primary })) |"
    }
    print("| quantity | r [m] |" + heads.joined())
    print(String(repeating: "|---", count: 2 + primaries.count) + "|")
    for quantity in CorsikaComparison.Quantity.allCases {
      for band in bands {
        let cells = primaries.map { primary in
          residual(
            comparison.entries.filter {
              $0.quantity == quantity && $0.primary == primary && band.contains($0.distance)
            })
        }
        print(
          String(
            format: "| %@ | %.0f-%.0f |", quantity.rawValue, band.lowerBound, band.upperBound)
            + cells.joined())
      }
    }
  }

  private static func residual(_ entries: [CorsikaComparison.Entry]) -> String {
    let (mean, rms) = CorsikaComparison.summary(entries)
    // A shower without particle files has no signals.
    guard mean.isFinite else { return " – |" }
    return String(format: " %+.2f +- %.2f |", mean, max(rms * rms - mean * mean, 0).squareRoot())
  }

  private static func printSides(_ comparison: CorsikaComparison) {
    let names = Set(comparison.sides.map(\.shower)).sorted().map(EscapedText.terminal).joined(
      separator: ", ")
    print(
      "\nEarly against late side: weighted mean of model - CORSIKA, with its error. Showers:\n"
        + "\(names).\n")
    print("| quantity | r [m] | CORSIKA | model | difference |\n|---|---|---|---|---|")
    for quantity in CorsikaComparison.SideQuantity.allCases {
      for band in bands.map({ max($0.lowerBound, 300)..<$0.upperBound }) {
        let own = comparison.sides.filter {
          $0.quantity == quantity && band.contains($0.distance)
        }
        guard !own.isEmpty else { continue }
        let (mean, error) = CorsikaComparison.summary(own)
        let model = own.reduce(0) { $0 + $1.model } / Double(own.count)
        print(
          String(
            format: "| %@ | %.0f-%.0f | %.3f | %.3f | %+.3f +- %.3f |", quantity.rawValue,
            band.lowerBound, band.upperBound, model - mean, model, mean, error))
      }
    }
  }

  private static func csv(_ comparison: CorsikaComparison) -> String {
    "shower,primary,r_m,quantity,corsika,error,model\n"
      + comparison.entries.map {
        String(
          format: "%@,%@,%.1f,%@,%.5g,%.4f,%.5g\n", EscapedText.csv($0.shower),
          $0.primary.symbol, $0.distance,
          $0.quantity.rawValue, $0.corsika, $0.relativeError, $0.model)
      }.joined()
      + comparison.sides.map {
        String(
          format: "%@,%@,%.1f,%@,%.5g,%.4f,%.5g\n", EscapedText.csv($0.shower),
          $0.primary.symbol, $0.distance,
          $0.quantity.rawValue, $0.corsika, $0.error, $0.model)
      }.joined()
  }

  private func text(_ value: Double) -> String { String(format: "%.4g", value) }
}
