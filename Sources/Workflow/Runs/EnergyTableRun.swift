import Foundation
import Logging
import Performance
import ShowerCalibration
import ShowerModel
import ShowerReport
import ShowerStore

/// Makes an energy table from reconstructed simulated showers.
package struct EnergyTableRun: Sendable {
  package var inputs: [String]
  package var output: OutputFile
  /// Symbol of the primary to use.
  package var primary = Primary.proton.symbol
  /// Quality cuts, used without their limits on zenith angle and energy.
  package var cuts = TableFolder.defaultSelection
  /// True energies to use [EeV], as in 3:398; nil from half efficiency on.
  package var energies: String?
  /// Energies of the table [EeV]; beyond the true energies that are used, the law goes on straight.
  package var tableEnergies = "0.2:1000"
  package var eventLimit: Int?

  package init(_ inputs: [String], output: OutputFile) {
    self.inputs = inputs
    self.output = output
  }

  package func run(in context: RunContext) throws {
    try context.checkLimits("table")
    let log = context.logger("table")
    var record = ProvenanceRecord("table")
    let primary = try chosenPrimary()
    let (qualityCuts, cutsFile) = try tableCuts(context.tableFolder())
    let range = try energyRange(tableEnergies, option: "--table-energies")
    let asked = try energies.map { try energyRange($0, option: "--energies") }
    try output.check()

    let samples = try inputs.map { try CalibrationSample(opening: $0) }
    try CalibrationSample.checkTogether(samples)
    let total = samples.reduce(0) { $0 + min($1.reader.eventCount, eventLimit ?? .max) }
    var progress = Progress("read", total: total, isQuiet: context.isQuiet)
    var selected = SelectedShowers()
    for sample in samples {
      record.readHashed(URL(filePath: sample.reader.path))
      try selected.read(sample, primary, qualityCuts, limit: eventLimit) { progress.update($0) }
    }
    try checkPrimary(selected, primary)
    record.readHashed(cutsFile)
    let showers = selected.showers
    let (law, grid) = try namingFiles(inputs) {
      let law = try SignalRegression(showers, energies: try asked ?? wholeRange(selected))
      return (law, try EnergyGrid(law, showers, range: range))
    }
    let header = EnergyTableHeader(
      step: record.step(["primary": primary.symbol, "cuts": cuts]), samples: samples,
      primary: primary, cuts: qualityCuts, eventCount: selected.eventCount, law: law, grid: grid,
      check: try law.chi2AgainstBins(showers, bins: EnergyGrid.bin(ofSecant:)))
    try Interruption.check()
    try writeText(header.text + grid.text, to: output.path)
    log.info(
      """
      \(output.path): \(law.count) showers of \(selected.eventCount) events, \
      \(grid.filledCount) of \(EnergyGrid.nodeCount) nodes, \(duration(progress.elapsed))
      """)
  }

  private func chosenPrimary() throws(WrongUse) -> Primary {
    guard let known = Primary(symbol: primary) else {
      let names = Primary.allCases.map(\.symbol).joined(separator: ", ")
      throw WrongUse("--primary: \(primary) is not one of \(names)")
    }
    return known
  }

  private func checkPrimary(_ selected: SelectedShowers, _ primary: Primary) throws(InputError) {
    guard selected.countOfPrimary > 0 else {
      throw InputError(
        description: "\(inputs.joined(separator: ", ")): no shower of the primary "
          + "\(primary.symbol). Choose another with --primary")
    }
  }

  /// The table reaches as far as the showers do, and must not see energies of an earlier table.
  private func tableCuts(_ tables: TableFolder) throws -> (cuts: QualityCuts, file: URL) {
    var (chosen, file) = try tables.selection(cuts)
    chosen.maximumZenith = nil
    chosen.minimumEnergy = nil
    return (chosen, file)
  }

  /// From the energy with half of the efficiency at high energies to the largest one.
  private func wholeRange(_ selected: SelectedShowers) throws -> ClosedRange<Double> {
    guard let efficiency = selected.efficiency else {
      throw InputError(
        description: "\(inputs.joined(separator: ", ")): the history does not tell which showers "
          + "were thrown, so the threshold is unknown. Give --energies MIN:MAX")
    }
    guard let lowest = efficiency.lowestEnergy(fraction: 0.5),
      let highest = selected.showers.map(\.logEnergy).max(), highest > lowest
    else {
      throw CalibrationError.tooFewShowers(
        found: selected.showers.count, needed: "none above the threshold")
    }
    return lowest...highest
  }
}

/// The showers of all samples that a table is fitted to.
private struct SelectedShowers {
  private(set) var showers: [CalibrationShower] = []
  /// Nil where a sample does not tell which showers were thrown.
  private(set) var efficiency: SelectionEfficiency? = SelectionEfficiency()
  private(set) var eventCount = 0
  private(set) var countOfPrimary = 0

  mutating func read(
    _ sample: CalibrationSample, _ primary: Primary, _ cuts: QualityCuts, limit: Int?,
    progress: (Int) -> Void
  ) throws {
    let reader = sample.reader
    var lastShower = -1
    for rows in reader.chunks(of: 8192, limit: limit) {
      try Interruption.check()
      lastShower = try reader.showerIDs(rows).last ?? lastShower
      let truths = try reader.truths(rows)
      for (truth, standard) in zip(truths, try reader.standardResults(rows))
      where truth.primary == primary {
        countOfPrimary += 1
        guard let shower = CalibrationShower(truth: truth, standard: standard, cuts: cuts),
          EnergyGrid.bin(ofSecant: shower.secant) != nil
        else { continue }
        showers.append(shower)
        efficiency?.addSelected(logEnergy: shower.logEnergy)
      }
      eventCount += rows.count
      progress(eventCount)
    }
    if let thrown = sample.thrown(primary, attempts: lastShower + 1) {
      efficiency?.addThrown(
        thrown.count, energies: thrown.energies, spectralIndex: thrown.spectralIndex)
    } else {
      efficiency = nil
    }
  }
}
