import ArgumentParser
import Foundation
import ShowerSimulation

/// All rows as they are, for a comparison bit for bit with another reader.
struct Dump: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write headers and rows of a file as float32 of the machine.",
    discussion: """
      The words of RUNH come first. Every event follows: the number of its rows (int64), the rows \
      of 8 words (weight 1 where the file is not thinned), the 273 words of EVTH, those of EVTE.
      """)

  @Argument(help: "CORSIKA particle file.") var file: String
  @Option(name: [.long, .customShort("o")], help: "File to write.") var output: String

  func run() throws {
    let reader = try CorsikaReader(path: file)
    var data = Data()
    func add(_ words: CorsikaWords) {
      for word in 1...273 { withUnsafeBytes(of: words[word]) { data.append(contentsOf: $0) } }
    }
    add(reader.runHeader.words)
    while let event = try reader.nextEvent() {
      var rows: [CorsikaParticle] = []
      while let more = try reader.nextRows() { rows += more }
      withUnsafeBytes(of: Int64(rows.count)) { data.append(contentsOf: $0) }
      for row in rows { withUnsafeBytes(of: row.words) { data.append(contentsOf: $0) } }
      add(event.words)
      if let end = reader.eventEnd { add(end.words) }
    }
    try data.write(to: URL(filePath: output))
  }
}
