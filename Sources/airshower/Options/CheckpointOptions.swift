import ArgumentParser
import Workflow

/// How training can be left and taken up again, and what it may use.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      File that keeps what training needs to go on; it goes when training is done \
      (default: OUTPUT.checkpoint).
      """, valueName: "file"))
  var checkpoint: String?

  @Option(
    help: ArgumentHelp(
      "Seconds between checkpoints within an epoch; every epoch ends with one.",
      valueName: "seconds"))
  var checkpointEvery = 300.0

  @Flag(
    help: """
      Go on from the checkpoint, or begin where there is none. After kill -9 at any moment the \
      weights are those of an undisturbed run, bit for bit on a CPU.
      """)
  var resume = false

  @Option(
    help: ArgumentHelp(
      """
      Memory for images of events. What exceeds it lies in a file, and the network is the same. \
      With mpirun all lie in files.
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
