import ArgumentParser
import Workflow

struct FitStations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit events given as lists of stations.",
    discussion: """
      For published events and for other arrays. The input is a text table with the columns id, x, \
      y, z (m), t (ns), signal (VEM) and optionally sat. With a column event, the table holds many \
      events; they are fitted in one run. JSON has the same names: a list of events, each with a \
      list of stations. HDF5 has the columns event_id, station_id, x, y, z, t, signal and \
      optionally flags (bit 0: saturated) as data sets. A station without t and signal is silent. \
      All stations take part. Core and direction refer to the coordinates of the table; the core \
      lies on the plane z = 0.

        airshower fit stations.csv --core=-21654.1,1689.2 --front paraboloid --time-error constant \
      --time-resolution 20
        airshower fit stations.csv --fit joint --format json
        airshower fit times.csv --array my-array.csv

      With --array the positions are those of an array, and so are the area of a station and its \
      VEM. Without it, stations are those of the Telescope Array.

      The fit is that of the geometry. It is joint with --fit joint, and where an energy table is \
      named. One event is printed as text, several as CSV.
      """)

  @Argument(help: "Lists of stations: CSV, JSON or HDF5.")
  var input: String

  @Option(
    help: """
      Array of the stations: telescope-array, telescope-array-2008, or a file. Default: the \
      positions in the lists.
      """, completion: .table(.array))
  var array: String?

  @Flag(help: "First drop stations whose time does not fit the front, as reconstruct does.")
  var cleaning = false

  @Option(
    help: """
      Energy table of --fit joint: telescope-array-published, telescope-array-simulated, or a \
      file. Default: \(TableFolder.defaultEnergyTable). It is used for arrays like the one it was \
      made for. Others get no energy without this option.
      """, completion: .table(.energyTable))
  var energyTable: String?

  @Option(help: "What to print: text, csv or json. Default: text of one event, csv of several.")
  var format: StationFitRun.Format?

  @OptionGroup(title: "Fit") var fitting: FitOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws {
    var run = StationFitRun(input)
    run.array = array
    run.cleansTimes = cleaning
    run.energyTable = energyTable
    run.settings = fitting.settings
    run.format = format
    try run.run(in: running.context)
  }
}

extension StationFitRun.Format: ExpressibleByArgument {}
