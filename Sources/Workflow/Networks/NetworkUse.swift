import Foundation
import ResidualNetwork
import ShowerModel
import ShowerStore

/// Where networks are computed.
package struct ComputingSettings: Sendable {
  package enum Device: String, Sendable, CaseIterable {
    case cpu, cuda, auto
  }

  package enum Precision: String, Sendable, CaseIterable {
    case float32, bfloat16
  }

  package var device: Device
  package var precision: Precision

  package init(device: Device = .cpu, precision: Precision = .float32) {
    self.device = device
    self.precision = precision
  }

  /// What the settings say; process number k of a machine takes its k-th GPU.
  func computeDevice(process: Int = 0) throws(NetworkError) -> ComputeDevice {
    let device: ComputeDevice.Kind =
      switch device {
      case .cpu: .cpu
      case .cuda: .cuda
      case .auto: .auto
      }
    return try ComputeDevice(
      device, precision == .float32 ? .float32 : .bfloat16, process: process)
  }
}

/// How networks of files are taken.
package struct NetworkUse: Sendable {
  /// Whether a network may have been trained for another array, or other windows.
  package var anyArray: Bool
  /// Whether the events may have been reconstructed or simulated in another way than those that it
  /// learned from.
  package var anyReconstruction: Bool
  /// Longest time for a network's first batch [s].
  package var firstBatch: Double

  package init(
    anyArray: Bool = false, anyReconstruction: Bool = false, firstBatch: Double = 30
  ) {
    self.anyArray = anyArray
    self.anyReconstruction = anyReconstruction
    self.firstBatch = firstBatch
  }

  /// Reads a network of a file or of tables/networks.
  ///
  /// - Throws: `NetworkError.madeForOthers` for one that was not made for such events.
  func network(
    _ name: String, for readers: [EventFileReader], device: ComputeDevice = ComputeDevice(),
    tables: TableFolder,
    _ record: inout ProvenanceRecord
  ) throws -> (network: Network, file: URL) {
    let file = try tables.file(.network, name)
    let limit = FirstBatch(seconds: firstBatch) { Interruption.isPending }
    let network: Network
    do {
      network = try Network(contentsOf: file.path, device: device, firstBatch: limit)
    } catch {
      if error == .cancelled { throw Interrupted() }
      throw error
    }
    record.readHashed(file)
    for reader in readers {
      try reader.requireGrid(for: network.metadata.spec)
      try reader.requireFit(network.base)
      try check(network.metadata, file, for: reader)
    }
    return (network, file)
  }

  /// Refuses a network that learned from other events, unless the user wants it.
  private func check(
    _ network: NetworkMetadata, _ file: URL, for reader: EventFileReader
  ) throws(NetworkError) {
    let array =
      anyArray
      ? [] : network.differences(from: reader.array, windowSamples: reader.sampleCount)
    let making = anyReconstruction ? [] : network.differences(from: reader.provenance)
    guard !array.isEmpty || !making.isEmpty else { return }
    let remedies =
      (making.isEmpty ? [] : ["make the events again as it expects them"])
      + ["train one on such events"]
      + (array.isEmpty ? [] : ["give --any-array"])
      + (making.isEmpty ? [] : ["give --any-reconstruction"])
    throw NetworkError.madeForOthers(
      path: file.path, differences: array + making + [remedies.joined(separator: ", or ")])
  }
}
