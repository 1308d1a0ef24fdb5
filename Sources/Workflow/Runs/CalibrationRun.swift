import Foundation
import Logging
import Performance
import ResidualNetwork
import ShowerModel
import ShowerStore

/// Fits slopes and errors of a network again, to simulated events.
package struct CalibrationRun: Sendable {
  package var inputs: [String]
  package var output: OutputFile
  /// Name or file.
  package var network = "reference"
  package var cuts = TableFolder.defaultSelection
  package var eventLimit: Int?
  package var use = NetworkUse()
  package var computing = ComputingSettings()

  package init(_ inputs: [String], output: OutputFile) {
    self.inputs = inputs
    self.output = output
  }

  package func run(in context: RunContext) throws {
    try context.checkLimits("calibrate")
    let log = context.logger("calibrate")
    var record = ProvenanceRecord("calibrate")
    try output.check()
    let readers = try open(log)
    let tables = try context.tableFolder()
    let (qualityCuts, cutsFile) = try tables.selection(cuts)
    record.readHashed(cutsFile)
    let (network, file) = try use.network(
      network, for: readers, device: try computing.computeDevice(), tables: tables, &record)
    inputs.forEach { record.read($0) }
    NetworkEngine.prepareThreads()
    var calibration = NetworkCalibration(network)
    do {
      try fill(&calibration, network, readers, qualityCuts, context)
    } catch let error as NetworkError {
      throw error.blaming([file.path])
    }
    guard calibration.count >= NetworkCalibration.fewestEvents else {
      throw InputError(
        description: "\(inputs.joined(separator: ", ")): \(calibration.count) events can be used, "
          + "\(NetworkCalibration.fewestEvents) are needed. Simulate more")
    }
    let (calibrated, changes) = try calibration.calibrated()
    let step = record.step(
      ["network": self.network, "cuts": qualityCuts.json, "events": "\(calibration.count)"],
      learned: [network.metadata.spec.name: Lineage(readers.flatMap(\.provenance)).simulations])
    try calibrated.with(provenance: network.metadata.provenance + [step]).write(to: output.path)
    for change in changes { log.info("\(line(change))") }
    log.info("\(output.path): fitted to \(calibration.count) events")
  }

  private func open(_ log: Logger) throws -> [EventFileReader] {
    let readers = try inputs.map { path in
      let reader = try EventFileReader(path: path)
      try reader.requireTruth(" to calibrate with. Use simulated events")
      try reader.array.detector.requireSupported(reader.path)
      try reader.checkEvents(log)
      return reader
    }
    for reader in readers.dropFirst() { try reader.requireStations(of: readers[0]) }
    return readers
  }

  /// The events that pass the cuts, but for those kept for tests and those that the network learned
  /// from.
  private func fill(
    _ calibration: inout NetworkCalibration, _ network: Network, _ readers: [EventFileReader],
    _ cuts: QualityCuts, _ context: RunContext
  ) throws {
    let total = readers.reduce(0) { $0 + min($1.eventCount, eventLimit ?? .max) }
    var progress = Progress("computed", total: total, isQuiet: context.isQuiet)
    let workers = Workers(context.threads)
    let base = network.base
    // What the threads capture must not hold the events of earlier files.
    let empty = NetworkCalibration(network)
    var done = 0
    for reader in readers {
      let splits = splits(of: reader, for: network)
      let array = reader.array
      let parts = reader.chunks(of: Network.batchSize, limit: eventLimit)
      var results = Pipeline(parts, on: workers) {
        try reader.storedReconstructedEvents($0, base: base)
      } makeState: {
        network.makeWorkspace(array: array)
      } compute: { workspace, stored in
        let events = try stored.decoded().filter {
          splits.contains(Split.of(showerID: $0.event.showerID))
            && cuts.verdict($0.standard) == .passed
        }
        return try empty.part(of: events, in: workspace)
      }
      while let (part, rows) = try results.next() {
        calibration.append(part)
        done += rows.count
        progress.update(done)
      }
    }
  }

  /// Where the network learned from the same simulation, only its validation split is new to it.
  private func splits(of reader: EventFileReader, for network: Network) -> Set<Split> {
    let own = Set(Lineage(reader.provenance).simulations)
    return own.isDisjoint(with: network.metadata.learnedSimulations)
      ? [.training, .validation] : [.validation]
  }

  private func line(_ change: NetworkCalibration.Change) -> String {
    String(
      format: "%@: explained variance %.3f, was %.3f; within the error %.1f %%, was %.1f %%",
      change.target, change.explainedVariance.after, change.explainedVariance.before,
      100 * change.coverage.after, 100 * change.coverage.before)
  }
}
