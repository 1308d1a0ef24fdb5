import ArgumentParser
import Workflow

struct FitStations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit one event given as a table of stations.",
    discussion: """
      For published events and other arrays: a text table with the columns id, x, y, z (m), t \
      (ns), signal (VEM) and optionally sat; a station without t and signal is silent. All \
      stations take part; core and direction are in the frame of the table, on its plane z = 0.

        airshower fit stations.csv --core=-21654.1,1689.2 --front paraboloid --time-error constant \
      --time-resolution 20
        airshower fit stations.csv --fit joint
      """)

  @Argument(help: "Table of stations.")
  var input: String

  @Flag(help: "Drop stations out of time with the front first, as reconstruct does.")
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
