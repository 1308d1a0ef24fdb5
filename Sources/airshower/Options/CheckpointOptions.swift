import ArgumentParser
import Workflow

/// How training can be left and taken up again, and what it may use.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Checkpoint file, from which --resume continues. It is deleted when training is done \
      (default: OUTPUT.checkpoint).
      """, valueName: "file"))
  var checkpoint: String?

  @Option(
    help: ArgumentHelp(
      "Seconds between checkpoints within an epoch. Every epoch ends with one, too.",
      valueName: "seconds"))
  var checkpointEvery = 300.0

  @Flag(
    help: """
      Continue from the checkpoint; start anew if there is none. On a CPU the weights are those of \
      an uninterrupted run, bit for bit, even after kill -9.
      """)
  var resume = false

  @Option(
    help: ArgumentHelp(
      """
      Memory for images of events. Images that exceed it lie in a file. The network does not \
      depend on it. With mpirun all images lie in files.
      """, valueName: "MiB"))
  var memory = 512

  @Option(help: "Folder of the file of images (default: the folder of the output).")
  var scratch: String?

  /// The options as the library wants them.
  var settings: CheckpointSettings {
    var settings = CheckpointSettings()
    settings.path = checkpoint
    settings.interval = checkpointEvery
    settings.resumes = resume
    settings.memory = memory
    settings.scratch = scratch
    return settings
  }
}
