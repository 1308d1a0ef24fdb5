import ArgumentParser
import Workflow

struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fit the errors of a network again, to simulated events of your own.",
    discussion: """
      The weights of the network stay as they are. Slopes and errors are fitted to the events, as \
      train fits them to its validation split: 68 % of the true values then lie within one error. \
      Use it where the conditions are others than in the training, and for networks of earlier \
      versions:

        airshower calibrate reco.h5 --network reference --output calibrated.pt
        airshower correct data.h5 --network calibrated.pt --output corrected.h5

      The events must pass the cuts and be like the training events. Some 20,000 are enough, and \
      100,000 for the errors of the largest corrections. The test split (10 % of the showers) is \
      left for compare. If the network learned from the same simulation, only the validation split \
      counts.
      """)

  @Argument(help: "Reconstructed event files with truth.", completion: .eventFile)
  var inputs: [String]

  @Option(
    help: "Network: reference, photons, or a file from airshower train.",
    completion: .table(.network))
  var network = "reference"

  @Option(help: qualityCutsHelp, completion: .table(.selection))
  var cuts = TableFolder.defaultSelection

  @Option(help: "Events to read from each file at most (default: all).")
  var maxEvents: Int?

  @OptionGroup var networks: NetworkOptions
  @OptionGroup(title: "Computing") var computing: ComputingOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws {
    var run = CalibrationRun(inputs, output: output.file)
    run.network = network
    run.cuts = cuts
    run.eventLimit = maxEvents
    run.use = networks.use
    run.computing = computing.settings
    try run.run(in: running.context)
  }
}
