import Foundation
import ResidualNetwork
import ShowerModel
import ShowerStore
import Testing

/// Two quickly trained networks and events that they were not trained with.
struct SmallNetworks: Sendable {
  let folder: TemporaryFolder
  let training: String
  let events: String
  let networks: [String]
  let outcomes: [Program.Outcome]

  static let shared = Result { try SmallNetworks() }

  private init() throws {
    folder = try TemporaryFolder()
    atexit {
      guard case .success(let networks) = SmallNetworks.shared else { return }
      try? FileManager.default.removeItem(at: networks.folder.url)
    }
    training = folder.path("training.h5")
    events = folder.path("events.h5")
    networks = ["a", "b"].map { [folder] in folder.path("\($0).pt") }
    var outcomes: [Program.Outcome] = []
    for (file, count, seed) in [(training, "1600", "11"), (events, "300", "12")] {
      let simulated = file + ".simulated"
      outcomes.append(
        try Program.run(
          "simulate", "--events", count, "--energy", "3:100", "--seed", seed, "--output", simulated)
      )
      outcomes.append(try Program.run("reconstruct", simulated, "--output", file))
    }
    for (index, network) in networks.enumerated() {
      outcomes.append(
        try Program.run(
          "train", training, "--spec", "scalars", "--epochs", "2", "--cuts", "none",
          "--batch-size", "64", "--seed", "\(index + 1)", "--output", network))
    }
    self.outcomes = outcomes
  }

  /// A correction that a file holds.
  static func read(_ path: String, _ name: String) throws -> [Reconstruction] {
    let reader = try EventFileReader(path: path)
    return try reader.reconstructions(named: name, 0..<reader.eventCount)
  }
}

