import ArgumentParser
import Foundation
import ResidualNetwork
import ShowerModel
import ShowerStore

/// How training can be left and taken up again, and what it may use.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "File that keeps what training needs to go on; it goes when training is done (default: OUTPUT.checkpoint).",
      valueName: "file"))
  var checkpoint: String?

  @Option(
    help: ArgumentHelp(
      "Seconds between checkpoints within an epoch; every epoch ends with one.",
      valueName: "seconds"))
  var checkpointEvery = 300.0

  @Flag(
    help: """
      Go on from the checkpoint, or begin where there is none. After kill -9 at any moment the weights are those of an \
      undisturbed run, bit for bit on a CPU.
      """)
  var resume = false

  @Option(
    help: ArgumentHelp(
      """
      Memory for images of events. What exceeds it lies in a file, and the network is the same. With mpirun all lie in \
      files.
      """, valueName: "MiB"))
  var memory = 512

  @Option(help: "Folder of the file of images (default: the folder of the output).")
  var scratch: String?

  func check() throws {
    guard memory >= 0 else { throw ValidationError("--memory needs 0 MiB or more") }
    guard checkpointEvery >= 0 else {
      throw ValidationError("--checkpoint-every needs 0 s or more")
    }
    if let scratch, !FileManager.default.isWritableFile(atPath: scratch) {
      throw OutputError(description: "\(scratch): no folder, or read-only")
    }
  }

  func path(_ output: String) -> String { checkpoint ?? output + ".checkpoint" }

  /// Refuses a checkpoint that would be lost.
  func checkFile(_ output: OutputOptions) throws {
    let path = path(output.output)
    guard !resume, FileManager.default.fileExists(atPath: path) else { return }
    guard output.overwrite else {
      throw OutputError(
        description:
          "\(path): an earlier run was not finished. --resume goes on with it, --overwrite begins anew"
      )
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  func plan(_ output: String, identity: [String: String]) -> CheckpointPlan {
    CheckpointPlan(
      path: path(output), interval: checkpointEvery, resumes: resume, identity: identity)
  }

  func storageLimits(_ output: String) -> StorageLimits {
    let file = URL(filePath: output)
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
