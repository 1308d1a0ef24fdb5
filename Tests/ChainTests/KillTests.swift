import Foundation
import ResidualNetwork
import ShowerStore
import Testing

/// kill -9 in the middle of a run; Benchmarks/kill.sh does the same at many more moments.
@Suite(.serialized) struct KillTests {
  /// Runs a command, ends it after a while in a way that it cannot notice, and says whether it was
  /// still at work.
  private func kill(after delay: Double, _ arguments: [String]) throws -> Bool {
    let process = Process()
    process.executableURL = Program.url
    process.arguments = arguments
    process.currentDirectoryURL = Program.repository
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: delay)
    let wasAtWork = process.isRunning
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return wasAtWork
  }

  @Test(arguments: ["simulate", "reconstruct", "correct"])
  func theNextRunMakesTheSameFileAndNobodyReadsWhatWasLeft(step: String) throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let output = folder.path("out.h5")
    let (arguments, whole) =
      switch step {
      case "simulate":
        (
          ["simulate", "--events", "\(SmallChain.eventCount)", "--energy", "1:300", "--seed", "5"],
          chain.simulation
        )
      case "reconstruct": (["reconstruct", chain.simulation], chain.reconstruction)
      default: (["correct", chain.reconstruction], chain.correction)
      }
    let command = arguments + ["--output", output]
    var kills = 0
    for delay in [0.02, 0.08, 0.2, 0.4] {
      let wasAtWork = try kill(after: delay, command)
      guard !FileManager.default.fileExists(atPath: output) else {
        // It was done before: a file of that name is whole.
        #expect(try content(output) == content(whole))
        try FileManager.default.removeItem(atPath: output)
        continue
      }
      #expect(wasAtWork)
      kills += 1
      let part = output + ".part"
      if FileManager.default.fileExists(atPath: part),
        let reader = try? EventFileReader(path: part)
      {
        // Killed between its completion and its new name.
        #expect(reader.eventCount == SmallChain.eventCount)
      }
      let inspected = try Program.run("inspect", output)
      #expect(inspected.status == 65)
    }
    #expect(kills > 0)
    let again = try Program.run(Program.url, command)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try content(output) == content(whole))
    #expect(folder.contents == ["out.h5"])
  }

  @Test func trainingKilledAgainAndAgainEndsWithTheSameNetwork() throws {
    let events = try SmallNetworks.shared.get().training
    let folder = try TemporaryFolder()
    let (whole, output) = (folder.path("whole.pt"), folder.path("network.pt"))
    let command = [
      "train", events, "--spec", "set", "--cuts", "none", "--batch-size", "32",
      "--epochs", "3", "--checkpoint-every", "0.05",
    ]
    let start = ContinuousClock.now
    let undisturbed = try Program.run(
      Program.url, command + ["--output", whole, "--history", folder.path("whole.csv")])
    let duration = (ContinuousClock.now - start) / .seconds(1)
    #expect(undisturbed.status == 0, "\(undisturbed.errors)")
    let resumed =
      command + ["--output", output, "--history", folder.path("network.csv"), "--resume"]
    var kills = 0
    func isDone() -> Bool { FileManager.default.fileExists(atPath: output) }
    // The first three together are much shorter than a training, which other work may have slowed.
    for part in [0.12, 0.15, 0.15, 0.2, 0.3, 0.6, 0.6] {
      _ = try kill(after: part * duration, resumed)
      guard !isDone() else { break }
      kills += 1
    }
    #expect(kills > 2)
    if !isDone() {
      let end = try Program.run(Program.url, resumed)
      #expect(end.status == 0, "\(end.errors)")
    }
    #expect(try Network.areSame(whole, output))
    let curves = try ["whole.csv", "network.csv"].map { name in
      try String(contentsOfFile: folder.path(name), encoding: .utf8).split(separator: "\n")
        .map { $0.split(separator: ",").prefix(4) }
    }
    #expect(curves[0] == curves[1] && curves[0].count == 4)
    #expect(folder.contents == ["network.csv", "network.pt", "whole.csv", "whole.pt"])
  }

  @Test func trainingThatIsEndedKeepsWhatItLearned() throws {
    let events = try SmallNetworks.shared.get().training
    let folder = try TemporaryFolder()
    let output = folder.path("network.pt")
    let command = [
      "train", events, "--spec", "set", "--cuts", "none", "--batch-size", "32",
      "--epochs", "500", "--patience", "500", "--output", output,
    ]
    let ended = try Program.run(
      URL(filePath: "/usr/bin/timeout"), ["3", Program.url.path] + command)
    #expect([124, 130, 143].contains(ended.status))
    #expect(ended.errors.contains("Continue with --resume"), "\(ended.errors)")
    #expect(folder.contents == ["network.pt.checkpoint"])
    // Begun anew it would be lost.
    let again = try Program.run(Program.url, command)
    #expect(again.status == 73 && again.errors.contains("Continue it with --resume"))
    let other = try Program.run(Program.url, command + ["--resume", "--learning-rate", "0.1"])
    #expect(other.status == 65 && other.errors.contains("its settings is"), "\(other.errors)")
  }
}

extension Network {
  /// Whether two files hold the same network, but for its history.
  static func areSame(_ a: String, _ b: String) throws -> Bool {
    let script = Program.repository.appending(path: "Benchmarks/same-network.py").path
    return try Program.run(URL(filePath: script), [a, b]).status == 0
  }
}
