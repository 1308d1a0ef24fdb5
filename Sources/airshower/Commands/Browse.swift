import ArgumentParser
import ShowerReport
import Workflow

struct Browse: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a page that shows the events one by one, with all methods.",
    discussion: """
      The page is one file that opens offline in a browser. It has a table of the events to sort \
      and filter. The chosen event shows its footprint, lateral distribution, front and waveforms, \
      and the results of all methods. Keys n and p go to the next and the previous event, m marks \
      one. The marks can be saved as a CSV file, which --events of other commands takes.

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

  @Flag(help: "Replace an existing page when the new one is complete.")
  var overwrite = false

  @OptionGroup(title: "Events") var events: EventOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func validate() throws {
    if let output { try checkOutputName(output) }
  }

  func run() throws {
    let page = output ?? BrowseRun.defaultOutput(of: inputs[0])
    var run = BrowseRun(inputs, output: OutputFile(page, overwrites: overwrite))
    run.choice = events.choice
    run.eventLimit = maxEvents
    run.waveforms = waveforms
    try run.run(in: running.context)
  }
}

extension WaveformExtent: ExpressibleByArgument {}
