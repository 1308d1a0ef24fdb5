import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Every bad input has its message and its exit code, and leaves what was there.
@Suite(.serialized) struct BadInputTests {
  /// Steps that read an event file, with the rest of their options.
  static let readers: [[String]] = [
    ["reconstruct"], ["correct"], ["compare"], ["train"], ["table"],
  ]

  func run(_ command: [String], on input: String, to output: String) throws -> Program.Outcome {
    try Program.run(Program.url, command + [input, "--output", output])
  }

  /// Runs all readers on a file that none can use.
  func expectUnusable(_ file: String, says text: String) throws {
    for command in Self.readers {
      let folder = try TemporaryFolder()
      let outcome = try run(command, on: file, to: folder.path("out"))
      #expect(outcome.status == 65, "\(command): \(outcome.errors)")
      #expect(outcome.errors.contains(file) && outcome.errors.contains(text), "\(outcome.errors)")
      #expect(folder.contents.isEmpty, "\(command) left \(folder.contents)")
    }
    let inspected = try Program.run("inspect", file)
    #expect(inspected.status == 65)
  }

  /// The program alone does all but what needs libtorch, and then says what is missing; installed,
  /// it finds it.
  @Test func withoutTheLibraryOfLibtorch() throws {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    for made in ["bin", "lib/airshower"] {
      try files.createDirectory(atPath: folder.path(made), withIntermediateDirectories: true)
    }
    let program = URL(filePath: folder.path("bin/airshower"))
    try files.copyItem(at: Program.url, to: program)
    let input = try SmallChain.shared.get().reconstruction
    #expect(try Program.run(program, ["inspect", input]).status == 0)
    let correct = ["correct", input, "--tables", "tables", "--output", folder.path("c.h5")]
    let outcome = try Program.run(program, correct)
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("libairshower-torch.so belongs beside the program"),
      "\(outcome.errors)")
    #expect(folder.contents == ["bin", "lib"])
    let library = "libairshower-torch.so"
    try files.copyItem(
      at: Program.url.deletingLastPathComponent().appending(path: library),
      to: URL(filePath: folder.path("lib/airshower/\(library)")))
    let installed = try Program.run(program, correct)
    #expect(installed.status == 0, "\(installed.errors)")
    #expect(folder.contents == ["bin", "c.h5", "lib"])
  }

  @Test func missingFile() throws {
    try expectUnusable("/nowhere/events.h5", says: "no such file")
  }

  @Test func notAnHDF5File() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("text.h5")
    try Data("shower data, honestly\n".utf8).write(to: URL(filePath: file))
    try expectUnusable(file, says: "not an HDF5 file")
  }

  @Test func emptyFile() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("empty.h5")
    try Data().write(to: URL(filePath: file))
    try expectUnusable(file, says: "HDF5")
  }

  @Test func truncatedFile() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("cut.h5")
    let whole = try Data(contentsOf: URL(filePath: SmallChain.shared.get().correction))
    try whole.prefix(whole.count / 2).write(to: URL(filePath: file))
    try expectUnusable(file, says: "damaged")
  }

  /// Changes a copy of a file with h5py.
  func edited(_ file: String, _ folder: TemporaryFolder, _ edit: String) throws -> String {
    let copy = folder.path("edited.h5")
    try FileManager.default.copyItem(atPath: file, toPath: copy)
    let outcome = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      ["-c", "import h5py\nf = h5py.File('\(copy)', 'r+')\n\(edit)"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return copy
  }

  @Test func wrongFormatVersion() throws {
    let folder = try TemporaryFolder()
    let file = try edited(
      SmallChain.shared.get().correction, folder, "f.attrs['FORMAT_VERSION'] = '9.0.0'")
    try expectUnusable(file, says: "9.0.0")
  }

  /// A network for samples of 20 ns knows nothing of others.
  @Test func stationsOfAnotherKind() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let file = try edited(chain.correction, folder, "f['array'].attrs['SAMPLE_PERIOD'] = 10.0")
    let refused = try run(["correct"], on: file, to: folder.path("out.h5"))
    #expect(refused.status == 65, "\(refused.errors)")
    for text in ["sample_period 20.0 and 10.0 ns", "train one", "--any-array"] {
      #expect(refused.errors.contains(text), "\(refused.errors)")
    }
    #expect(!folder.contents.contains("out.h5"))
    // Results of both kinds of stations must not meet either.
    for command in ["train", "table"] {
      let together = try Program.run(
        command, chain.correction, file, "--output", folder.path("out"))
      #expect(together.status == 65, "\(together.errors)")
      #expect(together.errors.contains("sample_period 10.0 and 20.0 ns"), "\(together.errors)")
    }
  }

  @Test func partsOfUnlikeStationsAreNotMerged() throws {
    let folder = try TemporaryFolder()
    let parts = try ["1/2", "2/2"].map { part in
      let path = folder.path("part\(part.prefix(1)).h5")
      let outcome = try Program.run(
        "simulate", "--events", "10", "--shard", part, "--output", path)
      try #require(outcome.status == 0, "\(outcome.errors)")
      return path
    }
    let other = try edited(parts[1], folder, "f['array'].attrs['STATION_AREA'] = 10.0")
    let outcome = try Program.run(
      "merge", parts[0], other, "--output", folder.path("all.h5"))
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("station_area 10.0 and 3.0 m2"), "\(outcome.errors)")
  }

  @Test(
    arguments: [
      ("layers: 3", "layers must be 1.0 to 2.0 1, found"),
      ("sample_period: 1000", "sample_period 1000.0 ns; this version"),
    ])
  func stationsThatTheChainDoesNotKnowAreRefused(line: String, says: String) throws {
    let folder = try TemporaryFolder()
    let array = folder.path("array.csv")
    var text = "# spacing: 1200\n# altitude: 1400\n# \(line)\nid,column,row,x,y,z\n"
    for column in 0..<3 {
      for row in 0..<3 {
        text += "\(3 * column + row),\(column),\(row),\(1200 * column),\(1200 * row),1400\n"
      }
    }
    try Data(text.utf8).write(to: URL(filePath: array))
    let outcome = try Program.run(
      "simulate", "--events", "3", "--array", array, "--output", folder.path("out.h5"))
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains(says), "\(outcome.errors)")
    #expect(folder.contents == ["array.csv"])
  }

  @Test func foreignHDF5File() throws {
    let folder = try TemporaryFolder()
    let file = try edited(SmallChain.shared.get().correction, folder, "del f.attrs['FORMAT']")
    try expectUnusable(file, says: "not an airshower")
  }

  @Test func noTruthToLearnFrom() throws {
    let folder = try TemporaryFolder()
    let file = try edited(SmallChain.shared.get().correction, folder, "del f['truth']")
    for command in ["train", "table"] {
      let outcome = try run([command], on: file, to: folder.path("out"))
      #expect(outcome.status == 65 && outcome.errors.contains("truth"), "\(outcome.errors)")
    }
    #expect(folder.contents == ["edited.h5"])
  }

  @Test func stepsInTheWrongOrder() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let early = try run(["correct"], on: chain.simulation, to: folder.path("a.h5"))
    #expect(early.status == 65 && early.errors.contains("airshower reconstruct"))
    let table = try run(["table"], on: chain.simulation, to: folder.path("t.csv"))
    #expect(table.status == 65 && table.errors.contains("airshower reconstruct"))
    let uncorrected = try run(["compare"], on: chain.reconstruction, to: folder.path("report"))
    #expect(uncorrected.status == 65 && uncorrected.errors.contains("airshower correct"))
    #expect(folder.contents.isEmpty)
  }

  @Test func networksThatCannotBeUsed() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let garbage = folder.path("garbage.pt")
    try Data("not a network".utf8).write(to: URL(filePath: garbage))
    // A network whose list of inputs names one that this program does not make.
    let foreign = folder.path("foreign.pt")
    let script = """
      import zipfile
      source = zipfile.ZipFile('\(Program.repository.path)/tables/networks/reference.pt')
      target = zipfile.ZipFile('\(foreign)', 'w', zipfile.ZIP_STORED)
      changed = 0
      for item in source.infolist():
          data = source.read(item)
          if item.filename.endswith('spec.json'):
              new = data.replace(b'secant', b'sekant').replace(b'chi2', b'chi9')
              new = new.replace(b'log_signal', b'log_sagnil')
              changed += new != data
              data = new
          target.writestr(item.filename, data)
      target.close()
      assert changed == 1, changed
      """
    let made = try Program.run(URL(filePath: "/usr/bin/python3"), ["-c", script])
    try #require(made.status == 0, "\(made.errors)")
    for (network, text) in [
      ("missing.pt", "missing.pt"), (garbage, "no whole TorchScript archive"),
      (foreign, "does not make"),
    ] {
      let outcome = try Program.run(
        "correct", chain.reconstruction, "--network", network, "--output", folder.path("out.h5"))
      #expect(outcome.status == 65, "\(network): \(outcome.errors)")
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
    #expect(folder.contents == ["foreign.pt", "garbage.pt"])
  }

  @Test func existingOutputIsRefusedBeforeAnyWork() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let output = folder.path("out")
    let earlier = Data("an earlier result".utf8)
    try earlier.write(to: URL(filePath: output))
    for arguments in [
      ["simulate", "--events", "1000000"], ["reconstruct", chain.simulation],
      ["correct", chain.reconstruction], ["compare", chain.correction],
      ["train", chain.reconstruction], ["table", chain.reconstruction],
    ] {
      let outcome = try Program.run(Program.url, arguments + ["--output", output])
      #expect(outcome.status == 73, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains("--overwrite"), "\(outcome.errors)")
      #expect(try Data(contentsOf: URL(filePath: output)) == earlier)
    }
    #expect(folder.contents == ["out"])
    let absent = try Program.run(
      "simulate", "--events", "10", "--output", folder.path("no/folder/x.h5"))
    #expect(absent.status == 73)
  }

  @Test func fullDiskKeepsTheEarlierFile() throws {
    let folder = try TemporaryFolder()
    let output = folder.path("events.h5")
    try Program.run("simulate", "--events", "20", "--output", output)
    let earlier = try Data(contentsOf: URL(filePath: output))
    // A limit of 1 MiB on files stands for a disk that fills up.
    let outcome = try Program.run(
      URL(filePath: "/bin/bash"),
      [
        "-c",
        """
        ulimit -f 1024
        '\(Program.url.path)' simulate --events 2000 --overwrite --output '\(output)'
        """,
      ])
    #expect(outcome.status == 1, "\(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains("writing failed"), "\(outcome.errors)")
    #expect(try Data(contentsOf: URL(filePath: output)) == earlier)
    #expect(folder.contents == ["events.h5"])
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func interruptionKeepsTheEarlierFile(signal number: Int32) throws {
    let folder = try TemporaryFolder()
    let output = folder.path("events.h5")
    try Program.run("simulate", "--events", "20", "--output", output)
    let earlier = try Data(contentsOf: URL(filePath: output))
    let process = Process()
    process.executableURL = Program.url
    process.arguments = [
      "simulate", "--events", "10000000", "--overwrite", "--quiet", "--output", output,
    ]
    process.currentDirectoryURL = Program.repository
    try process.run()
    let deadline = Date(timeIntervalSinceNow: 60)
    func partSize() -> Int {
      let attributes = try? FileManager.default.attributesOfItem(atPath: output + ".part")
      return attributes?[.size] as? Int ?? 0
    }
    while partSize() < 200_000, Date() < deadline { usleep(50_000) }
    #expect(partSize() >= 200_000)
    kill(process.processIdentifier, number)
    while process.isRunning, Date() < deadline { usleep(50_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    #expect(process.terminationStatus == 128 + number)
    #expect(try Data(contentsOf: URL(filePath: output)) == earlier)
    #expect(folder.contents == ["events.h5"])
  }

  @Test(arguments: [
    ["simulate", "--events", "0", "-o", "x"], ["simulate", "--events", "5"],
    ["simulate", "--events", "5", "--energy", "9:3", "-o", "x"],
    ["simulate", "--events", "5", "--primaries", "C", "-o", "x"],
    ["reconstruct"], ["reconstruct", "a", "--front", "flat", "-o", "x"],
    ["simulate", "--events", "5", "--max-zenith", "70", "-o", "x"],
    ["simulate", "--events", "5", "--interaction-model", "Sibyll", "-o", "x"],
    ["table", "a", "--primary", "C", "-o", "x"], ["table", "a", "--energies", "9:3", "-o", "x"],
    ["fly"],
  ])
  func wrongUse(arguments: [String]) throws {
    let outcome = try Program.run(Program.url, arguments)
    #expect(outcome.status == 64, "\(arguments): \(outcome.status) \(outcome.errors)")
  }

  @Test func unknownKeyOfTheConfigurationIsAnError() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("config.json")
    try Data(#"{"timeJiter": 40}"#.utf8).write(to: URL(filePath: file))
    let outcome = try Program.run(
      "simulate", "--events", "5", "--config", file, "--output", folder.path("x.h5"))
    #expect(outcome.status == 65 && outcome.errors.contains("timeJiter"), "\(outcome.errors)")
  }

  /// A selection that cannot be used is an error of the input, named before any work.
  @Test func selectionsThatCannotBeUsed() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let misspelt = folder.path("misspelt.json")
    try Data(#"{"maximumZenit": 45}"#.utf8).write(to: URL(filePath: misspelt))
    let wrong = folder.path("wrong.json")
    try Data(#"{"maximumZenith": 450}"#.utf8).write(to: URL(filePath: wrong))
    for (command, input) in [
      ("reconstruct", chain.simulation), ("train", chain.reconstruction),
      ("compare", chain.correction),
    ] {
      for (cuts, texts) in [
        ("none at all", ["none at all", "anisotropy, none, published, spectrum, standard"]),
        (misspelt, [misspelt, "maximumZenit", "did you mean \"maximumZenith\""]),
        (wrong, [wrong, "maximumZenith", "90 degrees"]),
      ] {
        let outcome = try Program.run(
          command, input, "--cuts", cuts, "--output", folder.path("out"))
        #expect(outcome.status == 65, "\(command): \(outcome.errors)")
        for text in texts { #expect(outcome.errors.contains(text), "\(outcome.errors)") }
      }
    }
    #expect(folder.contents == ["misspelt.json", "wrong.json"])
  }

  @Test func helpTeaches() throws {
    let help = try Program.run("--help")
    #expect(help.status == 0)
    for command in ["simulate", "reconstruct", "train", "correct", "compare", "show", "inspect"] {
      #expect(help.output.contains(command))
      let own = try Program.run(command, "--help")
      #expect(own.status == 0 && own.output.contains("airshower \(command)"))
    }
    #expect(try Program.run("--version").output.contains("1.0.0"))
  }
}
