import Foundation
import Logging
import ShowerFormats
import ShowerModel
import ShowerStore

/// Writes events as a DST file for the programs of the Telescope Array.
package struct DSTExportRun: Sendable {
  package var input: String
  package var output: OutputFile
  package var eventLimit: Int?
  package var choice = EventChoice()

  package init(_ input: String, output: OutputFile) {
    self.input = input
    self.output = output
  }

  package func run(in context: RunContext) throws {
    let log = context.logger("export")
    try output.check()
    let packs = output.path.hasSuffix(".gz")
    guard packs || !output.path.hasSuffix(".bz2") else {
      throw WrongUse("\(output.path): call it .dst, or .dst.gz to pack it by gzip")
    }
    let reader = try EventFileReader(path: input)
    let selection = try EventSelection(choice, of: reader)
    var count = 0
    var progress = Progress(
      "exported", total: min(reader.eventCount, eventLimit ?? .max), isQuiet: context.isQuiet)
    try output.write { part in
      let writer = try DSTWriter(
        path: part, name: output.path, packs: packs, array: reader.array,
        sampleCount: reader.sampleCount)
      for rows in reader.chunks(of: 64, limit: eventLimit) {
        try Interruption.check()
        let matches = try selection.matches(rows, of: reader)
        for (event, isChosen) in zip(try reader.events(rows), matches) where isChosen {
          try writer.append(event)
          count += 1
        }
        progress.update(rows.upperBound)
      }
      try writer.finish()
    }
    log.info("\(output.path): \(count) events, \(duration(progress.elapsed))")
  }
}
