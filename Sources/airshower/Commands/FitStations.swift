import ArgumentParser
import Workflow

struct FitStations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit one event given as a table of stations.",
    discussion: """
      For published events and for other arrays. The input is a text table with the columns id, x, \
      y, z (m), t (ns), signal (VEM) and optionally sat. A station without t and signal is silent. \
      All stations take part. Core and direction refer to the coordinates of the table; the core \
      lies on the plane z = 0.

        airshower fit stations.csv --core=-21654.1,1689.2 --front paraboloid --time-error constant \
      --time-resolution 20
        airshower fit stations.csv --fit joint
      """)

  @Argument(help: "Table of stations.")
  var input: String

  @Flag(help: "First drop stations whose time does not fit the front, as reconstruct does.")
  var cleaning = false

  @Option(help: "Energy table of --fit joint: a name in tables/energy, or a file.")
  var energyTable = TableFolder.defaultEnergyTable

  @OptionGroup(title: "Fit") var fitting: FitOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws {
    var run = StationFitRun(input)
    run.cleansTimes = cleaning
    run.energyTable = energyTable
    run.settings = fitting.settings
    try run.run(in: running.context)
  }
}
