import ArgumentParser
import Foundation
import Logging
import ResidualNetwork
import ShowerModel
import ShowerStore

struct Correct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add what a network predicts to the standard reconstruction.",
    discussion: """
      Writes a second reconstruction beside the standard one, row for row, with its uncertainty.

        airshower correct reco.h5 --network tables/networks/reference.pt --output corrected.h5
      """)

  @Argument(help: "Reconstructed event file.")
  var input: String

  @Option(help: "Network: a file from airshower train, or a name in tables/networks.")
  var network = "reference"

  @Option(help: "Name of the new reconstruction in the file (default: the name of the network).")
  var name: String?

  @Option(help: "Correct the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Sharing the work") var sharding: ShardOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("correct")
    var record = ProvenanceRecord("correct")
    let networkFile = try TableFolder(option: running.tables).file(
      "networks", network, suffix: ".pt")
    let network = try Network(contentsOf: networkFile.path)
    record.readHashed(networkFile)
    let reader = try EventFileReader(path: input)
    try reader.needStandardReconstruction()
    record.read(input)
    let method = name ?? network.metadata.spec.name
    NetworkEngine.prepareThreads()
    let share = try sharding.rows(
      of: reader, limit: maxEvents, blocks: Network.batchSize)
    let workers = Workers(running.threads)
    let writer = try EventFileWriter(
      copying: reader, to: output.output, rows: share, omitting: [method],
      resultsOnly: sharding.resultsOnly, overwrite: output.overwrite,
      compressing: workers.submit)

    var progress = Progress("corrected", total: writer.eventCount, isQuiet: running.quiet)
    var corrected = 0
    let array = reader.array
    let networkDescription = description(of: network, networkFile)
    var results = Pipeline(
      reader.chunks(of: Network.batchSize, in: share), on: workers
    ) { rows in
      try reader.storedReconstructedEvents(rows)
    } makeState: {
      network.makeWorkspace(array: array)
    } compute: { workspace, stored in
      try network.correct(stored.decoded(), in: workspace)
    }
    while let (made, rows) = try results.next() {
      try writer.append(made, named: method, networkDescription: networkDescription)
      corrected += made.count { $0.status == .good }
      progress.update(rows.upperBound - share.lowerBound)
    }
    try writer.finish(
      adding: record.step(
        [
          "network": networkFile.path, "name": method,
          Correct.trainingSeedsKey: trainingSeeds(of: network),
        ].merging(sharding.record(share)) { $1 }))
    log.info(
      "\(output.output): \(corrected) of \(writer.eventCount) events corrected as \(method), \(duration(progress.elapsed))"
    )
  }

  /// Under which `compare` finds the simulations that a network learned from.
  static let trainingSeedsKey = "network_simulation_seeds"

  private func trainingSeeds(of network: Network) -> String {
    network.metadata.provenance.last { $0.activity == "train" }?.settings[Train.simulationSeedsKey]
      ?? ""
  }

  private func description(of network: Network, _ file: URL) -> String {
    let metadata = network.metadata
    return
      "\(file.lastPathComponent): \(metadata.spec.name), \(metadata.weightCount) weights, "
      + "\(metadata.counts.training) training events, seed \(metadata.settings.seed)"
  }
}
