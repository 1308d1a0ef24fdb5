import ArgumentParser
import Foundation
import Logging
import ShowerModel
import ShowerStore

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put the files of all shards together, as one run would have written them.",
    discussion: """
      simulate, reconstruct and correct do a part of their work with --shard i/n, as the jobs of a batch \
      system (Documentation/cluster). The merged file has the events, results and order of a run without \
      --shard; only the provenance tells them apart. What does not belong together is refused: another \
      array, seed, version, setting, table or network, a shard that is missing or there twice.

        airshower simulate --events 20000 --shard 1/2 --output part1.h5
        airshower simulate --events 20000 --shard 2/2 --output part2.h5
        airshower merge part1.h5 part2.h5 --output events.h5

      Parts of reconstruct and correct with --results-only are small, and are put beside the events again:

        airshower reconstruct events.h5 --shard 1/2 --results-only --output part1.h5
        airshower reconstruct events.h5 --shard 2/2 --results-only --output part2.h5
        airshower merge part1.h5 part2.h5 --results-of events.h5 --output reco.h5

      The steps of a chain can be made of each shard, and the last files merged.
      """)

  @Argument(help: "Event files of all shards, in any order.")
  var inputs: [String]

  @Option(help: "Event file that was worked on, for parts made with --results-only.")
  var resultsOf: String?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    try Merge.join(
      inputs, resultsOf: resultsOf, to: output.output, overwrite: output.overwrite,
      threads: running.threads, running)
  }

  /// Makes one file of the shards of one whole.
  static func join(
    _ inputs: [String], resultsOf source: String?, to path: String, overwrite: Bool,
    threads: Int, _ running: RunOptions
  ) throws {
    let log = running.logger("merge")
    var record = ProvenanceRecord("merge")
    try checkOutput(path, overwrite: overwrite)
    let set = try ShardSet(inputs, resultsOnly: source != nil)
    set.files.forEach { record.read($0.path) }
    let workers = Workers(threads)
    var progress = Progress("merged", total: set.eventCount, isQuiet: running.quiet)
    let count: Int
    if let source {
      count = try set.appendResults(
        of: source, to: path, overwrite: overwrite, workers, record, &progress, log)
    } else {
      count = try set.appendEvents(to: path, overwrite: overwrite, workers, record, &progress)
    }
    if set.activity == "reconstruct", !running.quiet, let table = try cutTable(path) {
      print(table)
    }
    log.info(
      "\(path): \(count) events of \(set.files.count) shards, \(duration(progress.elapsed))")
  }

  /// The events that each cut costs, as `reconstruct` prints it.
  private static func cutTable(_ path: String) throws -> String? {
    let reader = try EventFileReader(path: path)
    guard let text = try reader.selection() else { return nil }
    let cuts = try QualityCuts(parsing: text, file: path)
    var flow = EventFlow(cuts: cuts)
    for rows in reader.chunks(of: 8192) {
      for result in try reader.standardResults(rows)
      where !flow.countIfLost(result, result.verdict) {
        flow.countKept()
      }
    }
    return "Selection \(EscapedText.terminal(cuts.name))\n\(flow.cutTable)"
  }
}

extension ShardSet {
  /// A new file of the events of all shards with their results; returns their number.
  fileprivate func appendEvents(
    to path: String, overwrite: Bool, _ workers: Workers, _ record: ProvenanceRecord,
    _ progress: inout Progress
  ) throws -> Int {
    let writer = try EventFileWriter(
      like: EventFileReader(path: files[0].path), to: path, overwrite: overwrite,
      compressing: workers.submit)
    let lastThrow = try forEachRun { reader, rows in
      try Interruption.check()
      try writer.append(rows, of: reader)
      progress.update(writer.eventCount)
    }
    try writer.finish(adding: provenance(lastThrow: lastThrow) + [mergeStep(record)])
    return writer.eventCount
  }

  /// A copy of the file that was worked on, with the results of all shards; returns the number of events.
  fileprivate func appendResults(
    of source: String, to path: String, overwrite: Bool, _ workers: Workers,
    _ record: ProvenanceRecord, _ progress: inout Progress, _ log: Logger
  ) throws -> Int {
    let steps = provenance(lastThrow: nil)
    let reader = try EventFileReader(path: source)
    let first = try EventFileReader(path: files[0].path)
    guard reader.provenance == steps.dropLast(), reader.array == first.array,
      eventCount <= reader.eventCount
    else {
      throw MergeError("\(source): is not the file that \(files[0].path) holds results of")
    }
    let writer = try EventFileWriter(
      copying: reader, to: path, rows: 0..<eventCount,
      omitting: Set(try first.omittedResults() ?? []),
      energyScale: first.hasStandard ? first.energyScale : nil, overwrite: overwrite,
      compressing: workers.submit)
    var done = 0
    _ = try forEachRun { part, rows in
      try Interruption.check()
      try writer.append(resultsOf: part, rows)
      done += rows.count
      progress.update(done)
    }
    try writer.finish(adding: steps.suffix(1) + [mergeStep(record)])
    log.warnOfLeftOut(writer.leftOut, from: source, in: path)
    return writer.eventCount
  }

  private func mergeStep(_ record: ProvenanceRecord) -> ProvenanceStep {
    record.step(["shards": "\(files.count)", "divided": activity])
  }

  /// Rows of the files in the order of one run.
  ///
  /// - Returns: the number of the throw that made the last event, where throws have an order.
  /// - Throws: `MergeError` where the shards have fewer events than were asked for.
  func forEachRun(_ use: (EventFileReader, Range<Int>) throws -> Void) throws -> Int? {
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
          "the shards have \(made) events of the first \(covered) showers, \(eventLimit ?? 0) were asked for: simulate with --thrown instead of --events"
        )
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
