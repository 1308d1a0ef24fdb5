import ArgumentParser
import Foundation
import ResidualNetwork
import ShowerStore

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What is in a file, who made it, from what.",
    discussion: """
      Event files: every column with its unit and meaning, and the history. Networks: inputs, \
      targets, training and history.

        airshower inspect events.h5
        airshower inspect tables/networks/reference.pt
      """)

  @Argument(help: "Event file or network.")
  var file: String

  mutating func run() throws {
    if file.hasSuffix(".pt") {
      print(try prettyJSON(try Network(contentsOf: file).metadata))
    } else {
      print(try EventFileReader(path: file).summary().description)
    }
  }
}
