import ArgumentParser
import Workflow

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write events for other programs: as DST, as a table, or as a network sees them.",
    discussion: """
      --format dst writes the events for the programs of the Telescope Array: waveforms (rusdraw), \
      and the truth of simulated ones (rusdmc). A name that ends in .gz is packed.

        airshower export events.h5 --format dst --output events.dst.gz

      --format csv writes a table with a row an event: truth and results of all methods, and for \
      data UTC, right ascension and declination (J2000), galactic longitude and latitude, with \
      errors. --columns chooses some of them; * stands for any text:

        airshower export reco.h5 --format csv --columns event_id,standard_energy_eev,'*_zenith*' \
      --output events.csv

      --format tensors, the default, writes what goes into a network and what comes out, for \
      Python. It writes an HDF5 file. It holds the arguments of forward by name (traces, stations, \
      station_cells, cells, events), the outputs, and for simulated events the standardised \
      targets. The network's spec.json is an attribute. Documentation/networks.md shows how to \
      train a network with this file in Python, and how to use that network here.

        airshower export reco.h5 --network reference --max-events 10 --output inputs.h5
      """)

  @Argument(help: "Event file; for tensors a reconstructed one.", completion: .eventFile)
  var input: String

  @Option(help: "tensors, dst or csv.")
  var format = Format.tensors

  @Option(help: "Columns of --format csv, as in event_id,standard_* (default: all).")
  var columns: String?

  @Option(
    help: "Network: reference, photons, or a file from airshower train.",
    completion: .table(.network))
  var network = "reference"

  @Option(
    help: """
      Export the first events only (default: all). As tensors an event needs about 12 kB of memory.
      """)
  var maxEvents: Int?

  @OptionGroup(title: "Events") var events: EventOptions
  @OptionGroup var networks: NetworkOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case tensors, dst, csv
  }

  func validate() throws {
    guard columns == nil || format == .csv else {
      throw ValidationError("--columns is for --format csv")
    }
  }

  func run() throws {
    switch format {
    case .tensors: try runTensors()
    case .dst:
      var run = DSTExportRun(input, output: output.file)
      run.eventLimit = maxEvents
      run.choice = events.choice
      try run.run(in: running.context)
    case .csv:
      var run = CSVExportRun(input, output: output.file)
      run.columns = columns?.split(separator: ",").map(String.init)
      run.eventLimit = maxEvents
      run.choice = events.choice
      try run.run(in: running.context)
    }
  }

  private func runTensors() throws {
    var run = ExportRun(input, output: output.file)
    run.network = network
    run.use = networks.use
    run.eventLimit = maxEvents
    run.choice = events.choice
    try run.run(in: running.context)
  }
}
