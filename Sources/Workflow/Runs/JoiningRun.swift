import Foundation
import Logging
import ShowerModel
import ShowerStore

/// Joins the events of independent runs in one file.
///
/// Events are numbered anew. Numbers of showers stay as they are: they decide which showers a
/// network learns from, and a network of one of the runs must not be judged on those.
package struct JoiningRun {
  package var inputs: [String]
  package var output: OutputFile

  package init(_ inputs: [String], output: OutputFile) {
    self.inputs = inputs
    self.output = output
  }

  package func run(in context: RunContext) throws {
    try context.checkLimits("merge")
    let log = context.logger("merge")
    var record = ProvenanceRecord("merge")
    try output.check()
    let files = try JoinedFiles(inputs)
    inputs.forEach { record.read($0) }
    let workers = Workers(context.threads)
    let writer = try EventFileWriter(
      like: files.first, to: output.path, overwrite: output.overwrites,
      compressing: workers.submit)
    var progress = Progress(
      "joined", total: files.readers.eventCount(limit: nil), isQuiet: context.isQuiet)
    for (_, reader, rows, done) in files.readers.chunks(of: 512, limit: nil) {
      try Interruption.check()
      try writer.append(rows, of: reader, numberedFrom: writer.eventCount)
      progress.update(done)
    }
    let steps =
      files.provenance + [record.step(["independent": "\(inputs.count)"])]
    try writer.finish(adding: steps)
    log.info(
      """
      \(output.path): \(writer.eventCount) events of \(inputs.count) runs, \
      \(duration(progress.elapsed))
      """)
  }
}
