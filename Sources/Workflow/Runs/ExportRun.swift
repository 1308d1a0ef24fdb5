import Foundation
import Logging
import ResidualNetwork
import ShowerModel
import ShowerStore

/// Writes what goes into a network and what comes out, for Python.
package struct ExportRun: Sendable {
  package var input: String
  package var output: OutputFile
  package var network = "reference"
  package var use = NetworkUse()
  package var eventLimit: Int?
  package var choice = EventChoice()

  package init(_ input: String, output: OutputFile) {
    self.input = input
    self.output = output
  }

  package func run(in context: RunContext) throws {
    try context.checkLimits("export")
    let log = context.logger("export")
    try output.check()
    var record = ProvenanceRecord("export")
    let reader = try EventFileReader(path: input)
    try reader.requireStandardReconstruction()
    let (network, _) = try use.network(
      network, for: [reader], tables: context.tableFolder(), &record)
    let selection = try EventSelection(choice, of: reader)
    var events: [ReconstructedEvent] = []
    for rows in reader.chunks(of: 2048, limit: eventLimit) {
      try Interruption.check()
      let matches = try selection.matches(rows, of: reader)
      events += zip(try reader.reconstructedEvents(rows, base: network.base), matches)
        .filter(\.1).map(\.0)
    }
    let tensors = try NetworkTensors(of: events, for: network, array: reader.array)
    try TensorFile.write(
      stored(tensors), attributes: [("spec.json", try network.metadata.json())],
      to: output.path, overwrite: output.overwrites)
    log.info("\(output.path): \(tensors.eventIDs.count) of \(events.count) events")
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