@Suite(.serialized) struct CorrectionTests {
  @Test func severalNetworksAnEnsembleAndTheControlInOnePass() throws {
    let small = try SmallNetworks.shared.get()
    for outcome in small.outcomes { #expect(outcome.status == 0, "\(outcome.errors)") }
    let output = small.folder.path("several.h5")
    let (a, b) = (small.networks[0], small.networks[1])
    let outcome = try Program.run(
      "correct", small.events, "--network", a, "--network", b, "--network", "\(a),\(b)", "--name",
      "first", "--name", "second", "--name", "both", "--output", output)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let reader = try EventFileReader(path: output)
    #expect(reader.reconstructionNames == ["both", "first", "second"])
    #expect(try reader.methodDescription(of: "both")?.contains("2 networks") == true)
    #expect(try reader.networkDescription(of: "both")?.contains("b.pt") == true)
    #expect(!outcome.errors.contains("not trained with the same events"))

    let results = try Dictionary(
      uniqueKeysWithValues: reader.reconstructionNames.map {
        ($0, try SmallNetworks.read(output, $0))
      })
    let standard = try reader.standardResults(0..<reader.eventCount)
    var corrected = 0
    for (index, standard) in standard.enumerated() where standard.status == .good {
      for name in results.keys.sorted() {
        let result = try #require(results[name]?[index])
        #expect(result.status == .good)
        if result.fallback != .none { #expect(result.shower == standard.shower) }
        if result.fallback == .none { corrected += 1 }
        #expect(result.sigma.logEnergy > 0 && result.sigma.zenith > 0)
      }
    }
    #expect(corrected > 600)
    // What the log counts is what the file says.
    for (name, results) in results {
      let line = try #require(
        outcome.errors.split(separator: "\n").first { $0.contains(" \(name): ") })
      let count = results.count { $0.status == .good && $0.fallback == .none }
      #expect(line.contains(" \(count) of 300 events corrected"))
    }
    // One network alone gives the same numbers as among others.
    let alone = small.folder.path("alone.h5")
    try Program.run(
      "correct", small.events, "--network", b, "--name", "second", "--threads",
      "1", "--output", alone)
    #expect(try EventFileReader(path: alone).reconstructionNames == ["second"])
    #expect("\(try SmallNetworks.read(alone, "second"))" == "\(results["second"] ?? [])")
  }

  @Test func wrongUseIsRefusedWithTheRemedy() throws {
    let small = try SmallNetworks.shared.get()
    let (a, b) = (small.networks[0], small.networks[1])
    let output = small.folder.path("refused.h5")
    func refusal(_ arguments: String...) throws -> Program.Outcome {
      try Program.run(
        Program.url, ["correct", small.events, "--output", output] + arguments)
    }
    let twice = try refusal("--network", a, "--network", a)
    #expect(twice.status == 64 && twice.errors.contains("two reconstructions would be called"))
    let names = try refusal("--network", a, "--network", b, "--name", "one")
    #expect(names.status == 64 && names.errors.contains("2 in all"))
    for name in ["standard", "polynomial", "tuned"] {
      let taken = try refusal("--network", a, "--name", name)
      #expect(taken.status == 64 && taken.errors.contains("the name of another method"), "\(name)")
    }
    let unlike = try refusal("--network", "\(a),reference", "--name", "both")
    #expect(unlike.status == 65 && unlike.errors.contains("same inputs and targets"))
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test func aNetworkOfAnotherArrayOrWindowIsRefused() throws {
    let small = try SmallNetworks.shared.get()
    let grid = small.folder.path("grid.h5")
    let (simulated, output) = (grid + ".simulated", grid + ".corrected")
    let configuration = small.folder.path("windows.json")
    try Data(#"{"windowSamples": 256}"#.utf8).write(to: URL(filePath: configuration))
    let outcome = try Program.run(
      "simulate", "--events", "20", "--array", "ideal:20x20:1500", "--config", configuration,
      "--output", simulated)
    #expect(outcome.status == 0, "\(outcome.errors)")
    try Program.run(
      "reconstruct", simulated, "--energy-table", "telescope-array-simulated", "--output", grid)
    let refused = try Program.run(
      "correct", grid, "--network", small.networks[0], "--output", output)
    #expect(refused.status == 65)
    for text in [
      "telescope-array (507 stations, 1200 m", "400 stations, 1500 m", "T = 256", "--any-array",
    ] {
      #expect(refused.errors.contains(text), "\(refused.errors)")
    }
    let forced = try Program.run(
      "correct", grid, "--network", small.networks[0], "--any-array", "--output", output)
    #expect(forced.status == 0, "\(forced.errors)")
  }

  @Test(arguments: [
    (["--energy-table", "telescope-array-published"], "those of the file are from"),
    (["--front", "utah"], "a fit with front utah-axial, but that of the file has utah"),
    (["--time-scatter-scale", "0.7"], "time_scatter_scale as usual"),
  ])
  func aNetworkOfAnotherReconstructionIsRefused(options: [String], message: String) throws {
    let small = try SmallNetworks.shared.get()
    let folder = try TemporaryFolder()
    let (other, output) = (folder.path("other.h5"), folder.path("corrected.h5"))
    _ = try Program.run(
      Program.url, ["reconstruct", small.events, "--output", other] + options)
    let arguments = ["correct", other, "--network", small.networks[0], "--output", output]
    let refused = try Program.run(Program.url, arguments)
    #expect(refused.status == 65)
    for text in [message, "make the events again", "--any-reconstruction"] {
      #expect(refused.errors.contains(text), "\(refused.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: output))
    let forced = try Program.run(Program.url, arguments + ["--any-reconstruction"])
    #expect(forced.status == 0, "\(forced.errors)")
  }

  static let pythonHasTorch =
    (try? Program.run(URL(filePath: "/usr/bin/python3"), ["-c", "import torch, h5py"]))?.status == 0

  @Test(
    .enabled(if: pythonHasTorch, "apt-get install python3-torch python3-h5py"),
    arguments: ["reference", "scalars"])
  func pythonGetsTheSameNumbersFromTheExportedInputs(network: String) throws {
    let small = try SmallNetworks.shared.get()
    let export = small.folder.path("\(network).inputs.h5")
    let file =
      network == "scalars"
      ? small.networks[0]
      : Program.repository.appending(path: "tables/networks/reference.pt").path
    let outcome = try Program.run(
      "export", small.events, "--network", file, "--max-events", "10", "--output", export)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let script = """
      import h5py, json, sys, torch
      files = {"spec.json": ""}
      network = torch.jit.load(sys.argv[1], _extra_files=files)
      f = h5py.File(sys.argv[2])
      assert json.loads(f.attrs["spec.json"])["spec"] == json.loads(files["spec.json"])["spec"]
      names = ["traces", "stations", "station_cells", "cells", "events"]
      with torch.no_grad():
          outputs = network(*[torch.from_numpy(f[name][:]) for name in names])
      expected = torch.from_numpy(f["outputs"][:])
      assert outputs.shape == expected.shape and 5 <= len(outputs) <= 10
      assert expected.abs().max() > 0.05
      print((outputs - expected).abs().max().item())
      """
    let python = try Program.run(
      URL(filePath: "/usr/bin/python3"), ["-c", script, file, export])
    let difference = try #require(
      Double(python.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(python.errors)")
    #expect(difference < 1e-5)
  }

  @Test(
    .enabled(if: pythonHasTorch, "apt-get install python3-torch python3-h5py"),
    arguments: [[], ["--errors"]])
  func aNetworkTrainedInPythonCorrects(options: [String]) throws {
    let small = try SmallNetworks.shared.get()
    let name = "python\(options.count)"
    let (export, network, output) = (
      small.folder.path(name + ".inputs.h5"), small.folder.path(name + ".pt"),
      small.folder.path(name + ".h5")
    )
    let exported = try Program.run(
      "export", small.training, "--network", small.networks[0], "--output", export)
    #expect(exported.status == 0, "\(exported.errors)")
    let script = Program.repository.appending(path: "Tools/train-in-python.py").path
    let trained = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      [script, export, network, "--name", name, "--epochs", "12"] + options)
    #expect(trained.status == 0, "\(trained.errors)")
    let outcome = try Program.run(
      "correct", small.events, "--network", network, "--output", output)
    #expect(outcome.status == 0, "\(outcome.errors)")

    let reader = try EventFileReader(path: output)
    let rows = 0..<reader.eventCount
    let (truths, standard) = (try reader.truths(rows), try reader.standardResults(rows))
    let corrected = try reader.reconstructions(named: name, rows)
    var (before, after): ([Double], [Double]) = ([], [])
    for index in rows where corrected[index].status == .good && corrected[index].fallback == .none {
      before.append(abs(standard[index].shower.logEnergy - truths[index].shower.logEnergy))
      after.append(abs(corrected[index].shower.logEnergy - truths[index].shower.logEnergy))
      #expect(corrected[index].sigma.logEnergy > 0)
    }
    func containment(_ errors: [Double]) -> Double { errors.sorted()[errors.count * 68 / 100] }
    #expect(before.count > 150 && containment(after) < 0.95 * containment(before))
  }
}
