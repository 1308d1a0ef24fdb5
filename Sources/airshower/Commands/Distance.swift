import ArgumentParser
import ResidualNetwork
import Workflow

struct Distance: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell how far events lie from those of a simulation or of a network's training.",
    discussion: """
      Needs no truth: ask it about data, before a network corrects them. Each event gets a \
      partner of the same zenith angle and S800 in the reference, since data and simulations have \
      other spectra. The distributions of the pairs are compared feature by feature \
      (Kolmogorov and Smirnov), and by a classifier of all features together. Exchanges within \
      random pairs show what chance does.

        airshower distance data.h5 --reference simulation.h5

      With --network it counts the events that the network does not know, and says by which \
      feature:

        airshower distance data.h5 --network reference
      """)

  @Argument(help: "Reconstructed event file.", completion: .eventFile)
  var input: String

  @Option(
    help: "Reconstructed event file of a simulation to compare with (default: none).",
    completion: .eventFile)
  var reference: String?

  @Option(
    help: """
      Network whose training events are asked about: reference, photons, or a file (default: none).
      """,
    completion: .table(.network))
  var network: String?

  @OptionGroup var networks: NetworkOptions

  @Option(help: qualityCutsHelp, completion: .table(.selection))
  var cuts = TableFolder.defaultSelection

  @Option(help: "Number of random exchanges, 100 to 100000.")
  var replicas = 1000

  @Option(help: "Seed of the pairs and of the exchanges.")
  var seed: UInt64 = 1

  @Option(help: "Use the first events of the input only (default: all).")
  var maxEvents: Int?

  @Option(help: "What to print: text or json.")
  var format = DistanceRun.Format.text

  @OptionGroup(title: "Events") var events: EventOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws {
    var run = DistanceRun(input)
    run.reference = reference
    run.network = network
    run.use = networks.use
    run.cuts = cuts
    run.replicas = replicas
    run.seed = seed
    run.eventLimit = maxEvents
    run.choice = events.choice
    run.format = format
    try run.run(in: running.context)
  }
}

extension DistanceRun.Format: ExpressibleByArgument {}
