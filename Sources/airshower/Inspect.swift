import ArgumentParser
import Foundation
import ResidualNetwork
import ShowerSimulation
import ShowerStore

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What is in a file, who made it, from what.",
    discussion: """
      Event files: every column with its unit and meaning, and the history. Networks: inputs, \
      targets, training and history. CORSIKA particle files, plain or compressed (zstd, gzip, bzip2, xz): \
      headers of the run and of every shower, and whether the file is whole.

        airshower inspect events.h5
        airshower inspect tables/networks/reference.pt
        airshower inspect DAT000001.zst
      """)

  @Argument(help: "Event file, network, or CORSIKA particle file.")
  var file: String

  mutating func run() throws {
    if file.hasSuffix(".pt") {
      print(try prettyJSON(try Network.metadata(contentsOf: file)))
    } else if CorsikaLayout.mayBegin(with: start) {
      let summary = try CorsikaSummary(path: file) { try Interruption.check() }
      print(summary.description)
      if let failure = summary.failure { throw failure }
    } else {
      print(try EventFileReader(path: file).summary().description)
    }
  }

  /// The first bytes of the file; none where it cannot be read.
  private var start: [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: file) else { return [] }
    defer { try? handle.close() }
    return (try? handle.read(upToCount: 16)).map { [UInt8]($0) } ?? []
  }
}
