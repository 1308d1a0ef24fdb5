import Foundation
import Testing

/// Network files that want more than to compute are refused before anything of them runs.
@Suite(.serialized) struct HostileNetworkTests {
  /// Made by Tests/hostile-networks.py of the reference network.
  struct Networks: Sendable {
    let folder: TemporaryFolder
    let outcome: Program.Outcome

    static let shared = Result { try Networks() }

    private init() throws {
      folder = try TemporaryFolder()
      atexit {
        guard case .success(let networks) = Networks.shared else { return }
        try? FileManager.default.removeItem(at: networks.folder.url)
      }
      outcome = try Program.run(
        URL(filePath: "/usr/bin/python3"),
        ["Tests/hostile-networks.py", "tables/networks/reference.pt", folder.url.path])
    }

    /// What a hostile network would write.
    var hasCanary: Bool { folder.contents.contains("PWNED") }
  }

  @Test(
    "is refused with its name and line",
    arguments: [
      ("save", ["aten::save", "line 77", "writes files"]),
      ("save-by-another-name", ["aten::save", "line 77"]),
      ("class-that-saves", ["aten::save", "line 3"]),
      ("default-argument", ["line 76", "computed"]), ("setstate", ["__setstate__", "line 70"]),
      ("method-that-hides", ["aten::resize_", "line 72"]), ("print", ["prim::Print", "line 77"]),
      ("warning", ["aten::warn", "line 77"]), ("from-file", ["aten::from_file", "line 77"]),
      ("while", ["while", "line 78"]), ("long-range", ["prim::Loop", "line 78"]),
      ("beyond-memory", ["aten::as_strided", "line 77"]),
      ("torch-classes", ["__torch__.torch.classes.quantized", "line 77"]),
      ("fork", ["prim::fork", "line 77"]), ("with-block", ["with-block", "line 77"]),
      ("attribute", ["prim::SetAttr", "line 77"]),
      ("parameter-in-place", ["aten::add_", "line 77"]),
      ("argument-in-place", ["aten::add_", "line 77"]),
      ("random-seed", ["aten::manual_seed", "line 77"]), ("deep", ["line 77"]),
      ("growing-text", ["aten::add.str", "line"]),
      ("not-a-number", ["parameter encoder0_weight", "infinite or no number"]),
      ("pickled-call", ["data.pkl", "os.system"]),
      ("tensor-beyond-record", ["data.pkl", "larger"]),
      ("bomb", ["code/zeros.py", "100000000"]), ("damaged-code", ["not a network"]),
      ("cut", ["no whole TorchScript archive"]), ("without-columns", ["lacks the key columns"]),
      ("without-combination", ["lacks the key combination"]),
      ("without-domain", ["lacks the key domain"]), ("without-scaling", ["lacks the key scaling"]),
      ("without-normalisation", ["lacks the key normalisation"]),
      ("other-count", ["274674 parameters", "says 7"]),
    ])
  func isRefused(name: String, texts: [String]) throws {
    let networks = try Networks.shared.get()
    try #require(networks.outcome.status == 0, "\(networks.outcome.errors)")
    let file = networks.folder.path("\(name).pt")
    let outcome = try Program.run("inspect", file)
    #expect(outcome.status == 65, "\(outcome.errors)")
    for text in texts + [file] { #expect(outcome.errors.contains(text), "\(outcome.errors)") }
    #expect(!networks.hasCanary)
  }

  @Test(
    "is refused by correct too, and leaves nothing", arguments: ["save", "segments", "setstate"])
  func correction(name: String) throws {
    let networks = try Networks.shared.get()
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      "correct", try SmallChain.shared.get().reconstruction, "--network",
      networks.folder.path("\(name).pt"), "--output", folder.path("c.h5"))
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains(name == "segments" ? "lengths of other rows" : "line"))
    #expect(folder.contents.isEmpty && !networks.hasCanary)
  }

  @Test("that fails on the events is to blame, not libtorch")
  func failsLater() throws {
    let networks = try Networks.shared.get()
    let folder = try TemporaryFolder()
    let file = networks.folder.path("fails-later.pt")
    let outcome = try Program.run(
      "correct", try SmallChain.shared.get().reconstruction, "--name", "later", "--network", file,
      "--output", folder.path("c.h5"))
    #expect(outcome.status == 65, "\(outcome.errors)")
    for text in [file, "fails on these events", "exceeds dimension size"] {
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
    #expect(folder.contents.isEmpty)
  }

  @Test("short loops and changes of own tensors are allowed")
  func shortLoops() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      "correct", try SmallChain.shared.get().reconstruction, "--network",
      try Networks.shared.get().folder.path("short-loops.pt"), "--output", folder.path("c.h5"))
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("a network that does not end its first batch is refused after the time it has")
  func endless() throws {
    let folder = try TemporaryFolder()
    let file = try Networks.shared.get().folder.path("endless.pt")
    // Nothing of it runs here.
    #expect(try Program.run("inspect", file).status == 0)
    let outcome = try Program.run(
      "correct", try SmallChain.shared.get().reconstruction, "--network", file, "--first-batch",
      "0.5", "--output", folder.path("c.h5"))
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains(file) && outcome.errors.contains("first batch"))
    #expect(folder.contents.isEmpty)
  }

  @Test(
    "Ctrl-C ends it in any batch, and the earlier file stays",
    arguments: ["endless", "endless-later"])
  func interruption(name: String) throws {
    let folder = try TemporaryFolder()
    let output = folder.path("c.h5")
    let earlier = Data("an earlier result".utf8)
    try earlier.write(to: URL(filePath: output))
    let process = Process()
    process.executableURL = Program.url
    process.arguments = [
      "correct", try SmallChain.shared.get().reconstruction, "--overwrite", "--quiet", "--network",
      try Networks.shared.get().folder.path("\(name).pt"), "--output", output,
    ]
    process.currentDirectoryURL = Program.repository
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The first batch of the one takes for ever; the other has got to its output by then.
    let deadline = Date(timeIntervalSinceNow: 30)
    if name == "endless" {
      sleep(2)
    } else {
      while folder.contents.count < 2, Date() < deadline { usleep(50_000) }
      usleep(300_000)
    }
    let start = Date()
    kill(process.processIdentifier, SIGINT)
    while process.isRunning, Date() < deadline { usleep(20_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    // 0.8 s by itself; the rest for a busy machine.
    #expect(Date().timeIntervalSince(start) < 3)
    #expect(try Data(contentsOf: URL(filePath: output)) == earlier)
    #expect(folder.contents == ["c.h5"])
  }

  @Test("a network file with changed bytes is refused or read, and never more")
  func changedBytes() throws {
    let folder = try TemporaryFolder()
    let whole = try Data(
      contentsOf: Program.repository.appending(path: "tables/networks/reference.pt"))
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      var changed = whole
      // The code and the pickled values stand at the beginning, the directory at the end.
      for _ in 0..<3 {
        let place =
          Bool.random()
          ? Int.random(in: 0..<9000, using: &random)
          : whole.count - Int.random(in: 1...5000, using: &random)
        changed[place] = UInt8.random(in: 0...255, using: &random)
      }
      let file = folder.path("changed.pt")
      try changed.write(to: URL(filePath: file))
      let outcome = try Program.run("inspect", file)
      if outcome.status != 0 && outcome.status != 65 {
        let kept = FileManager.default.temporaryDirectory.appending(path: "changed-network.pt")
        try changed.write(to: kept)
        Issue.record("\(outcome.status) \(outcome.errors), kept as \(kept.path)")
      }
    }
  }
}
