import Foundation
import ResidualNetwork
import ShowerModel
import ShowerStore

/// How training can be left and taken up again, and what memory it may use.
package struct CheckpointSettings: Sendable {
  /// File that keeps what training needs to go on, nil for one beside the output.
  package var path: String?
  /// Seconds between checkpoints within an epoch.
  package var interval = 300.0
  package var resumes = false
  /// Memory for images of events [MiB].
  package var memory = 512
  /// Folder of the file of images, nil for that of the output.
  package var scratch: String?

  package init() {}

  func check() throws {
    guard memory >= 0 else { throw WrongUse("--memory needs 0 MiB or more") }
    guard interval >= 0 else { throw WrongUse("--checkpoint-every needs 0 s or more") }
    if let scratch, !FileManager.default.isWritableFile(atPath: scratch) {
      throw OutputError(description: "\(scratch): --scratch needs a folder that can be written")
    }
  }

  private func path(_ output: OutputFile) -> String { path ?? output.path + ".checkpoint" }

  /// Refuses a checkpoint that would be lost.
  func checkFile(_ output: OutputFile) throws(OutputError) {
    let path = path(output)
    guard !resumes, FileManager.default.fileExists(atPath: path) else { return }
    guard output.overwrites else {
      throw OutputError(
        description: "\(path): an earlier run was not finished. "
          + "Continue it with --resume, or start anew with --overwrite")
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  func plan(_ output: OutputFile, identity: [String: String]) -> CheckpointPlan {
    CheckpointPlan(
      path: path(output), interval: interval, resumes: resumes, identity: identity)
  }

  func storageLimits(_ output: OutputFile) -> StorageLimits {
    let file = URL(filePath: output.path)
    let folder = scratch ?? file.deletingLastPathComponent().path
    return StorageLimits(
      memory: memory << 20, scratch: "\(folder)/\(file.lastPathComponent).images")
  }

  /// What tells a file of events from another.
  static func identity(of reader: EventFileReader) -> String {
    let size = (try? FileManager.default.attributesOfItem(atPath: reader.path)[.size]) as? Int
    let name = URL(filePath: reader.path).lastPathComponent
    let made = reader.provenance.last?.finished ?? "at an unknown time"
    return "\(name): \(reader.eventCount) events, \(size ?? 0) bytes, made \(made)"
  }
}
