import ArgumentParser
import ShowerModel
import Workflow

struct Correct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add what networks predict to the standard reconstruction.",
    discussion: """
      Writes a reconstruction for each network beside the standard one, row for row, with its \
      uncertainties.

        airshower correct reco.h5 --network tables/networks/reference.pt --output corrected.h5
        airshower correct reco.h5 --network grid.pt --network scalars.pt --output corrected.h5

      An ensemble is networks trained with other seeds (train --seed 1, 2, 3), written with \
      commas. Its correction is their mean; what they disagree about enters the uncertainty:

        airshower correct reco.h5 --network a.pt,b.pt,c.pt --name ensemble --output corrected.h5

      An event unlike those that a network learned from keeps its standard value; the column \
      fallback says so.
      """)

  @Argument(help: "Reconstructed event file.")
  var input: String

  @Option(
    help: """
      Network: a file from airshower train, or a name in tables/networks (default: reference). \
      Several with commas are an ensemble. Repeatable.
      """)
  var network: [String] = []

  @Option(
    help:
      """
      Name of the new reconstruction in the file (default: that of the network's file \
      without its ending, if it is one): \(MethodName.rule). As often as --network.
      """
  )
  var name: [String] = []

  @Option(
    help: """
      add: standard plus predicted residual. calibrated: each component shrunk by what the \
      validation split says the prediction is worth, to nothing for a network that learnt nothing.
      """)
  var combine = CorrectionRun.Combination.calibrated

  @Flag(
    help:
      "Average over the eight symmetries of the grid: better by a little, at eight times the cost.")
  var symmetries = false

  @Flag(
    inversion: .prefixedNo,
    help: "Keep the standard value of events that a network does not know from its training.")
  var fallback = true

  @OptionGroup var networks: NetworkOptions
  @OptionGroup(title: "Computing") var computing: ComputingOptions

  @Option(help: "Correct the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Sharing the work") var sharding: ShardOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func validate() throws { try checkMethodNames(name, option: "--name") }

  func run() throws { try sharedRun.run(in: running.context) }
}

extension CorrectionRun.Combination: ExpressibleByArgument {}

extension Correct: ShareableCommand {
  var sharedOutput: OutputFile? { output.file }

  var sharedRun: CorrectionRun {
    var run = CorrectionRun(input, output: output.file)
    run.networks = network
    run.names = name
    run.combination = combine
    run.averagesSymmetries = symmetries
    run.keepsUnknown = fallback
    run.use = networks.use
    run.computing = computing.settings
    run.eventLimit = maxEvents
    run.share = sharding.share
    return run
  }
}
