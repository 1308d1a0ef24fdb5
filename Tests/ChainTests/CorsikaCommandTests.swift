import Foundation
import ShowerModel
import ShowerStore
import Testing

/// `simulate --corsika` and `inspect` on CORSIKA files, as a user runs them.
@Suite(.serialized) struct CorsikaCommandTests {
  static let shower = "Fixtures/corsika/synthetic-shower.zst"
  static let small = "Fixtures/corsika/format/corsika76900_thin"

  func simulate(_ arguments: [String], to output: String) throws -> Program.Outcome {
    try Program.run(
      Program.url, ["simulate", "--corsika"] + arguments + ["--output", output])
  }

  /// An ordinary event file: one parent, a truth, the shower's headers in the provenance, and the
  /// same for any number of threads.
  @Test func anOrdinaryEventFile() throws {
    let folder = try TemporaryFolder()
    let options = [Self.shower, "--throws", "24", "--array", "ideal:9x9", "--seed", "3"]
    let (one, two) = (folder.path("1.h5"), folder.path("2.h5"))
    let outcome = try simulate(options + ["--threads", "1"], to: one)
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("thrown 24 times"), "\(outcome.errors)")
    #expect(try simulate(options + ["--threads", "2"], to: two).status == 0)
    let (file, other) = (try EventFileReader(path: one), try EventFileReader(path: two))
    let events = try file.events(0..<file.eventCount)
    let others = try other.events(0..<other.eventCount)
    let isSame = others.map(\.hits) == events.map(\.hits) && others.map(\.id) == events.map(\.id)
    #expect(isSame)
    #expect(events.count >= 15 && Set(events.map(\.showerID)).count == 1)
    #expect(events.allSatisfy { (0..<24).contains($0.id) })
    let truth = try #require(events[0].truth)
    #expect(truth.parametricRadius == 500 && truth.signal800 > 15 && truth.signal800 < 60)
    let step = try #require(file.provenance.first)
    #expect(step.settings["throws"] == "24" && step.seed == 3)
    let showers = try #require(step.settings["corsika_showers"])
    let id = "\"showerID\" : \(events[0].showerID)"
    for text in ["SIBYLL", "\"weightLimits\"", "\"zenith\"", id] {
      #expect(showers.contains(text), "\(showers)")
    }
    #expect(step.inputs.contains { $0.path.hasSuffix("synthetic-shower.zst") && $0.sha256 != nil })
    // The rest of the chain takes it.
    let reco = folder.path("reco.h5")
    #expect(try Program.run("reconstruct", one, "--output", reco).status == 0)
    let reconstructed = try EventFileReader(path: reco)
    let results = try reconstructed.standardResults(0..<reconstructed.eventCount)
    let angles = zip(results, events).filter { $0.0.status == .good }.compactMap { result, event in
      event.truth.map { result.shower.direction.angle(to: $0.shower.direction) / Units.degree }
    }
    #expect(angles.count >= 12 && angles.sorted()[angles.count / 2] < 4, "\(angles)")
  }

  @Test func settingsOfTheDetectorApply() throws {
    let folder = try TemporaryFolder()
    let output = folder.path("e.h5")
    let outcome = try simulate(
      [
        Self.shower, "--throws", "4", "--array", "ideal:9x9", "--variation", "clock-40ns",
        "--variation", "photoelectrons-down",
      ], to: output)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try EventFileReader(path: output).eventCount > 0)
  }

  /// What cannot go together is refused with the reason, before any work.
  @Test(arguments: [
    (["--energy", "10"], "property of the shower"),
    (["--primaries", "Fe"], "property of the shower"),
    (["--max-zenith", "30"], "property of the shower"),
    (["--interaction-model", "EPOS-LHC"], "property of the shower"),
    (["--variation", "muons-up"], "muonScaleFactor"),
    (["--events", "5"], "--throws"),
    (["--throws", "0"], "at least 1"),
    (["--observation-level", "0"], "at least 1"),
  ])
  func wrongUse(options: [String], text: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try simulate([Self.shower] + options, to: folder.path("x.h5"))
    #expect(outcome.status == 64 && outcome.errors.contains(text), "\(outcome.errors)")
    #expect(folder.contents.isEmpty)
  }

  @Test(arguments: ["--throws", "--observation-level"]) func optionsWithoutAFile(option: String)
    throws
  {
    let outcome = try Program.run("simulate", "--events", "5", option, "1", "--output", "/tmp/x.h5")
    #expect(outcome.status == 64 && outcome.errors.contains("--corsika"), "\(outcome.errors)")
  }

  @Test func filesThatCannotBeUsed() throws {
    let folder = try TemporaryFolder()
    let output = folder.path("x.h5")
    let text = folder.path("text")
    try Data("a letter\n".utf8).write(to: URL(filePath: text))
    let whole = try Data(
      contentsOf: Program.repository.appending(path: Self.shower))
    let cut = folder.path("cut.zst")
    try whole.prefix(whole.count / 2).write(to: URL(filePath: cut))
    for (file, texts) in [
      ("/nowhere/DAT1", ["/nowhere/DAT1", "no such file"]),
      (text, [text, "not a CORSIKA particle file", "DATnnnnnn"]),
      (Self.small, ["block 1", "observation level", "within 300 m"]),
      (cut, [cut, "zstd", "premature end. "]),
    ] {
      let outcome = try simulate([file, "--throws", "2"], to: output)
      #expect(outcome.status == 65, "\(file): \(outcome.status) \(outcome.errors)")
      for text in texts { #expect(outcome.errors.contains(text), "\(outcome.errors)") }
    }
    let twice = try simulate(
      [Self.shower, Self.shower, "--throws", "2", "--array", "ideal:9x9"], to: output)
    #expect(twice.status == 65 && twice.errors.contains("already"), "\(twice.errors)")
    #expect(folder.contents == ["cut.zst", "text"])
  }

  /// Without zstd in the way the error says what to install.
  @Test func missingDecompressor() throws {
    let process = Process()
    let folder = try TemporaryFolder()
    let errors = folder.url.appending(path: "errors")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    process.executableURL = Program.url
    process.arguments = ["inspect", Self.shower]
    process.currentDirectoryURL = Program.repository
    process.environment = ["PATH": "/nowhere"]
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 65)
    let text = try String(contentsOf: errors, encoding: .utf8)
    #expect(text.contains("zstd") && text.contains("apt-get install"), "\(text)")
  }

  @Test func inspectShowsHeaders() throws {
    let whole = try Program.run("inspect", Self.small)
    #expect(whole.status == 0, "\(whole.errors)")
    for text in [
      "CORSIKA 7.69", "thinned", "run              11", "Shower 5: primary H (14)",
      "978285 GeV", "1901 additional", "QGSJET", "GHEISHA",
    ] {
      #expect(whole.output.contains(text), "\(text)")
    }
    // A file that is cut: the showers before, and the error.
    let folder = try TemporaryFolder()
    let data = try Data(contentsOf: Program.repository.appending(path: Self.small))
    let cut = folder.path("cut")
    try data.prefix(200_000).write(to: URL(filePath: cut))
    let broken = try Program.run("inspect", cut)
    #expect(broken.status == 65 && broken.errors.contains("truncated"), "\(broken.errors)")
    #expect(broken.output.contains("Shower 1:"))
  }

  @Test func interruptionLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let output = folder.path("events.h5")
    let process = Process()
    process.executableURL = Program.url
    process.arguments = [
      "simulate", "--corsika", Self.shower, "--throws", "1000000", "--array", "ideal:9x9",
      "--quiet", "--output", output,
    ]
    process.currentDirectoryURL = Program.repository
    try process.run()
    let deadline = Date(timeIntervalSinceNow: 60)
    while !FileManager.default.fileExists(atPath: output + ".part"), Date() < deadline {
      usleep(50_000)
    }
    usleep(1_500_000)
    kill(process.processIdentifier, SIGINT)
    while process.isRunning, Date() < deadline { usleep(50_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(folder.contents.isEmpty)
  }
}
