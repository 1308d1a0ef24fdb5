import Foundation
import Logging
import ResidualNetwork
import ShowerModel
import ShowerStore

/// Adds what networks predict to the standard reconstruction of every event of some files.
///
/// Several files become one, as `JoiningRun` makes it.
package struct CorrectionRun: ShareableRun {
  package enum Combination: String, Sendable, CaseIterable {
    case add, calibrated
  }

  package var inputs: [String]
  package var output: OutputFile
  /// Files or names; several with commas are an ensemble. None for the reference network.
  package var networks: [String] = []
  /// A name for each of `networks`, or none.
  package var names: [String] = []
  package var combination = Combination.calibrated
  package var averagesSymmetries = false
  /// Whether events that a network does not know keep their standard value.
  package var keepsUnknown = true
  /// Whether results have a region of the direction.
  package var givesRegions = false
  package var use = NetworkUse()
  package var computing = ComputingSettings()
  package var eventLimit: Int?
  package var share = WorkShare()

  package init(_ inputs: [String], output: OutputFile) {
    self.inputs = inputs
    self.output = output
  }

  package var sharedInput: String? { inputs.count == 1 ? inputs[0] : nil }

  package func sharing(_ share: WorkShare, into output: OutputFile) -> Self {
    var run = self
    run.share = share
    run.output = output
    return run
  }

  package func run(in context: RunContext) throws {
    try context.checkLimits("correct")
    let log = context.logger("correct")
    var record = ProvenanceRecord("correct")
    let (files, methods) = try open(context, &record, log)
    let bases = methods.bases
    let eventCount = files.readers.eventCount(limit: nil)
    let rows = try share.rows(of: eventCount, limit: eventLimit, blocks: Network.batchSize)
    let batches = files.readers.chunks(of: Network.batchSize, in: rows)
    let workers = Workers(context.threads)
    let writer = try makeWriter(files, rows, methods, workers)
    let part = WorkingFile.path(of: output.path)
    NetworkEngine.guardCrashes(
      of: chosenNetworks.joined(separator: " "), memory: memoryLimit(context.threads),
      removing: part)
    defer { NetworkEngine.endGuard() }

    var progress = Progress("corrected", total: rows.count, isQuiet: context.isQuiet)
    var counts = methods.map { _ in CorrectionCount() }
    let array = files.first.array
    var results = Pipeline(batches.indices.map { $0..<$0 + 1 }, on: workers) { batch in
      let (reader, rows, _) = batches[batch.lowerBound]
      return try bases.map { try reader.storedReconstructedEvents(rows, base: $0) }
    } makeState: {
      methods.map { $0.ensemble.makeWorkspace(array: array) }
    } compute: { workspaces, stored in
      try methods.correct(try stored.map { try $0.decoded() }, in: workspaces)
    }
    while let (made, batch) = try results.next() {
      let (reader, rows, done) = batches[batch.lowerBound]
      if files.areSeveral {
        try writer.append(
          rows, of: reader, omitting: methods.names, numberedFrom: writer.eventCount)
      }
      for (index, method) in methods.enumerated() {
        try method.append(made[index], to: writer)
        counts[index].count(made[index])
      }
      progress.update(done)
    }
    try writer.finish(
      adding: (files.areSeveral ? files.provenance : []) + [
        record.step(
          settings(methods).merging(share.record(rows)) { $1 }, learned: learned(methods))
      ])
    log.warnOfLeftOut(writer.leftOut, from: files.first.path, in: output.path)
    for (method, count) in zip(methods, counts) {
      log.info("\(method.name): \(count.line(of: writer.eventCount))")
    }
    log.info("\(output.path): \(duration(progress.elapsed))")
  }

  /// Memory that the networks may take [bytes]; 0 for any on a GPU, whose drivers reserve a lot.
  private func memoryLimit(_ threads: Int) -> UInt64 {
    computing.device == .cpu ? UInt64(4 + threads) << 30 : 0
  }

  // MARK: - Preparation

  private func open(
    _ context: RunContext, _ record: inout ProvenanceRecord, _ log: Logger
  ) throws -> (JoinedFiles, [CorrectionMethod]) {
    guard inputs.count == 1 || share.shard == nil else {
      throw WrongUse(
        "--shard and mpirun are for one file: join several by airshower merge --independent")
    }
    let files = try JoinedFiles(inputs)
    for reader in files.readers {
      try reader.requireStandardReconstruction()
      try reader.array.detector.requireSupported(reader.path)
      try reader.checkEvents(log)
    }
    let methods = try methods(files.readers, context.tableFolder(), &record, log)
    inputs.forEach { record.read($0) }
    // After the networks, whose reading starts threads: with memory of their own they wait less for
    // each other.
    NetworkEngine.prepareThreads()
    return (files, methods)
  }

  private func makeWriter(
    _ files: JoinedFiles, _ rows: Range<Int>, _ methods: [CorrectionMethod],
    _ workers: Workers
  ) throws -> EventFileWriter {
    if files.areSeveral {
      return try EventFileWriter(
        like: files.first, to: output.path, overwrite: output.overwrites,
        compressing: workers.submit)
    }
    return try EventFileWriter(
      copying: files.first, to: output.path, rows: rows, omitting: methods.names,
      resultsOnly: share.resultsOnly, purpose: share.purpose, overwrite: output.overwrites,
      compressing: workers.submit)
  }

  private var chosenNetworks: [String] { networks.isEmpty ? ["reference"] : networks }

  /// The methods that the user asked for.
  private func methods(
    _ readers: [EventFileReader], _ tables: TableFolder, _ record: inout ProvenanceRecord,
    _ log: Logger
  ) throws -> [CorrectionMethod] {
    let device = try computing.computeDevice(process: (share.shard?.number ?? 1) - 1)
    let groups = chosenNetworks.map { $0.split(separator: ",").map(String.init) }
    guard names.isEmpty || names.count == groups.count else {
      throw WrongUse("--name: give one for each --network, \(groups.count) in all, or none")
    }
    var methods: [CorrectionMethod] = []
    for (index, group) in groups.enumerated() {
      var members: [(network: Network, file: URL)] = []
      for name in group {
        members.append(
          try use.network(name, for: readers, device: device, tables: tables, &record))
      }
      guard let first = members.first else { throw WrongUse("--network: name a network") }
      let ensemble = try NetworkEnsemble(
        members.map(\.network), combining: combination == .add ? .add : .calibrated,
        averagingSymmetries: averagesSymmetries, keepingUnknown: keepsUnknown,
        givingRegions: givesRegions)
      if !ensemble.isCalibratedTogether {
        log.warning(
          """
          \(chosenNetworks[index]): the members were not trained with the same events, \
          so the errors of their mean are stated too large
          """)
      }
      let name = names.isEmpty ? first.file.deletingPathExtension().lastPathComponent : names[index]
      guard MethodName.isValid(name) else {
        throw WrongUse(
          "\(group.joined(separator: ",")): the network's file is called \"\(name)\", "
            + "which is not a name of a method (\(MethodName.rule)). Give a name with --name")
      }
      methods.append(CorrectionMethod(ensemble, name: name, files: members.map(\.file)))
    }
    try checkDistinct(methods)
    return methods
  }

  /// Methods that are no networks, whose names mean something to `compare`.
  private static let takenNames = Set(
    [MethodIdentity.standard, .published, .tuned, .polynomial].map(\.name))

  private func checkDistinct(_ methods: [CorrectionMethod]) throws(WrongUse) {
    for (index, method) in methods.enumerated() {
      guard !Self.takenNames.contains(method.name) else {
        throw WrongUse(
          "a network cannot be called \(method.name), which is the name of another method: "
            + "give it one with --name")
      }
      guard !methods[..<index].contains(where: { $0.name == method.name }) else {
        throw WrongUse(
          "two reconstructions would be called \(method.name): give each network a --name")
      }
    }
  }

  // MARK: - Results

  /// What the provenance says of the run.
  private func settings(_ methods: [CorrectionMethod]) -> [String: String] {
    [
      "network": chosenNetworks.joined(separator: " "),
      "name": methods.map(\.name).joined(separator: " "), "combine": combination.rawValue,
      "symmetries": "\(averagesSymmetries)", "fallback": "\(keepsUnknown)",
      "regions": "\(givesRegions)",
    ].merging(inputs.count > 1 ? ["independent": "\(inputs.count)"] : [:]) { $1 }
  }

  /// The simulations that the networks of each method learned from.
  private func learned(_ methods: [CorrectionMethod]) -> [String: [Lineage.Simulation]] {
    Dictionary(
      methods.map { ($0.name, $0.trainingSimulations) }, uniquingKeysWith: { first, _ in first })
  }
}
