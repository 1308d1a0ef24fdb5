import Build
import CCrypto
import Foundation
import Numerics
import ShowerModel

/// What a command did, for the provenance of its output.
struct ProvenanceRecord {
  private let activity: String
  private let started = Date()
  private var inputs: [(path: String, sha256: Promise<String?>?)] = []
  private let seed: UInt64?

  init(_ activity: String, seed: UInt64? = nil) {
    self.activity = activity
    self.seed = seed
  }

  /// A data file that was read. Its own history is carried on in the output.
  mutating func read(_ path: String) { inputs.append((path, nil)) }

  /// A table or a network that was read, with its SHA-256, computed while other work goes on.
  ///
  /// A table is named from its folder on: where the folder lies says nothing about its contents.
  ///
  /// - Returns: its place among the inputs of the step.
  @discardableResult
  mutating func readHashed(_ url: URL) -> Int {
    let parts = url.pathComponents.suffix(3)
    let path = parts.first == "tables" ? parts.joined(separator: "/") : url.relativePath
    inputs.append((path, Promise { ProvenanceRecord.sha256(url) }))
    return inputs.count - 1
  }

  /// The step, at its end. Once.
  func step(
    _ settings: [String: String], learned: [String: [Lineage.Simulation]] = [:]
  ) -> ProvenanceStep {
    let format = ISO8601DateFormatter()
    var step = ProvenanceStep(
      activity: activity, version: BuildIdentity.current.description,
      commandLine: ["airshower"] + CommandLine.arguments.dropFirst(), settings: settings,
      inputs: inputs.map { .init(path: $0.path, sha256: (try? $0.sha256?.value()) ?? nil) },
      seed: seed, build: .current, learned: learned,
      host: ProcessInfo.processInfo.hostName, started: format.string(from: started),
      finished: format.string(from: Date()))
    step.matrixKernels = "\(MatrixKernels.library), \(MatrixKernels.name)"
    return step
  }

  /// By OpenSSL; nil for a file that cannot be read.
  private static func sha256(_ url: URL) -> String? {
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else { return nil }
    return sha256Hash(data).map { String(format: "%02x", $0) }.joined()
  }
}

/// SHA-256 of some bytes, by OpenSSL.
func sha256Hash(_ data: Data) -> [UInt8] {
  var hash = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
  data.withUnsafeBytes { ccrypto_sha256($0.baseAddress, $0.count, &hash) }
  return hash
}
