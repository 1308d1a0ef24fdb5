import ArgumentParser
import Workflow

struct TuneFront: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune-front",
    abstract: "Fit delays and timing errors of the shower front to reconstructed simulated events.",
    discussion: """
      Mean delay behind the plane front and its standard deviation as functions of axis distance, \
      measured signal, zenith angle and side of the axis, for airshower reconstruct --front:

        airshower tune-front reco.h5 --output front.json
        airshower reconstruct events.h5 --front front.json --output both.h5

      Method: weighted linear least squares of delays about the true axis and core, and of the \
      logarithm of their squared residuals, in turn. Events are those of the standard fit that \
      pass the cuts, of the training split alone (80 % of the showers), so that compare can judge \
      the front on the others.

      A front follows the simulation that it is fitted to: test it on variations of that (simulate \
      --variation).
      """)

  @Argument(help: "Reconstructed event files with truth.")
  var inputs: [String]

  @Option(help: "Quality cuts of the events: a name in tables/selections, or a file.")
  var cuts = TableFolder.defaultSelection

  @Option(help: "Events to read from each file at most.")
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
