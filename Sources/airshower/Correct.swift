import ArgumentParser
import Foundation
import Logging
import ResidualNetwork
import ShowerModel
import ShowerStore

struct Correct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add what networks predict to the standard reconstruction.",
    discussion: """
      Writes reconstructions beside the standard one, row for row, with their uncertainties: one for each \
      network, and as a control the polynomial calibration that needs no network.

        airshower correct reco.h5 --network tables/networks/reference.pt --output corrected.h5
        airshower correct reco.h5 --network grid.pt --network scalars.pt --output corrected.h5

      An ensemble is networks trained with other seeds (train --seed 1, 2, 3), written with commas. Its \
      correction is their mean; what they disagree about enters the uncertainty:

        airshower correct reco.h5 --network a.pt,b.pt,c.pt --name ensemble --output corrected.h5

      An event unlike those that a network learned from keeps its standard value; the column fallback says so.
      """)

  @Argument(help: "Reconstructed event file.")
  var input: String

  @Option(
    help: """
      Network: a file from airshower train, or a name in tables/networks (default: reference). Several with \
      commas are an ensemble. Repeatable.
      """)
  var network: [String] = []

  @Option(
    help:
      """
      Name of the new reconstruction in the file (default: that of the network's file without its ending, if it is \
      one): \(MethodName.rule). As often as --network.
      """
  )
  var name: [String] = []

  @Option(
    help: """
      add: standard plus predicted residual. calibrated: each component shrunk by what the validation split \
      says the prediction is worth, to nothing for a network that learnt nothing.
      """)
  var combine = CombineChoice.calibrated

  @Flag(
    help:
      "Average over the eight symmetries of the grid: better by a little, at eight times the cost.")
  var symmetries = false

  @Flag(
    inversion: .prefixedNo,
    help: "Keep the standard value of events that a network does not know from its training.")
  var fallback = true

  @Flag(inversion: .prefixedNo, help: "Write the control polynomial too.")
  var controls = true

  @OptionGroup var networks: NetworkOptions
  @OptionGroup(title: "Computing") var computing: ComputingOptions

  @Option(help: "Correct the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Sharing the work") var sharding: ShardOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  enum CombineChoice: String, ExpressibleByArgument, CaseIterable {
    case add, calibrated

    var combination: NetworkEnsemble.Combination { self == .add ? .add : .calibrated }
  }

  func validate() throws { try checkMethodNames(name, option: "--name") }

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("correct")
    var record = ProvenanceRecord("correct")
    let reader = try EventFileReader(path: input)
    try reader.needStandardReconstruction()
    let methods = try methods(reader, &record, log)
    let bases = Set(methods.map(\.base)).sorted()
    for base in bases { try reader.needFit(base) }
    record.read(input)
    // After the networks, whose reading starts threads: with memory of their own they wait less for each other.
    NetworkEngine.prepareThreads()
    let share = try sharding.rows(
      of: reader, limit: maxEvents, blocks: Network.batchSize)
    let workers = Workers(running.threads)
    let writer = try EventFileWriter(
      copying: reader, to: output.output, rows: share, omitting: Set(methods.map(\.name)),
      resultsOnly: sharding.resultsOnly, purpose: sharding.purpose, overwrite: output.overwrite,
      compressing: workers.submit)
    let promptEnd = PromptEnd(removing: output.output + ".part")

    var progress = Progress("corrected", total: writer.eventCount, isQuiet: running.quiet)
    var counts = [CorrectionCount](repeating: CorrectionCount(), count: methods.count)
    let array = reader.array
    var results = Pipeline(
      reader.chunks(of: Network.batchSize, in: share), on: workers
    ) { rows in
      try bases.map { try reader.storedReconstructedEvents(rows, base: $0) }
    } makeState: {
      methods.map { $0.makeWorkspace(array: array) }
    } compute: { workspaces, stored in
      let events = try Dictionary(
        uniqueKeysWithValues: zip(bases, stored.map { try $0.decoded() }))
      return try zip(methods, workspaces).map { try $0.correct(events[$0.base] ?? [], in: $1) }
    }
    while let (made, rows) = try results.next() {
      for (index, method) in methods.enumerated() {
        try writer.append(
          made[index], as: method.identity, networkDescription: method.description,
          method: method.sentence)
        counts[index].count(made[index])
      }
      progress.update(rows.upperBound - share.lowerBound)
    }
    promptEnd.isOver()
    try writer.finish(
      adding: record.step(
        settings(methods).merging(sharding.record(share)) { $1 }, learned: learned(methods)))
    log.warnOfLeftOut(writer.leftOut, from: input, in: output.output)
    for (method, count) in zip(methods, counts) {
      log.info("\(method.name): \(count.line(of: writer.eventCount))")
    }
    log.info("\(output.output): \(duration(progress.elapsed))")
  }

  /// Name of the reconstruction of the control.
  static let controlName = "polynomial"

  // MARK: - Methods

  private func methods(
    _ reader: EventFileReader, _ record: inout ProvenanceRecord, _ log: Logger
  ) throws -> [CorrectionMethod] {
    let tables = try TableFolder(option: running.tables)
    let process = (sharding.shard?.number ?? 1) - 1
    let computing = try computing.computing(process: process)
    let groups = (network.isEmpty ? ["reference"] : network).map {
      $0.split(separator: ",").map(String.init)
    }
    guard name.isEmpty || name.count == groups.count else {
      throw ValidationError(
        "--name: give one for each --network, \(groups.count) in all, or none")
    }
    var methods: [CorrectionMethod] = []
    var control: CorrectionMethod?
    for (index, group) in groups.enumerated() {
      var members: [(network: Network, file: URL)] = []
      for name in group {
        members.append(try networks.network(name, for: reader, tables: tables, &record))
        try members.last?.network.use(computing)
      }
      guard let first = members.first else { throw ValidationError("--network: name a network") }
      let ensemble = try NetworkEnsemble(
        members.map(\.network), combining: combine.combination,
        averagingSymmetries: symmetries, keepingUnknown: fallback)
      if !ensemble.isCalibratedTogether {
        log.warning(
          "\(network[index]): the members were not trained with the same events, so the errors of their mean are stated too large"
        )
      }
      let name = name.isEmpty ? first.file.deletingPathExtension().lastPathComponent : name[index]
      guard MethodName.isValid(name) else {
        throw ValidationError(
          "\(group.joined(separator: ",")): the network's file is called \"\(name)\", which is no name of a method (\(MethodName.rule)): "
            + "give it one with --name")
      }
      methods.append(CorrectionMethod(ensemble, name: name, files: members.map(\.file)))
      if control == nil, first.network.base == "standard" {
        control = PolynomialCalibration(of: first.network).map {
          CorrectionMethod($0, file: first.file)
        }
      }
    }
    if controls, let control { methods.append(control) }
    for (index, method) in methods.enumerated()
    where methods[..<index].contains(where: { $0.name == method.name }) {
      throw ValidationError(
        "two reconstructions would be called \(method.name): give each network a --name"
          + (method.name == Self.controlName ? " other than that of the control" : ""))
    }
    return methods
  }

  private func settings(_ methods: [CorrectionMethod]) -> [String: String] {
    [
      "network": (network.isEmpty ? ["reference"] : network).joined(separator: " "),
      "name": methods.map(\.name).joined(separator: " "), "combine": combine.rawValue,
      "symmetries": "\(symmetries)", "fallback": "\(fallback)",
    ]
  }

  /// The simulations that the networks of each method learned from.
  private func learned(_ methods: [CorrectionMethod]) -> [String: [Lineage.Simulation]] {
    var learned: [String: [Lineage.Simulation]] = [:]
    for method in methods {
      guard case .networks(let ensemble) = method.kind else { continue }
      for member in ensemble.members {
        let step = member.metadata.provenance.last { $0.activity == "train" }
        learned[method.identity.name, default: []] +=
          step.map {
            Lineage([$0]).learned.values.flatMap(\.self)
          } ?? []
      }
    }
    return learned
  }
}
