import ArgumentParser
import Workflow

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network on the residuals of the standard reconstruction.",
    discussion: """
      Learns true minus standard (direction, energy, core) from the raw waveforms. Events are \
      split by parent shower, 80 % to train, 10 % to validate, 10 % never seen. The best epoch is \
      kept. The same seed gives the same weights, bit for bit with any number of threads. A loss \
      that is no longer a number ends the run (exit 1) and names the events; the best weights \
      until then go to NAME.last-good.pt.

      Memory is about 300 MiB + 0.2 kB an event + --memory + 120 MiB for each thread but the \
      first; the rest of the images, 8 to 13 kB an event, lies in a file that goes with the run. \
      Threads compute parts of 32 events of each batch; one more prepares the next.

      A run that was ended goes on with --resume. Under mpirun every process takes a part of each \
      batch, and the loss is that of one process:

        mpirun -n 4 airshower train reco.h5 --spec set --resume --output network.pt

      Networks shipped: grid, set, attention, lecture, aixnet, and the controls features, scalars, \
      event.

        airshower train reco.h5 --output network.pt
        airshower train reco.h5 more.h5 --spec set --loss gaussian --curves curves.png --output \
      network.pt
      """)

  @Argument(help: "Reconstructed event files with truth.")
  var inputs: [String]

  @Option(help: "Network: a name in tables/networks, or a JSON file.")
  var spec = "set"

  @Option(help: "Reconstruction whose residuals to learn: standard, or tuned.")
  var base = "standard"

  @Option(
    help: "Loss: meanSquare, or gaussian, which predicts errors too (default: as the network says)."
  )
  var loss: String?

  @Option(help: "Optimiser: adadelta, adam, adamW (default: as the network says, else adamW).")
  var optimiser: String?

  @Option(help: "Learning rate (default 1 for adadelta, else 0.002).")
  var learningRate: Double?

  @Option(help: "Epochs at most (default 20).")
  var epochs: Int?

  @Option(help: "Events in a batch (default 256).")
  var batchSize: Int?

  @Option(help: "Epochs without a better validation loss before training ends (default 10).")
  var patience: Int?

  @Flag(help: "Change events at random: 2 % dead stations, 1 % bad layers, 3 % gain, 15 ns clocks.")
  var augment = false

  @Option(help: "Quality cuts of the events to learn from: a name in tables/selections, or a file.")
  var cuts = TableFolder.defaultSelection

  @Option(help: "Events to read from each file at most.")
  var maxEvents: Int?

  @Option(help: "Seed of initial weights, order and dropout.")
  var seed: UInt64 = 1

  @Option(help: "Learning curve: a CSV file that grows by a row an epoch.")
  var history: String?

  @Option(help: "Learning curve as a picture: a .png, .svg or .pdf file.")
  var curves: String?

  @OptionGroup(title: "Going on, and memory") var checkpoints: CheckpointOptions
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
    run.eventLimit = maxEvents
    run.seed = seed
    run.history = history
    run.curves = curves
    run.checkpoints = checkpoints.settings
    run.computing = computing.settings
    return run
  }
}
