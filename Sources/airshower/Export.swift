import ArgumentParser
import Foundation
import Logging
import ResidualNetwork
import ShowerModel
import ShowerStore

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write what goes into a network and what comes out, for Python.",
    discussion: """
      An HDF5 file with the arguments of forward by name (traces, stations, station_cells, cells, events), the \
      outputs, the standardised targets where the events are simulated, and the network's spec.json as \
      attribute. Documentation/networks.md shows how to train a network in Python with it, and how to bring it \
      back.

        airshower export reco.h5 --network reference --max-events 10 --output inputs.h5
      """)

  @Argument(help: "Reconstructed event file.")
  var input: String

  @Option(help: "Network: a file from airshower train, or a name in tables/networks.")
  var network = "reference"

  @Option(help: "Export the first events only; some 12 kB of memory an event.")
  var maxEvents: Int?

  @OptionGroup var networks: NetworkOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("export")
    try checkOutput(output.output, overwrite: output.overwrite)
    var record = ProvenanceRecord("export")
    let reader = try EventFileReader(path: input)
    try reader.needStandardReconstruction()
    let (network, _) = try networks.network(
      network, for: reader, tables: try TableFolder(option: running.tables), &record)
    var events: [ReconstructedEvent] = []
    for rows in reader.chunks(of: 2048, limit: maxEvents) {
      try Interruption.check()
      events += try reader.reconstructedEvents(rows, base: network.base)
    }
    let promptEnd = PromptEnd()
    let tensors = try NetworkTensors(of: events, for: network, array: reader.array)
    promptEnd.isOver()
    try TensorFile.write(
      stored(tensors), attributes: [("spec.json", try network.metadata.json())],
      to: output.output, overwrite: output.overwrite)
    log.info("\(output.output): \(tensors.eventIDs.count) of \(events.count) events")
  }

  private func stored(_ tensors: NetworkTensors) -> [TensorFile.Tensor] {
    let numbers = [
      ("event_id", "number of the event", tensors.eventIDs),
      ("shower_id", "number of the shower that made it", tensors.showerIDs),
      ("split", "0 training, 1 validation, 2 test", tensors.splits),
    ].map { name, description, values in
      TensorFile.Tensor(name, description, shape: [values.count], .integers(values))
    }
    return (tensors.inputs + [tensors.outputs, tensors.targets]).map { tensor in
      TensorFile.Tensor(
        tensor.name, tensor.description, shape: tensor.shape,
        tensor.integers.isEmpty ? .floats(tensor.floats) : .integers(tensor.integers))
    } + numbers
  }
}
