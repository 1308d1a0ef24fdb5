import Foundation
import ShowerStore
import Testing

/// kill -9 in the middle of a run; Benchmarks/kill.sh does the same at many more moments.
@Suite(.serialized) struct KillTests {
  /// Runs a command, ends it after a while in a way that it cannot notice, and says whether it was still at work.
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
}
