import ArgumentParser
import Workflow

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write what goes into a network and what comes out, for Python.",
    discussion: """
      Writes an HDF5 file. It holds the arguments of forward by name (traces, stations, \
      station_cells, cells, events), the outputs, and for simulated events the standardised \
      targets. The network's spec.json is an attribute. Documentation/networks.md shows how to \
      train a network with this file in Python, and how to use that network here.

        airshower export reco.h5 --network reference --max-events 10 --output inputs.h5
      """)

  @Argument(help: "Reconstructed event file.")
  var input: String

  @Option(help: "Network: a file from airshower train, or a name in tables/networks.")
  var network = "reference"

  @Option(help: "Export the first events only. An event needs about 12 kB of memory.")
  var maxEvents: Int?

  @OptionGroup var networks: NetworkOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws {
    var run = ExportRun(input, output: output.file)
    run.network = network
    run.use = networks.use
    run.eventLimit = maxEvents
    try run.run(in: running.context)
  }
}
