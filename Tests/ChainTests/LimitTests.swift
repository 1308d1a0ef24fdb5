import Foundation
import ShowerStore
import Testing

/// Limits of the machine, and outputs that somebody else wants too.
@Suite(.serialized) struct LimitTests {
  /// Runs a line of the shell, in which `$A` is the program. It ends after a minute at the latest.
  private func shell(_ line: String) throws -> Program.Outcome {
    try Program.run(
      URL(filePath: "/usr/bin/timeout"),
      ["-k", "1", "60", "/bin/bash", "-c", "A='\(Program.url.path)'; \(line)"])
  }

  /// OpenBLAS asks for memory until it gets it.
  @Test(arguments: [250_000, 500_000]) func littleMemoryIsAnError(kilobytes: Int) throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    for command in [
      "simulate --events 10", "reconstruct \(chain.simulation)", "correct \(chain.reconstruction)",
      "compare \(chain.correction)",
    ] {
      let outcome = try shell(
        "ulimit -v \(kilobytes); exec \"$A\" \(command) --output \(folder.path("out"))")
      #expect(outcome.status == 1, "\(command): \(outcome.status) \(outcome.errors)")
      #expect(outcome.errors.contains("ulimit -v"), "\(outcome.errors)")
    }
    #expect(folder.contents.isEmpty)
  }

  @Test func threadsBeyondTheProcessorsAreCappedAndSaid() throws {
    let folder = try TemporaryFolder()
    let outcome = try shell(
      """
      export AIRSHOWER_PROCESSORS=2
      exec "$A" simulate --events 5 --threads 200 -o \(folder.path("x.h5"))
      """)
    #expect(outcome.status == 0)
    let warnings = outcome.errors.components(separatedBy: "--threads 200: the machine has 2")
    #expect(warnings.count == 2, "\(outcome.errors)")
  }

  @Test func settingsInWhichNothingTriggersEnd() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      "simulate", "--events", "2", "--energy", "0.1", "--array", "ideal:2x2:20000", "--output",
      folder.path("x.h5"))
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("none of 500,000 showers triggered"), "\(outcome.errors)")
    #expect(folder.contents.isEmpty)
  }

  /// A pipe without a writer would be waited for.
  @Test func pipesAndDevicesAreRefused() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let pipe = folder.path("pipe.csv")
    #expect(mkfifo(pipe, 0o600) == 0)
    let output = folder.path("out.h5")
    for input in [pipe, "/dev/zero"] {
      for command in [
        ["reconstruct", input, "-o", output], ["correct", input, "-o", output],
        ["compare", input, "-o", output], ["import", input, "-o", output], ["inspect", input],
        ["simulate", "--corsika", input, "-o", output], ["fit", input],
        ["simulate", "--events", "5", "--config", input, "-o", output],
        ["reconstruct", chain.simulation, "--energy-table", input, "-o", output],
        ["reconstruct", chain.simulation, "--cuts", input, "-o", output],
        ["compare", chain.correction, "--history", input, "-o", output],
        ["compare", chain.correction, "--fail-below", input, "-o", output],
        ["correct", chain.reconstruction, "--network", input, "-o", output],
        ["train", chain.reconstruction, "--spec", input, "-o", output],
      ] {
        let line = command.map { "'\($0)'" }.joined(separator: " ")
        let outcome = try shell("exec \"$A\" \(line)")
        #expect([64, 65].contains(outcome.status), "\(line): \(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.contains("error:"), "\(line): \(outcome.errors)")
      }
    }
    #expect(folder.contents == ["pipe.csv"])
  }

  /// Of two runs with one output, one is told so, and the output is that of the other.
  @Test(arguments: ["simulate", "compare", "table", "export"])
  func oneOfTwoRunsWins(command: String) throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let (line, output) =
      switch command {
      case "simulate": ("simulate --events 1500", folder.path("out.h5"))
      case "compare": ("compare \(chain.correction) --figures main", folder.path("out"))
      case "table":
        ("export \(chain.correction) --format csv", folder.path("out.csv"))
      default: ("export \(chain.simulation) --format dst", folder.path("out.dst"))
      }
    let outcome = try shell(
      """
      "$A" \(line) --quiet -o \(output) --overwrite & first=$!
      "$A" \(line) --quiet -o \(output) --overwrite; second=$?
      wait $first; echo "$? $second" >&2
      """)
    let statuses = outcome.errors.split(separator: "\n").last ?? ""
    // The second may have come when the first was done.
    #expect(["0 73", "73 0", "0 0"].contains(statuses), "\(outcome.errors)")
    if statuses != "0 0" {
      #expect(outcome.errors.contains("another run is writing"), "\(outcome.errors)")
    }
    #expect(folder.contents.count == 1, "\(folder.contents)")
    if command == "simulate" { #expect(try EventFileReader(path: output).eventCount == 1500) }
    if command == "compare" {
      #expect(FileManager.default.fileExists(atPath: output + "/report.html"))
    }
  }

  /// An input is replaced only where --overwrite says so, and then by a whole file.
  @Test func anOutputThatIsAnInput() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let (file, link) = (folder.path("reco.h5"), folder.path("link.h5"))
    try FileManager.default.copyItem(atPath: chain.reconstruction, toPath: file)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
    let before = try content(file)
    for output in [file, link] {
      let refused = try Program.run("correct", file, "--output", output)
      #expect(refused.status == 73, "\(refused.errors)")
      #expect(try content(file) == before)
    }
    let replaced = try Program.run("correct", file, "--output", file, "--overwrite")
    #expect(replaced.status == 0, "\(replaced.errors)")
    #expect(try content(file) == content(chain.correction))
    #expect(folder.contents == ["link.h5", "reco.h5"])
  }

  /// A file of 1 MB stands for a disk that fills up, at every step that writes.
  @Test func aFullDiskIsAnErrorOfEveryStep() throws {
    let chain = try SmallChain.shared.get()
    for command in [
      "reconstruct \(chain.simulation) -o OUT.h5", "correct \(chain.reconstruction) -o OUT.h5",
      "export \(chain.correction) --format csv -o OUT.csv",
      "export \(chain.simulation) --format dst -o OUT.dst",
      "export \(chain.reconstruction) -o OUT.h5",
      "compare \(chain.correction) --figures none -o OUT",
      "merge --independent \(chain.reconstruction) -o OUT.h5",
    ] {
      let folder = try TemporaryFolder()
      let line = command.replacing("OUT", with: folder.path("out"))
      // The report is small: its files have less than 8 kB.
      let limit = command.hasPrefix("compare") ? 8 : 64
      let outcome = try shell("ulimit -f \(limit); exec \"$A\" \(line)")
      #expect([1, 73].contains(outcome.status), "\(line): \(outcome.status) \(outcome.errors)")
      #expect(outcome.errors.contains("error:"), "\(outcome.errors)")
      #expect(folder.contents.isEmpty, "\(line) left \(folder.contents)")
    }
  }
}
