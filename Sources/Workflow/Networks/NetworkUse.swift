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
  /// Longest time for a network's first batch [s].
  package var firstBatch: Double

  package init(anyArray: Bool = false, firstBatch: Double = 30) {
    self.anyArray = anyArray
    self.firstBatch = firstBatch
  }

  /// Reads a network of a file or of tables/networks.
  ///
  /// - Throws: `NetworkError.madeForOthers` for one that was not made for such events.
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
    try reader.requireGrid(for: network.metadata.spec)
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
