import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Settings, variations and arrays of `simulate`, as a user gives them.
@Suite(.serialized) struct SimulationSettingsTests {
  func simulate(_ arguments: [String]) throws -> Program.Outcome {
    try Program.run(Program.url, ["simulate"] + arguments)
  }

  func write(_ text: String, _ name: String, in folder: TemporaryFolder) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: folder.path(name)))
    return folder.path(name)
  }

  /// Settings of the step that made a file.
  func settings(_ file: String) throws -> [String: String] {
    try #require(EventFileReader(path: file).provenance.first).settings
  }

  @Test func listsAndSettingsArePrinted() throws {
    let settings = try simulate(["--list-settings"])
    #expect(settings.status == 0)
    for text in ["muonScaleFactor *", "0 to 60", "deg", "windowSamples", "[shower model]"] {
      #expect(settings.output.contains(text), "\(text)")
    }
    let variations = try simulate(["--list-variations"])
    #expect(variations.status == 0)
    #expect(variations.output.contains("muons-up") && variations.output.contains("+20 %"))
    // What is printed can be given back, ranges and all.
    let folder = try TemporaryFolder()
    let printed = try simulate([
      "--print-config", "--variation", "mix", "--variation", "epos-lhc", "--max-zenith", "33.3",
      "--spectral-index", "-2.7", "--energy", "30",
    ])
    #expect(printed.status == 0)
    let file = try write(printed.output, "config.json", in: folder)
    #expect(try simulate(["--print-config", "--config", file]).output == printed.output)
    let values = try #require(
      JSONSerialization.jsonObject(with: Data(printed.output.utf8)) as? [String: Any])
    #expect(values["spectralIndex"] as? Double == -2.7)
    #expect(values["maximumZenith"] as? Double == 33.3)
    #expect(values["interactionModel"] as? String == "EPOS-LHC")
    #expect(values["muonScaleFactor"] as? [Double] == [0.8, 1.2])
    #expect(values["minimumLogEnergy"] as? Double == values["maximumLogEnergy"] as? Double)
  }

  /// The page on the simulation knows every setting and every variation, with its default and
  /// range.
  @Test func theDocumentationListsThem() throws {
    let page = try String(
      contentsOf: Program.repository.appending(path: "Documentation/simulation.md"),
      encoding: .utf8)
    for line in try simulate(["--list-settings"]).output.split(separator: "\n") {
      let cells = line.components(separatedBy: "  ").filter { !$0.isEmpty }
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 5, cells[0] != "setting" else { continue }
      let name = cells[0].replacingOccurrences(of: " *", with: "")
      let row = page.split(separator: "\n").first { $0.hasPrefix("| `\(name)`") }
      #expect(row != nil, "\(name)")
      for cell in cells.dropFirst() {
        #expect(row?.contains(cell) == true, "\(name): \(cell)")
      }
    }
    for line in try simulate(["--list-variations"]).output.split(separator: "\n") {
      let name = line.prefix { $0 != " " }
      #expect(page.contains("`\(name)`"), "\(name)")
    }
  }

  @Test(
    arguments: [
      (["--variation", "muons-up", "--variation", "muons-down"], 64, "both set muonScaleFactor"),
      (["--variation", "mix", "--variation", "clock-40ns"], 64, "both set timeJitter"),
      (["--variation", "epos-lhc", "--interaction-model", "QGSJetII-03"], 64, "interactionModel"),
      (
        ["--config", "CONFIG", "--variation", "delays-long"], 64,
        "electromagneticDelayFactor, to 1.1 and to 1"
      ),
      (["--variation", "nosuch"], 65, "muons-up"),
      (["--config", "CONFIG", "--max-zenith", "20"], 64, "minimumZenith (30)"),
      (["--energy", "0.01:1"], 64, "0.1 to 630 EeV"), (["--energy", "1:1e400"], 64, "--energy"),
      (["--max-zenith", "nan"], 64, "0 to 60 deg"), (["--spectral-index", "9"], 64, "-5 to 2"),
      (["--primaries", ""], 64, "no primary has a weight"),
      (["--array", "ideal:0x5"], 64, "2 to 250"),
      (["--array", "ideal:5x5:-1"], 64, "50 to 20000 m"),
      (["--array", "ideal:5x5:nan"], 64, "50 to 20000 m"),
      (["--array", "ideal:5"], 64, "COLUMNSxROWS"),
      (["--array", "TWICE"], 65, "twice.csv, line 5: station 1 is on line 4 already"),
      (["--array", "SINGLE"], 65, "no station has two neighbours"),
      (["--config", "SPREAD"], 65, "altitudeSpread"),
    ] as [([String], Int32, String)])
  func whatCannotBeIsRefused(arguments: [String], status: Int32, text: String) throws {
    let folder = try TemporaryFolder()
    let head = "# spacing: 1200\n# altitude: 1400\nid,column,row,x,y,z\n"
    let files = [
      "CONFIG": try write(
        #"{"electromagneticDelayFactor": 1, "minimumZenith": 30}"#, "config.json", in: folder),
      "SPREAD": try write(#"{"altitudeSpread": 25}"#, "spread.json", in: folder),
      "SINGLE": try write(head + "1,1,1,0,0,1400\n", "single.csv", in: folder),
      "TWICE": try write(head + "1,1,1,0,0,0\n1,2,1,9,0,0\n", "twice.csv", in: folder),
    ]
    let before = folder.contents
    let output = folder.path("events.h5")
    let outcome = try simulate(
      ["--events", "3", "--output", output] + arguments.map { files[$0] ?? $0 })
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.contains(text), "\(outcome.errors)")
    #expect(folder.contents == before)
  }

  @Test func variationsGoIntoEventsAndProvenance() throws {
    let folder = try TemporaryFolder()
    func run(_ name: String, _ arguments: [String]) throws -> EventFileReader {
      let outcome = try simulate(
        ["--events", "60", "--seed", "3", "--energy", "10:100", "--output", folder.path(name)]
          + arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try EventFileReader(path: folder.path(name))
    }
    let nominal = try run("nominal.h5", [])
    let varied = try run("varied.h5", ["--variation", "muons-up", "--variation", "epos-lhc"])
    let settings = try settings(folder.path("varied.h5"))
    #expect(settings["variations"] == "muons-up, epos-lhc")
    #expect(settings["configuration"]?.contains(#""muonScaleFactor" : 1.2"#) == true)
    let inputs = try #require(varied.provenance.first).inputs
    #expect(inputs.contains { $0.path == "tables/variations/muons-up.json" && $0.sha256 != nil })
    func muons(_ file: EventFileReader) throws -> Double {
      let scales = try file.truths(0..<60).map(\.muonScale)
      return scales.reduce(0, +) / 60
    }
    // 1.2 and the ratio of the models, 1.22 to 1.15.
    #expect(abs(try muons(varied) / muons(nominal) - 1.2 * 1.22 / 1.15) < 0.06)
  }

  @Test func theMixIsTheSameForAnyNumberOfThreads() throws {
    let folder = try TemporaryFolder()
    let events = try ["1", "3"].map { threads in
      let name = folder.path("t\(threads).h5")
      let outcome = try simulate([
        "--events", "120", "--seed", "9", "--variation", "mix", "--threads", threads, "--output",
        name,
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try EventFileReader(path: name).events(0..<120)
    }
    let isSame = events[0] == events[1]
    #expect(isSame)
    #expect(
      try settings(folder.path("t1.h5"))["configuration"]?.contains("timeJitter\" : [") == true)
  }

  @Test func gridsOfAnySpacingAndAltitude() throws {
    let folder = try TemporaryFolder()
    let config = try write(#"{"altitudeSpread": 25}"#, "config.json", in: folder)
    for seed in ["1", "2"] {
      let outcome = try simulate([
        "--events", "20", "--array", "ideal:9x12:750", "--energy", "10", "--config", config,
        "--seed", seed, "--output", folder.path(seed),
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let array = try EventFileReader(path: folder.path("1")).array
    #expect(array.name == "ideal-9x12-750m" && array.spacing == 750 && array.stations.count == 108)
    #expect(array.stations.contains { abs($0.position.z) > 25 })
    // Samples of two seeds have one array.
    #expect(try EventFileReader(path: folder.path("2")).array == array)
    let energies = try EventFileReader(path: folder.path("1")).truths(0..<20)
    #expect(energies.allSatisfy { abs($0.shower.logEnergy - 19) < 1e-12 })
  }

  /// ln(S800 fitted / true) of events that pass the standard cuts, by their number.
  func residuals(_ file: String) throws -> [Int: Double] {
    let reader = try EventFileReader(path: file)
    let rows = 0..<reader.eventCount
    var residuals: [Int: Double] = [:]
    for (id, (truth, result)) in zip(
      try reader.eventIDs(rows), zip(try reader.truths(rows), try reader.standardResults(rows)))
    where result.verdict == .passed {
      residuals[id] = log(result.signal800 / truth.signal800)
    }
    return residuals
  }

  /// Differences of events that both have.
  func paired(_ a: [Int: Double], _ b: [Int: Double]) -> (
    mean: Double, error: Double, rms: Double, width68: Double
  ) {
    let differences = a.compactMap { id, value in b[id].map { value - $0 } }
    let n = Double(differences.count)
    let mean = differences.reduce(0, +) / n
    let rms = (differences.reduce(0) { $0 + $1 * $1 } / n).squareRoot()
    let sizes = differences.map(abs).sorted()
    return (mean, rms / n.squareRoot(), rms, sizes[sizes.count * 68 / 100])
  }

  /// Windows of every length pass through fit, images, report and picture, and give the same S800.
  @Test func windowsOfEveryLengthGiveTheSameFit() throws {
    let folder = try TemporaryFolder()
    var reference: [Int: Double] = [:]
    for length in [128, 192, 256, 384] {
      let config = try write(#"{"windowSamples": \#(length)}"#, "w\(length).json", in: folder)
      let (events, reco, corrected) = (
        folder.path("e\(length).h5"), folder.path("r\(length).h5"), folder.path("c\(length).h5")
      )
      for command in [
        ["simulate", "--events", "150", "--seed", "12", "--energy", "10:100", "--config", config],
        ["reconstruct", events], ["correct", reco, "--any-array"],
        ["show", corrected],
      ] {
        let output = [
          "simulate": events, "reconstruct": reco, "correct": corrected,
          "show": folder.path("\(length).svg"),
        ]
        let outcome = try Program.run(
          Program.url, command + ["--output", try #require(output[command[0]])])
        #expect(outcome.status == 0, "\(length) \(command[0]): \(outcome.errors)")
      }
      let reader = try EventFileReader(path: corrected)
      #expect(reader.sampleCount == length)
      let name = try #require(reader.reconstructionNames.first { $0 != "polynomial" })
      let good = try reader.reconstructions(named: name, 0..<150).count { $0.status == .good }
      #expect(good > 120)
      let residuals = try residuals(reco)
      if length == 128 { reference = residuals }
      let difference = paired(residuals, reference)
      // Long windows hold late particles that short ones lose, 4 to 5 % of the signal; no pulse is
      // taken twice.
      let isLonger = length > 128
      #expect(
        (isLonger ? 0.01...0.07 : 0...0).contains(difference.mean), "\(length): \(difference)")
      #expect(difference.rms < 0.08, "\(length): \(difference)")
    }
  }

  /// Bad layers leave the bias of S800 where it was; used in spite of their mark, they would not.
  @Test func badLayersDoNotChangeTheFit() throws {
    let folder = try TemporaryFolder()
    var residuals: [String: [Int: Double]] = [:]
    for (name, fraction) in [("good", 0.0), ("bad", 0.2)] {
      let config = try write(#"{"badLayerFraction": \#(fraction)}"#, "config.json", in: folder)
      let events = folder.path(name + ".h5")
      for command in [
        [
          "simulate", "--events", "500", "--seed", "17", "--energy", "10:100", "--config", config,
          "--output", events,
        ], ["reconstruct", events, "--output", folder.path(name + "-reco.h5")],
      ] {
        let outcome = try Program.run(Program.url, command)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      residuals[name] = try self.residuals(folder.path(name + "-reco.h5"))
    }
    let script = """
      import h5py, numpy as np
      f = h5py.File('\(folder.path("bad.h5"))', 'a')
      bad = f['hits/bad_layers']
      assert bad.dtype == np.uint8 and 0.25 < np.mean(bad[:] > 0) < 0.45, np.mean(bad[:] > 0)
      assert f.attrs['FORMAT_VERSION'] == b'1.7.0'
      bad[:] = 0
      r = h5py.File('\(folder.path("bad-reco.h5"))')['stations']
      b = r['bad_layers'][:]
      assert (np.isnan(r['signal_upper'][:]) == (b & 1 > 0)).all()
      assert (np.isnan(r['signal_lower'][:]) == (b & 2 > 0)).all() and (b < 3).all()
      """
    let python = try Program.run(URL(filePath: "/usr/bin/python3"), ["-c", script])
    #expect(python.status == 0, "\(python.errors)")
    try Program.run("reconstruct", folder.path("bad.h5"), "--output", folder.path("blind.h5"))
    let good = try #require(residuals["good"])
    let masked = paired(try #require(residuals["bad"]), good)
    let blind = paired(try self.residuals(folder.path("blind.h5")), good)
    #expect(abs(masked.mean) < 3 * masked.error + 0.002, "\(masked)")
    // Of the scatter the 68 %: its rms is that of a handful of events.
    #expect(
      masked.rms < 0.08 && blind.width68 > 1.6 * masked.width68, "\(masked), \(blind)")
  }
}
