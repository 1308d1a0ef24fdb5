import ArgumentParser
import Performance
import ShowerCalibration
import ShowerModel
import ShowerReport
import Workflow

struct Table: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make an energy table from reconstructed simulated showers.",
    discussion: """
      The table gives the energy as a function of S800 and zenith angle, for airshower reconstruct \
      --energy-table.

        airshower table reco.h5 --output table.csv
        airshower reconstruct data.h5 --energy-table table.csv --output reco.h5

      Method: a least-squares fit of the mean of log10 S800 (fitted) against log10 E (true) and \
      sec theta (fitted). It is one smooth law for all zenith angles. The law is inverted at each \
      node. So the table does not depend on the thrown spectrum, and E[ln E_rec - ln E] is zero at \
      every true energy. Errors come from the covariance of the fit.

      Near the threshold of trigger and cuts, only showers with an upward fluctuation are left. So \
      the fit starts at the energy where the efficiency reaches half of its value at high \
      energies. --energies overrides this. Below that energy and above the largest simulated one \
      the law goes on straight, within --table-energies. An energy from there has the flag \
      energyExtrapolated. Some nodes are nan: those beyond the energies of the table, and those \
      in bins of sec theta with fewer than \(EnergyGrid.leastShowers) showers. There, reconstruct \
      gives no energy, and the event has the status outsideEnergyTable.
      """)

  @Argument(help: "Reconstructed event files with truth.", completion: .eventFile)
  var inputs: [String]

  @Option(help: "Primary to use.")
  var primary = Primary.proton.symbol

  @Option(
    help: """
      \(qualityCutsText) Their limits on zenith angle and energy are not applied.
      """, completion: .table(.selection))
  var cuts = TableFolder.defaultSelection

  @Option(
    help: "True energies to use [EeV], as in 3:398 (default: from half efficiency to the last).")
  var energies: String?

  @Option(
    help: """
      Energies of the table [EeV]. Beyond the true energies that are used, the law goes on \
      straight. Such nodes are marked as extrapolated, with larger errors.
      """)
  var tableEnergies = "0.2:1000"

  @Option(help: "Events to read from each file at most (default: all).")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws {
    var run = EnergyTableRun(inputs, output: output.file)
    run.primary = primary
    run.cuts = cuts
    run.energies = energies
    run.tableEnergies = tableEnergies
    run.eventLimit = maxEvents
    try run.run(in: running.context)
  }
}
