import Foundation
import ShowerModel
import ShowerStore

@testable import Workflow

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "workflow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes a file, with the folders above it.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}

/// Steps of a history with fixed host and times.
enum Steps {
  static func step(
    _ activity: String, _ settings: [String: String] = [:], seed: UInt64? = nil,
    version: String = "0.1.0", inputs: [ProvenanceStep.Input] = [], host: String = "one",
    started: String = "2026-01-01T00:00:00Z", finished: String = "2026-01-01T00:00:01Z"
  ) -> ProvenanceStep {
    ProvenanceStep(
      activity: activity, version: version, commandLine: ["airshower", activity],
      settings: settings, inputs: inputs, seed: seed, host: host, started: started,
      finished: finished)
  }

  /// Part of a simulation of 10 events.
  static func simulation(_ shard: String, made: Int, covered: Int, seed: UInt64 = 1)
    -> ProvenanceStep
  {
    step(
      "simulate",
      [
        "events": "10", ShardKey.shard: shard, ShardKey.events: "\(made)",
        ShardKey.covered: "\(covered)",
      ], seed: seed)
  }
}

/// Small event files.
enum Files {
  static let array = DetectorArray.idealGrid(columns: 2, rows: 2, spacing: 1200)

  /// Writes events without hits, by their numbers.
  static func write(_ numbers: [Int], _ step: ProvenanceStep, to path: String) throws {
    let writer = try EventFileWriter(
      path: path, array: array, sampleCount: 8, simulated: false, overwrite: false)
    try writer.append(numbers.map { Event(id: $0, showerID: $0, hits: []) })
    try writer.finish(adding: step)
  }
}
