import ArgumentParser
import Workflow

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network on the residuals of the standard reconstruction.",
    discussion: """
      The network learns true minus standard values (direction, energy, core) from the raw \
      waveforms. Events are split by parent shower: 80 % training, 10 % validation, 10 % test, \
      which the network never sees. The weights of the best epoch are kept. The same seed gives \
      the same weights, bit for bit, with any number of threads. If the loss becomes infinite or \
      not a number, the run ends with exit code 1 and names the events. The best weights until \
      then are in NAME.last-good.pt.

      Memory is about 300 MiB + 0.2 kB for each event + --memory + 120 MiB for each thread but the \
      first. Images that exceed --memory, 8 to 13 kB for each event, lie in a file. It is deleted \
      at the end of the run. Each thread computes 32 events of a batch at a time. One more thread \
      prepares the next batch.

      --resume continues a run that was ended. Under mpirun each process computes a part of each \
      batch. The loss is that of a run in one process:

        mpirun -n 4 airshower train reco.h5 --spec set --resume --output network.pt

      Networks shipped: graph, set, attention, grid, lecture, aixnet, composition (Xmax and ln A), \
      and the controls features, scalars, event.

        airshower train reco.h5 --output network.pt
        airshower train reco.h5 more.h5 --spec set --loss gaussian --curves curves.png --output \
      network.pt
      """)

  @Argument(help: "Reconstructed event files with truth.", completion: .eventFile)
  var inputs: [String]

  @Option(
    help: """
      Network: aixnet, attention, composition, event, features, grid, lecture, scalars, set, or a \
      JSON file.
      """, completion: .table(.networkDescription))
  var spec = "set"

  @Option(
    help: "Reconstruction whose residuals the network learns: standard, published or tuned.",
    completion: .list(["standard", "published", "tuned"]))
  var base = "standard"

  @Option(
    help: "Loss: meanSquare, or gaussian, which also predicts errors (default: from the network).",
    completion: .list(["meanSquare", "gaussian"]))
  var loss: String?

  @Option(
    help: "Optimiser: adadelta, adam, adamW (default: from the network, else adamW).",
    completion: .list(["adadelta", "adam", "adamW"]))
  var optimiser: String?

  @Option(help: "Learning rate (default: 1 for adadelta, else 0.002).")
  var learningRate: Double?

  @Option(help: "Largest number of epochs (default: 20).")
  var epochs: Int?

  @Option(help: "Events in a batch (default: 256).")
  var batchSize: Int?

  @Option(help: "Epochs without a better validation loss before training ends (default: 10).")
  var patience: Int?

  @Flag(help: "Change events at random: 2 % dead stations, 1 % bad layers, 3 % gain, 15 ns clocks.")
  var augment = false

  @Option(help: qualityCutsHelp, completion: .table(.selection))
  var cuts = TableFolder.defaultSelection

  @Option(
    help: ArgumentHelp(
      """
      By how much events count: spectrum=INDEX turns the spectrum of the simulation into E^INDEX, \
      as in spectrum=-2.7. column=NAME takes the dataset /events/NAME of each file (default: all \
      count once).
      """, valueName: "rule"))
  var weights: String?

  @Option(help: "Events to read from each file at most (default: all).")
  var maxEvents: Int?

  @Option(help: "Seed of initial weights, order of events and dropout.")
  var seed: UInt64 = 1

  @Option(help: "Learning curve: a CSV file with one row for each epoch.")
  var history: String?

  @Option(help: "Learning curve as a picture: a .png, .svg or .pdf file.")
  var curves: String?

  @OptionGroup(title: "Checkpoints and memory") var checkpoints: CheckpointOptions
  @OptionGroup(title: "Computing") var computing: ComputingOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws { try training.run(in: running.context) }

  /// The options as the library wants them.
  var training: TrainingRun {
    var run = TrainingRun(inputs, output: output.file)
    run.spec = spec
    run.base = base
    run.loss = loss
    run.optimiser = optimiser
    run.learningRate = learningRate
    run.epochs = epochs
    run.batchSize = batchSize
    run.patience = patience
    run.augments = augment
    run.cuts = cuts
    run.weights = weights
    run.eventLimit = maxEvents
    run.seed = seed
    run.history = history
    run.curves = curves
    run.checkpoints = checkpoints.settings
    run.computing = computing.settings
    return run
  }
}
