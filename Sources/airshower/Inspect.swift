import ArgumentParser
import Foundation
import ResidualNetwork
import ShowerModel
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
      print(EscapedText.terminal(page: summary.description, with: [file]))
      if let failure = summary.failure { throw failure }
    } else {
      let summary = try EventFileReader(path: file).summary()
      print(EscapedText.terminal(page: summary.description, with: summary.strings))
    }
  }

  /// The first bytes of the file; none where it cannot be read.
  private var start: [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: file) else { return [] }
    defer { try? handle.close() }
    return (try? handle.read(upToCount: 16)).map { [UInt8]($0) } ?? []
  }
}

extension FileSummary {
  /// All strings of the file that its description quotes.
  fileprivate var strings: [String] {
    let steps = provenance.flatMap { step in
      [step.activity, step.version, step.finished, step.host] + step.commandLine
    }
    let datasets = groups.flatMap(\.datasets).flatMap { dataset in
      dataset.path.split(separator: "/").map(String.init) + [dataset.unit, dataset.description]
    }
    return [path, formatVersion, arrayName] + reconstructionNames + groups.map(\.path) + steps
      + datasets
  }
}
