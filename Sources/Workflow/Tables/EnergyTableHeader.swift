import Foundation
import ShowerCalibration
import ShowerModel
import ShowerSimulation
import ShowerStore
import StandardReconstruction

/// The comment lines at the head of an energy table: how it was made, from what, how good it is.
struct EnergyTableHeader {
  var step: ProvenanceStep
  var samples: [CalibrationSample]
  var primary: Primary
  var cuts: QualityCuts
  var eventCount: Int
  var law: SignalRegression
  var grid: EnergyGrid
  var check: (chi2: Double, degreesOfFreedom: Int)

  var text: String { lines.map { "# \(EscapedText.visible($0))\n" }.joined() }

  private var lines: [String] {
    let energies = "\(energy(law.energies.lowerBound)) to \(energy(law.energies.upperBound)) EeV"
    return [
      "Energy of a shower from S800 and zenith angle, from simulated showers",
      "source: airshower \(step.version), fast simulation (Documentation/simulation.md)",
      "command: \(step.commandLine.joined(separator: " "))",
      "date: \(step.finished.prefix(10))",
      EnergyTablePurpose(samples[0].reader.array).text,
    ] + zip(samples, step.inputs).map(inputLine) + [
      "showers: \(law.count) of \(primary.symbol) in \(eventCount) events,"
        + " true energies \(energies)",
      "selection: \(cuts.explanation); a fit with a result",
      "fit: \(samples[0].fit)",
      "method: least squares of log10 S800 (fitted) on log10 E (true) and sec theta (fitted),"
        + " inverted at each node; mean of the logarithm",
      "scatter of S800 around the law: \(format("%.1f", 100 * law.scatter * log(10))) %;"
        + " separate laws in bins of sec theta: chi2 \(format("%.0f", check.chi2)) for"
        + " \(check.degreesOfFreedom) degrees of freedom",
      "nodes: \(grid.filledCount) of \(EnergyGrid.nodeCount), \(extrapolatedCount) of them"
        + " extrapolated beyond the simulated energies; nan where no energy of the table or fewer"
        + " than \(EnergyGrid.leastShowers) showers in the bin of sec theta stand for a node",
      "log10_energy_error: statistical standard error of the entry, from the covariance of the fit;"
        + " of extrapolated nodes with 10 % of the distance to the last simulated energy",
      "systematic: the energy follows the simulation's muon number and electromagnetic field;"
        + " that of heavier primaries comes out too high. Its scale is uncertain by about 20 %,"
        + " the largest difference from the published formula of the Telescope Array."
        + " None of it is in log10_energy_error",
      "units: sec_theta 1, log10_s800 log10(S800 / (VEM/m2)), log10_energy_eev and its error"
        + " log10(E/EeV), scale of the simulation",
    ]
  }

  private var extrapolatedCount: Int {
    grid.entries.reduce(0) { $0 + $1.count { $0?.isExtrapolated ?? false } }
  }

  private func inputLine(_ sample: CalibrationSample, _ input: ProvenanceStep.Input) -> String {
    let model = sample.configuration?.interactionModel.rawValue ?? "unknown interaction model"
    let seed = sample.seed.map { "seed \($0)" } ?? "unknown seed"
    return
      "input: \(input.path), sha256 \(input.sha256 ?? "unknown"), \(model), \(seed)"
  }

  private func energy(_ logEnergy: Double) -> String { format("%.3g", pow(10, logEnergy)) }

  private func format(_ format: String, _ value: Double) -> String {
    String(format: format, value)
  }
}
