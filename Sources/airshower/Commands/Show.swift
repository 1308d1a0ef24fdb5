import ArgumentParser
import Workflow

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw an event, a sheet of many, or the sky.",
    discussion: """
      The picture shows the footprint on the array, the lateral distribution, the shower front and \
      waveforms. It shows the fitted shower, the corrected ones, and the true one if it is known. \
      Where a network kept the standard value, its line says so. Failed events are drawn too.

      --layout sheet draws the footprints of up to 60 chosen events on one page. --layout sky \
      draws the directions of events that have a time, in equatorial and galactic coordinates.

        airshower show corrected.h5 --event 17 --output event.png
        airshower show corrected.h5 --where "energy > 50 && zenith < 30" --output event.png
        airshower show corrected.h5 --layout sheet --events 3,17,20-30 --output sheet.pdf
      """)

  @Argument(help: "Reconstructed event file.", completion: .eventFile)
  var input: String

  @Option(
    help: """
      Number of the event (default: the first with a good result that --where and --events choose).
      """)
  var event: Int?

  @Option(help: "What to draw: event, sheet (many events), or sky (their directions).")
  var layout = PictureLayout.event

  @Option(
    help: """
      Reconstruction to draw beside the standard one, up to four of them. Repeatable. Default: the \
      networks of the file.
      """)
  var reconstruction: [String] = []

  @OptionGroup(title: "Events") var events: EventOptions

  @Option(help: "Number of waveforms to show, 0 to 12: the stations with the largest signals.")
  var waveforms = 4

  @Option(
    name: [.long, .customShort("o")], parsing: .unconditional,
    help: "Picture to write: a .png, .svg or .pdf file. It must not exist without --overwrite.")
  var output: String

  @Flag(help: "Replace an existing picture when the new one is complete.")
  var overwrite = false

  @Flag(help: "Keep the gnuplot script and its data beside the picture: NAME.gp and NAME.dat.")
  var keepScript = false

  func validate() throws {
    try checkOutputName(output)
    try checkMethodNames(reconstruction, option: "--reconstruction")
    guard event == nil || events.choice.isEverything else {
      throw ValidationError("--event names one event: leave out --where and --events")
    }
    try asValidation(picture.check)
  }

  func run() throws { try picture.run() }

  /// The options as the library wants them.
  private var picture: ShowRun {
    var run = ShowRun(input, output: OutputFile(output, overwrites: overwrite))
    run.event = event
    run.layout = layout
    run.reconstructions = reconstruction
    run.choice = events.choice
    run.waveforms = waveforms
    run.keepsScript = keepScript
    return run
  }
}

extension PictureLayout: ExpressibleByArgument {}
