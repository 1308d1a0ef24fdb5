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
      Energy as a function of S800 and zenith angle, for airshower reconstruct --energy-table.

        airshower table reco.h5 --output table.csv
        airshower reconstruct data.h5 --energy-table table.csv --output reco.h5

      Method: the mean of log10 S800 (fitted) is regressed on log10 E (true) and sec theta \
      (fitted), one smooth law for all zenith angles, by least squares. At each node the law is \
      inverted. So the table does not depend on the thrown spectrum, and E[ln E_rec - ln E] \
      vanishes at every true energy; errors come from the covariance of the fit.

      Near the threshold of trigger and cuts only showers with an upward fluctuation are left. \
      Energies below the one where half of the efficiency at high energies is reached are \
      therefore not used (--energies overrides it), and nodes below it, above the largest \
      simulated energy, or in bins of sec theta with fewer than \(EnergyGrid.leastShowers) showers \
      are nan: reconstruct gives no energy there, and the event the status outsideEnergyTable.
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
  var cuts = TableFolder.defaultSelection

  @Option(
    help: "True energies to use [EeV], as in 3:398 (default: from half efficiency to the last).")
  var energies: String?

  @Option(help: "Events to read from each file at most.")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws {
    var run = EnergyTableRun(inputs, output: output.file)
    run.primary = primary
    run.cuts = cuts
    run.energies = energies
    run.eventLimit = maxEvents
    try run.run(in: running.context)
  }
}
