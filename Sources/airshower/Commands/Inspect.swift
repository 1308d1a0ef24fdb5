import ArgumentParser
import Workflow

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what a file holds, and how it was made.",
    discussion: """
      Event files: every column with its unit and meaning, and the history. Networks: inputs, \
      targets, training and history. CORSIKA particle files: headers of the run and of every \
      shower, and whether the file is complete. These files may be compressed (zstd, gzip, bzip2, \
      xz).

        airshower inspect events.h5
        airshower inspect events.h5 --where "energy > 50 && zenith < 30"
        airshower inspect network.pt
        airshower inspect DAT000001.zst
      """)

  @Argument(help: "Event file, network, or CORSIKA particle file.")
  var file: String

  @Flag(help: "List the names that --where knows of an event file, with units and meanings.")
  var quantities = false

  @OptionGroup(title: "Events to list") var events: EventOptions

  func run() throws {
    var run = InspectionRun(file)
    run.listsQuantities = quantities
    run.choice = events.choice
    try run.run()
  }
}
