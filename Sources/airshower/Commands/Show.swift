import ArgumentParser
import Workflow

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "One event as a picture.",
    discussion: """
      Footprint on the array, lateral distribution, shower front and waveforms, with the fitted, \
      the corrected and the true shower where they are known. Failed events are drawn too.

        airshower show corrected.h5 --event 17 --output event.png
      """)

  @Argument(help: "Reconstructed event file.")
  var input: String

  @Option(help: "Number of the event (default: the first with a good result).")
  var event: Int?

  @Option(help: "Reconstruction to draw beside the standard one (default: the only one there is).")
  var reconstruction: String?

  @Option(help: "Stations whose waveforms are shown, the largest signals first: 0 to 12.")
  var waveforms = 4

  @Option(
    name: [.long, .customShort("o")], parsing: .unconditional,
    help: "Picture to write, by its end as PNG, SVG or PDF. It must not exist...")
  var output: String

  @Flag(help: "...unless this is given; it is replaced when the new one is complete.")
  var overwrite = false

  @Flag(help: "Keep the gnuplot script and its data beside the picture, as NAME.gp and NAME.dat.")
  var keepScript = false

  func validate() throws {
    try checkOutputName(output)
    try checkMethodNames([reconstruction].compactMap(\.self), option: "--reconstruction")
    try asValidation(picture.check)
  }

  func run() throws { try picture.run() }

  /// The options as the library wants them.
  private var picture: ShowRun {
    var run = ShowRun(input, output: OutputFile(output, overwrites: overwrite))
    run.event = event
    run.reconstruction = reconstruction
    run.waveforms = waveforms
    run.keepsScript = keepScript
    return run
  }
}
