import ArgumentParser
import Workflow

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What is in a file, who made it, from what.",
    discussion: """
      Event files: every column with its unit and meaning, and the history. Networks: inputs, \
      targets, training and history. CORSIKA particle files, plain or compressed (zstd, gzip, \
      bzip2, xz): headers of the run and of every shower, and whether the file is whole.

        airshower inspect events.h5
        airshower inspect tables/networks/reference.pt
        airshower inspect DAT000001.zst
      """)

  @Argument(help: "Event file, network, or CORSIKA particle file.")
  var file: String

  func run() throws { try InspectionRun(file).run() }
}
