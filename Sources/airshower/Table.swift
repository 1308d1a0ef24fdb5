import ArgumentParser
import Foundation
import Logging
import ShowerCalibration
import ShowerModel
import ShowerStore

struct Table: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make an energy table from reconstructed simulated showers.",
    discussion: """
      Energy as a function of S800 and zenith angle, for airshower reconstruct --energy-table.

        airshower table reco.h5 --output table.csv
        airshower reconstruct data.h5 --energy-table table.csv --output reco.h5

      Method: the mean of log10 S800 (fitted) is regressed on log10 E (true) and sec theta (fitted), one \
      smooth law for all zenith angles, by least squares. At each node the law is inverted. So the table \
      does not depend on the thrown spectrum, and E[ln E_rec - ln E] vanishes at every true energy; errors \
      come from the covariance of the fit.

      Near the threshold of trigger and cuts only showers with an upward fluctuation are left. Energies below \
      the one where half of the efficiency at high energies is reached are therefore not used (--energies \
      overrides it), and nodes below it, above the largest simulated energy, or in bins of sec theta with fewer \
      than \(EnergyGrid.leastShowers) showers are nan: reconstruct gives no energy there, and the event the \
      status outsideEnergyTable.
      """)

  @Argument(help: "Reconstructed event files with truth.")
  var inputs: [String]

  @Option(help: "Primary to use.")
  var primary = Primary.proton.symbol

  @Option(
    help: """
      Quality cuts, without their limits on zenith angle and energy: a name in tables/selections, \
      or a file.
      """)
  var cuts = "standard"

  @Option(
    help: "True energies to use [EeV], as in 3:398 (default: from half efficiency to the last).")
  var energies: String?

  @Option(help: "Events to read from each file at most.")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("table")
    var record = ProvenanceRecord("table")
    let primary = try chosenPrimary()
    let (qualityCuts, cutsFile) = try tableCuts()
    let asked = try energies.map { try energyRange($0, option: "--energies") }
    try checkOutput(output.output, overwrite: output.overwrite)

    let samples = try inputs.map { try CalibrationSample(opening: $0) }
    try CalibrationSample.checkTogether(samples)
    let total = samples.reduce(0) { $0 + min($1.reader.eventCount, maxEvents ?? .max) }
    var progress = Progress("read", total: total, isQuiet: running.quiet)
    var showers: [CalibrationShower] = []
    var efficiency: SelectionEfficiency? = SelectionEfficiency()
    var (read, ofPrimary) = (0, 0)
    for sample in samples {
      record.readHashed(URL(filePath: sample.reader.path))
      var lastShower = -1
      for rows in sample.reader.chunks(of: 8192, limit: maxEvents) {
        try Interruption.check()
        lastShower = try sample.reader.showerIDs(rows).last ?? lastShower
        let truths = try sample.reader.truths(rows)
        for (truth, standard) in zip(truths, try sample.reader.standardResults(rows)) {
          guard truth.primary == primary else { continue }
          ofPrimary += 1
          guard
            let shower = CalibrationShower(truth: truth, standard: standard, cuts: qualityCuts),
            EnergyGrid.bin(ofSecant: shower.secant) != nil
          else { continue }
          showers.append(shower)
          efficiency?.addSelected(logEnergy: shower.logEnergy)
        }
        read += rows.count
        progress.update(read)
      }
      if let thrown = sample.thrown(primary, attempts: lastShower + 1) {
        efficiency?.addThrown(
          thrown.count, energies: thrown.energies, spectralIndex: thrown.spectralIndex)
      } else {
        efficiency = nil
      }
    }
    guard ofPrimary > 0 else {
      throw InputError(
        description:
          "\(inputs.joined(separator: ", ")): no shower of the primary \(primary.symbol). Choose another with --primary"
      )
    }
    record.readHashed(cutsFile)
    let range = try asked ?? wholeRange(showers, efficiency)
    let law = try SignalRegression(showers, energies: range)
    let grid = try EnergyGrid(law, showers)
    let check = try law.chi2AgainstBins(showers, bins: EnergyGrid.bin(ofSecant:))
    let text =
      EnergyTableHeader(
        step: record.step(["primary": primary.symbol, "cuts": cuts]), samples: samples,
        primary: primary, cuts: qualityCuts, eventCount: read, law: law, grid: grid, check: check
      ).text + grid.text
    try Interruption.check()
    try writeText(text, to: output.output)
    log.info(
      "\(output.output): \(law.count) showers of \(read) events, \(grid.filledCount) of \(EnergyGrid.nodeCount) nodes, \(duration(progress.elapsed))"
    )
  }

  private func chosenPrimary() throws -> Primary {
    guard let known = Primary(symbol: primary) else {
      let names = Primary.allCases.map(\.symbol).joined(separator: ", ")
      throw ValidationError("--primary: \(primary) is not one of \(names)")
    }
    return known
  }

  /// The table reaches as far as the showers do, and must not see energies of an earlier table.
  private func tableCuts() throws -> (cuts: QualityCuts, file: URL) {
    var (chosen, file) = try TableFolder(option: running.tables).selection(cuts)
    chosen.maximumZenith = nil
    chosen.minimumEnergy = nil
    return (chosen, file)
  }

  /// From the energy with half of the efficiency at high energies to the largest one.
  private func wholeRange(
    _ showers: [CalibrationShower], _ efficiency: SelectionEfficiency?
  ) throws -> ClosedRange<Double> {
    guard let efficiency else {
      throw InputError(
        description:
          "\(inputs.joined(separator: ", ")): the history does not tell which showers were thrown, so the threshold cannot be found. Give --energies MIN:MAX"
      )
    }
    guard let lowest = efficiency.lowestEnergy(fraction: 0.5),
      let highest = showers.map(\.logEnergy).max(), highest > lowest
    else {
      throw CalibrationError.tooFewShowers(
        found: showers.count, needed: "none above the threshold")
    }
    return lowest...highest
  }
}

/// A range of energies on the command line, 1:300 in EeV, as log10(E/EeV).
func energyRange(
  _ text: String, option: String, mayBeFixed: Bool = false
) throws -> ClosedRange<Double> {
  let limits = text.split(separator: ":").compactMap { Double($0) }
  guard limits.count == 2, limits[0] > 0, limits[1].isFinite,
    limits[1] > limits[0] || mayBeFixed && limits[1] == limits[0]
  else {
    throw ValidationError("\(option) needs two energies in EeV, as in 1:300")
  }
  return log10(limits[0])...log10(limits[1])
}
