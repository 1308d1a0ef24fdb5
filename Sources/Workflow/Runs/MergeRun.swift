import Foundation
import Logging
import ShowerModel
import ShowerStore

/// Puts the files of all shards together, as one run would have written them.
package struct MergeRun {
  /// Files of all shards, in any order.
  package var inputs: [String]
  /// The file that was worked on, for parts that hold results without events.
  package var source: String?
  package var output: OutputFile
  /// Whether the files may come from different builds of the program.
  package var allowsDifferentBuilds = false

  package init(_ inputs: [String], resultsOf source: String?, output: OutputFile) {
    self.inputs = inputs
    self.source = source
    self.output = output
  }

  package func run(in context: RunContext) throws {
    try context.checkLimits("merge")
    let log = context.logger("merge")
    var record = ProvenanceRecord("merge")
    try output.check()
    let set = try ShardSet(
      inputs, resultsOnly: source != nil, allowing: allowsDifferentBuilds)
    set.files.forEach { record.read($0.path) }
    let workers = Workers(context.threads)
    var progress = Progress("merged", total: set.eventCount, isQuiet: context.isQuiet)
    let count =
      if let source {
        try appendResults(of: set, to: source, workers, record, &progress, log)
      } else {
        try appendEvents(of: set, workers, record, &progress)
      }
    if set.activity == "reconstruct", !context.isQuiet, let table = try cutTable() {
      print(table)
    }
    log.info(
      """
      \(output.path): \(count) events of \(set.files.count) shards, \
      \(duration(progress.elapsed))
      """)
  }

  /// A new file of the events of all shards with their results; returns their number.
  private func appendEvents(
    of set: ShardSet, _ workers: Workers, _ record: ProvenanceRecord, _ progress: inout Progress
  ) throws -> Int {
    let writer = try EventFileWriter(
      like: EventFileReader(path: set.files[0].path), to: output.path,
      overwrite: output.overwrites, compressing: workers.submit)
    let lastThrow = try set.forEachRun { reader, rows in
      try Interruption.check()
      try writer.append(rows, of: reader)
      progress.update(writer.eventCount)
    }
    try writer.finish(adding: set.provenance(lastThrow: lastThrow) + [step(set, record)])
    return writer.eventCount
  }

  /// A copy of the file that was worked on, with the results of all shards.
  ///
  /// - Returns: the number of events.
  private func appendResults(
    of set: ShardSet, to source: String, _ workers: Workers, _ record: ProvenanceRecord,
    _ progress: inout Progress, _ log: Logger
  ) throws -> Int {
    let steps = set.provenance(lastThrow: nil)
    let reader = try EventFileReader(path: source)
    let first = try EventFileReader(path: set.files[0].path)
    guard reader.provenance == steps.dropLast(), reader.array == first.array,
      set.eventCount <= reader.eventCount
    else {
      throw MergeError("\(source): is not the file that \(first.path) holds results of")
    }
    let writer = try EventFileWriter(
      copying: reader, to: output.path, rows: 0..<set.eventCount,
      omitting: Set(try first.omittedResults() ?? []),
      energyScale: first.hasStandard ? first.energyScale : nil, overwrite: output.overwrites,
      compressing: workers.submit)
    var done = 0
    _ = try set.forEachRun { part, rows in
      try Interruption.check()
      try writer.append(resultsOf: part, rows)
      done += rows.count
      progress.update(done)
    }
    try writer.finish(adding: steps.suffix(1) + [step(set, record)])
    log.warnOfLeftOut(writer.leftOut, from: source, in: output.path)
    return writer.eventCount
  }

  private func step(_ set: ShardSet, _ record: ProvenanceRecord) -> ProvenanceStep {
    record.step(["shards": "\(set.files.count)", "divided": set.activity])
  }

  /// The events that each cut costs, as `reconstruct` prints it.
  private func cutTable() throws -> String? {
    let reader = try EventFileReader(path: output.path)
    guard let text = try reader.selection() else { return nil }
    let cuts = try QualityCuts(parsing: text, file: output.path)
    var flow = EventFlow(cuts: cuts)
    for rows in reader.chunks(of: 8192) {
      for result in try reader.standardResults(rows) { flow.count(result) }
    }
    return flow.selectionTable(cuts)
  }
}

extension ShardSet {
  /// Rows of the files in the order of one run.
  ///
  /// - Returns: the number of the throw that made the last event, where throws have an order.
  /// - Throws: `MergeError` where the shards have fewer events than were asked for.
  fileprivate func forEachRun(
    _ use: (EventFileReader, Range<Int>) throws -> Void
  ) throws -> Int? {
    switch order {
    case .consecutive:
      for file in files {
        let reader = try EventFileReader(path: file.path)
        for rows in reader.chunks(of: 512, in: 0..<reader.eventCount) { try use(reader, rows) }
      }
      return nil
    case .byThrow(let covered):
      allowManyFiles()
      let readers = try files.map { try EventFileReader(path: $0.path) }
      // So that results of no events are stored too.
      try use(readers[0], 0..<0)
      var runs = try MergeOrder(readers, covered: covered, limit: eventLimit)
      var last: Int?
      var made = 0
      while let (file, rows) = try runs.next() {
        try use(readers[file], rows)
        last = try readers[file].eventIDs(rows.upperBound - 1..<rows.upperBound).first
        made += rows.count
      }
      guard made >= eventLimit ?? 0 else {
        throw MergeError(
          "the shards have \(made) events of the first \(covered) showers, "
            + "\(eventLimit ?? 0) were asked for: simulate with --thrown instead of --events")
      }
      return last
    }
  }

  /// Lifts the limit of open files to what the system lets a process have.
  private func allowManyFiles() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
