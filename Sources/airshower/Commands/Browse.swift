import ArgumentParser
import ShowerReport
import Workflow

struct Browse: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the events one by one in a browser, with all methods.",
    discussion: """
      The page is one file that opens offline in a browser. It has a table of the events to sort \
      and filter. The chosen event shows its footprint, lateral distribution, front and waveforms, \
      and the results of all methods. Keys n and p go to the next and the previous event, m marks \
      one. The marks can be saved as a CSV file, which --events of other commands takes.

      A page that would be larger than 250 MB is served instead: the program prints an address of \
      this machine and answers your browser until Ctrl-C. --serve and --output choose.

        airshower browse corrected.h5
        airshower browse corrected.h5 --where "energy > 50 && zenith < 30" --output page.html
      """)

  @Argument(help: "Reconstructed event files with the same array and methods.")
  var inputs: [String]

  @Option(
    help: """
      Stations whose waveforms the page holds: all, fit (those of the fit) or none. Default: all, \
      or none where they would be larger than 80 MB.
      """)
  var waveforms: WaveformExtent?

  @Option(help: "Use the first of the chosen events only (default: all).")
  var maxEvents: Int?

  @Option(
    name: [.long, .customShort("o")], parsing: .unconditional,
    help: "Page to write (default: the name of the first file, with .html, in this folder).")
  var output: String?

  @Flag(help: "Serve the page on 127.0.0.1 instead of writing it. For files of any size.")
  var serve = false

  @Flag(help: "Replace an existing page when the new one is complete.")
  var overwrite = false

  @OptionGroup(title: "Events") var events: EventOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func validate() throws {
    if let output { try checkOutputName(output) }
    guard output == nil || !serve else {
      throw ValidationError("--serve writes no page: leave out --output")
    }
  }

  func run() throws {
    var run = BrowseRun(inputs)
    run.output = output.map { OutputFile($0, overwrites: overwrite) }
    run.overwrites = overwrite
    run.serves = serve
    run.choice = events.choice
    run.eventLimit = maxEvents
    run.waveforms = waveforms
    try run.run(in: running.context)
  }
}

extension WaveformExtent: ExpressibleByArgument {}
