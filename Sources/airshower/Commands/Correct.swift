import ArgumentParser
import ShowerModel
import Workflow

struct Correct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add what networks predict to the standard reconstruction.",
    discussion: """
      Writes one reconstruction for each network beside the standard one, with uncertainties. \
      The rows are those of the standard one.

        airshower correct reco.h5 --network reference --output corrected.h5
        airshower correct reco.h5 --network grid.pt --network scalars.pt --output corrected.h5

      Networks joined by commas are an ensemble. Train them with different seeds (train --seed 1, \
      2, 3). The correction is their mean. Their spread is part of the uncertainty:

        airshower correct reco.h5 --network a.pt,b.pt,c.pt --name ensemble --output corrected.h5

      Several files of independent runs become one, as merge --independent joins them:

        airshower correct run1.h5 run2.h5 --output corrected.h5

      An event unlike the training events keeps its standard value. The column fallback marks it.
      """)

  @Argument(
    help: "Reconstructed event files. Several must be of independent runs.",
    completion: .eventFile)
  var inputs: [String]

  @Option(
    help: """
      Network: reference, photons, or a file from airshower train (default: reference). Networks \
      joined by commas are an ensemble. Repeatable.
      """, completion: .table(.network))
  var network: [String] = []

  @Option(
    help:
      """
      Name of the new reconstruction: \(MethodName.rule). Default: the name of the network's \
      file without its ending. Give one --name for each --network, or none.
      """
  )
  var name: [String] = []

  @Option(
    help: """
      add: standard value plus predicted residual. calibrated: each component of the residual is \
      first scaled by a slope fitted on the validation split. The slope is 0 for a network that \
      learned nothing.
      """)
  var combine = CorrectionRun.Combination.calibrated

  @Flag(
    help:
      "Average over the eight symmetries of the grid. A little better, at eight times the cost.")
  var symmetries = false

  @Flag(
    inversion: .prefixedNo,
    help: "Keep the standard value of events unlike the training events.")
  var fallback = true

  @Flag(
    help: """
      Also write the region of the sky that holds the direction with 68 % and 95 %, as an ellipse, \
      and its concentration kappa. Of networks that predict densities (composition), also write \
      these with their regions of highest density.
      """)
  var regions = false

  @OptionGroup var networks: NetworkOptions
  @OptionGroup(title: "Computing") var computing: ComputingOptions

  @Option(help: "Correct the first events only (default: all).")
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
    var run = CorrectionRun(inputs, output: output.file)
    run.networks = network
    run.names = name
    run.combination = combine
    run.averagesSymmetries = symmetries
    run.keepsUnknown = fallback
    run.givesRegions = regions
    run.use = networks.use
    run.computing = computing.settings
    run.eventLimit = maxEvents
    run.share = sharding.share
    return run
  }
}
