import ArgumentParser
import Workflow

struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make an event file of files of other programs.",
    discussion: """
      Reads DST files of the Telescope Array (banks rusdraw and rusdmc), plain or packed by gzip \
      or bzip2; events of INR: the text that its fit prints with -ML, or HDF5; and HDF5 of \
      dstparser, tiles or flat arrays. A file is recognised by its content, not by its name. \
      Several files become one event file. Memory does not grow with the files.

        airshower import run.dst.gz --output events.h5
        airshower reconstruct events.h5 --output reco.h5

      Stations stand where they were surveyed at the date of the event. Results that a file brings \
      (rusdgeom and rufldf) become methods called imported_NAME, which compare shows beside the \
      others. --results adds those of other programs, from a table with a row an event:

        airshower import run.dst.gz --results ours=ours.csv --output events.h5

      Its columns are event_id, zenith_deg, azimuth_deg (to the source, counter-clockwise from \
      east), core_x_m, core_y_m, energy_eev, and for errors zenith_sigma_deg, azimuth_sigma_deg, \
      core_x_sigma_m, core_y_sigma_m, log_energy_sigma. More in Documentation/import.md.
      """)

  @Argument(help: "Files of other programs, of one kind.")
  var inputs: [String]

  @Option(
    help: """
      Positions of the stations: telescope-array, telescope-array-2008, or a file. Default: those \
      of the Telescope Array at the date of the event.
      """, completion: .table(.array))
  var array: String?

  @Option(
    help: ArgumentHelp(
      "Table of results of another program, to compare with. Repeatable.", valueName: "name=file"))
  var results: [String] = []

  @Option(help: "Import the first events only (default: all).")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws {
    var run = ImportRun(inputs, output: output.file)
    run.array = array
    run.results = results
    run.eventLimit = maxEvents
    try run.run(in: running.context)
  }
}
