import ArgumentParser
import Foundation
import ResidualNetwork
import ShowerModel
import ShowerStore

/// Which networks, and whether they fit the events.
struct NetworkOptions: ParsableArguments {
  @Flag(
    help: """
      Use a network trained for another array, or for windows of another length: what it then makes of the \
      events, nobody has tested.
      """)
  var anyArray = false

  @Option(
    help: "Longest time [s] for a network's first batch, two empty events; milliseconds are usual.")
  var firstBatch = 30.0

  /// Reads a network of a file or of tables/networks, and refuses one that was not made for such events.
  func network(
    _ name: String, for reader: EventFileReader, device: ComputeDevice = ComputeDevice(),
    tables: TableFolder,
    _ record: inout ProvenanceRecord
  ) throws -> (network: Network, file: URL) {
    let file = try tables.file("networks", name, suffix: ".pt")
    let limit = FirstBatch(seconds: firstBatch) { Interruption.isPending }
    let network: Network
    do {
      network = try Network(contentsOf: file.path, device: device, firstBatch: limit)
    } catch {
      if error == .cancelled { throw Interrupted() }
      throw error
    }
    record.readHashed(file)
    let differences = network.metadata.differences(
      from: reader.array, windowSamples: reader.sampleCount)
    guard differences.isEmpty || anyArray else {
      throw NetworkError.madeForOthers(
        path: file.path,
        differences: differences + ["train one on such events, or give --any-array"])
    }
    return (network, file)
  }
}
