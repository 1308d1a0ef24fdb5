import Foundation
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
  mutating func readHashed(_ url: URL) {
    let parts = url.pathComponents.suffix(3)
    let path = parts.first == "tables" ? parts.joined(separator: "/") : url.relativePath
    inputs.append((path, Promise { ProvenanceRecord.sha256(url) }))
  }

  /// The step, at its end. Once.
  func step(_ settings: [String: String]) -> ProvenanceStep {
    let format = ISO8601DateFormatter()
    return ProvenanceStep(
      activity: activity, version: airshowerVersion,
      commandLine: ["airshower"] + CommandLine.arguments.dropFirst(), settings: settings,
      inputs: inputs.map { .init(path: $0.path, sha256: (try? $0.sha256?.value()) ?? nil) },
      seed: seed, host: ProcessInfo.processInfo.hostName,
      started: format.string(from: started), finished: format.string(from: Date()))
  }

  /// By the program every Debian has; nil where it is missing.
  private static func sha256(_ url: URL) -> String? {
    let process = Process()
    let pipe = Pipe()
    guard let file = try? FileHandle(forReadingFrom: url) else { return nil }
    process.executableURL = URL(filePath: "/usr/bin/sha256sum")
    // From standard input: no name can be taken as an option, nor does one with a line break change
    // the output.
    process.standardInput = file
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let hash = String(decoding: output, as: UTF8.self).prefix(64)
    return hash.count == 64 ? String(hash) : nil
  }
}

extension ProvenanceStep {
  /// Key of the settings under which a simulation names its CORSIKA showers.
  static let corsikaKey = "corsika_showers"

  /// Which showers a simulation made; nil where the step is no simulation.
  ///
  /// A network must not be judged on showers that it learned from. Parametric showers are told
  /// apart by their seed; CORSIKA's are the same for every seed.
  var simulatedShowers: String? {
    guard activity == "simulate" else { return nil }
    return settings[Self.corsikaKey] == nil ? seed.map(String.init) : "corsika"
  }
}

/// Settings by which later steps know what a step learned from.
enum ProvenanceKey {
  /// Of a training: the simulations that it read.
  static let simulationSeeds = "simulation_seeds"
  /// Of a correction: the simulations that its networks learned from.
  static let networkSeeds = "network_simulation_seeds"
  /// Of a reconstruction: the simulations that its front was fitted to.
  static let frontSeeds = "front_simulation_seeds"
}

/// Version of the program.
package let airshowerVersion = "0.1.0"
