import Foundation
import Testing

/// The built program, run as a user runs it.
enum Program {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// `$AIRSHOWER_BINARY`, else the release build, else the debug one.
  static let url: URL = {
    if let given = ProcessInfo.processInfo.environment["AIRSHOWER_BINARY"] {
      return URL(filePath: given)
    }
    let release = repository.appending(path: ".build/release/airshower")
    return FileManager.default.fileExists(atPath: release.path)
      ? release : repository.appending(path: ".build/debug/airshower")
  }()

  struct Outcome: Sendable {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs a command of the program to its end.
  @discardableResult
  static func run(_ arguments: String...) throws -> Outcome {
    try run(url, arguments)
  }

  @discardableResult
  static func run(
    _ program: URL, _ arguments: [String], in place: URL = repository
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = place
    // More threads than a small machine has must not change results.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["AIRSHOWER_PROCESSORS": "8"]
    ) { given, _ in given }
    // Files, since a full pipe would block the program.
    let folder = try TemporaryFolder()
    let files = ["out", "err"].map { folder.url.appending(path: $0) }
    for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return Outcome(status: process.terminationStatus, output: texts[0], errors: texts[1])
  }
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "airshower-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  var contents: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
  }
}

/// One small chain, made once and read by many tests.
struct SmallChain: Sendable {
  let folder: TemporaryFolder
  let simulation: String
  let reconstruction: String
  let correction: String
  let report: String
  let outcomes: [Program.Outcome]

  static let eventCount = 400
  static let shared = Result { try SmallChain() }

  private init() throws {
    folder = try TemporaryFolder()
    // Statics live to the end of the process: the folder must be told to go.
    atexit {
      guard case .success(let chain) = SmallChain.shared else { return }
      try? FileManager.default.removeItem(at: chain.folder.url)
    }
    simulation = folder.path("events.h5")
    reconstruction = folder.path("reco.h5")
    correction = folder.path("corrected.h5")
    report = folder.path("report")
    outcomes = [
      try Program.run(
        "simulate", "--events", "\(Self.eventCount)", "--energy", "1:300", "--seed", "5",
        "--output", simulation),
      try Program.run("reconstruct", simulation, "--output", reconstruction),
      try Program.run("correct", reconstruction, "--output", correction),
      try Program.run("compare", correction, "--replicas", "200", "--output", report),
    ]
  }
}
