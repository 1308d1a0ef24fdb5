import ArgumentParser
import Workflow

struct TuneFront: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune-front",
    abstract: "Fit delays and timing errors of the shower front to reconstructed simulated events.",
    discussion: """
      The result is the mean delay behind the plane front and its standard deviation, for \
      airshower reconstruct --front. Both depend on axis distance, measured signal, zenith angle \
      and side of the axis:

        airshower tune-front reco.h5 --output front.json
        airshower reconstruct events.h5 --front front.json --output both.h5

      Method: two weighted linear least-squares fits in turn. One is of the delays about the true \
      axis and core, the other of the logarithm of their squared residuals. The events are those \
      of the standard fit that pass the cuts, in the training split only (80 % of the showers). So \
      compare can test the front on the other events.

      A front describes the simulation that it was fitted to. Test it on systematic variations \
      (simulate --variation).
      """)

  @Argument(help: "Reconstructed event files with truth.", completion: .eventFile)
  var inputs: [String]

  @Option(help: qualityCutsHelp, completion: .table(.selection))
  var cuts = TableFolder.defaultSelection

  @Option(help: "Events to read from each file at most (default: all).")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws {
    var run = FrontTuningRun(inputs, output: output.file)
    run.cuts = cuts
    run.eventLimit = maxEvents
    try run.run(in: running.context)
  }
}
