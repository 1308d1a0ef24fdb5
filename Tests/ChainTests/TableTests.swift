import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Energy tables from simulated showers, and the scale of the energies.
@Suite(.serialized) struct TableTests {
  /// Protons of 5 to 300 EeV below 45 degrees, reconstructed; made once.
  static let protons = Result { try Protons() }

  struct Protons: Sendable {
    let folder: TemporaryFolder
    let path: String

    init() throws {
      folder = try TemporaryFolder()
      atexit {
        guard case .success(let protons) = TableTests.protons else { return }
        try? FileManager.default.removeItem(at: protons.folder.url)
      }
      path = folder.path("protons.h5")
      let events = folder.path("events.h5")
      let made = try Program.run(
        "simulate", "--events", "6000", "--energy", "5:300", "--primaries", "H", "--max-zenith",
        "45", "--seed", "31", "--output", events)
      try #require(made.status == 0, "\(made.errors)")
      let fitted = try Program.run("reconstruct", events, "--output", path)
      try #require(fitted.status == 0, "\(fitted.errors)")
      try FileManager.default.removeItem(atPath: events)
    }
  }

  /// The lines of a table but its date and its command.
  func lines(_ path: String) throws -> [Substring] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").filter {
      !$0.hasPrefix("# date") && !$0.hasPrefix("# command")
    }
  }

  @Test func aTableGivesUnbiasedEnergies() throws {
    let protons = try Self.protons.get()
    let folder = try TemporaryFolder()
    let table = folder.path("table.csv")
    let made = try Program.run("table", protons.path, "--output", table)
    try #require(made.status == 0, "\(made.errors)")
    let text = try lines(table)
    for word in ["seed 31", "sha256", "QGSJetII-04", "fit: inr, utah-axial", "systematic:", "chi2"]
    {
      #expect(text.contains { $0.hasPrefix("#") && $0.contains(word) }, "\(word)")
    }
    let rows = text.filter { !$0.hasPrefix("#") }
    #expect(rows.count == 51 * 98 + 1 && rows.count { !$0.hasSuffix("nan") } > 500)

    let (events, reconstruction) = (folder.path("events.h5"), folder.path("reco.h5"))
    try Program.run(
      "simulate", "--events", "1500", "--energy", "10:150", "--primaries", "H", "--max-zenith",
      "40", "--seed", "32", "--output", events)
    let outcome = try Program.run(
      "reconstruct", events, "--energy-table", table, "--output", reconstruction)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let reader = try EventFileReader(path: reconstruction)
    let rowsOfFile = 0..<reader.eventCount
    let errors = zip(
      try reader.truths(rowsOfFile), try reader.standardResults(rowsOfFile)
    ).compactMap { truth, result -> Double? in
      guard result.status == .good, result.stationCount >= 5,
        result.signal800Sigma < 0.25 * result.signal800
      else { return nil }
      return (result.shower.logEnergy - truth.shower.logEnergy) * log(10)
    }
    #expect(errors.count > 1200)
    let mean = errors.reduce(0, +) / Double(errors.count)
    // 18 % scatter of 1200 events, and the table's own error: 0.6 %.
    #expect(abs(mean) < 0.02, "\(mean)")
  }

  @Test func sameTableAgain() throws {
    let protons = try Self.protons.get()
    let folder = try TemporaryFolder()
    for (name, threads) in [("a.csv", "1"), ("b.csv", "2")] {
      try Program.run("table", protons.path, "--threads", threads, "--output", folder.path(name))
    }
    #expect(try lines(folder.path("a.csv")) == lines(folder.path("b.csv")))
    #expect(folder.contents == ["a.csv", "b.csv"])
  }

  @Test func samplesThatMakeNoTable() throws {
    let (protons, chain) = (try Self.protons.get(), try SmallChain.shared.get())
    let folder = try TemporaryFolder()
    let output = folder.path("t.csv")
    for (arguments, text) in [
      ([chain.reconstruction], "\(chain.reconstruction): too few showers"),
      ([protons.path, "--primary", "Fe"], "no shower of the primary Fe"),
      ([protons.path, protons.path], "Leave one out"),
      ([protons.path, "--energies", "290:300"], "\(protons.path): too few showers"),
    ] {
      let outcome = try Program.run(Program.url, ["table"] + arguments + ["--output", output])
      #expect(outcome.status == 65, "\(arguments): \(outcome.status) \(outcome.errors)")
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
    #expect(folder.contents.isEmpty)
  }

  @Test func unknownHistoryNeedsEnergies() throws {
    let folder = try TemporaryFolder()
    let copy = folder.path("edited.h5")
    try FileManager.default.copyItem(atPath: Self.protons.get().path, toPath: copy)
    let edited = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      ["-c", "import h5py\nh5py.File('\(copy)', 'r+').attrs['PROVENANCE'] = '[]'"])
    try #require(edited.status == 0, "\(edited.errors)")
    let refused = try Program.run("table", copy, "--output", folder.path("t.csv"))
    #expect(refused.status == 65 && refused.errors.contains("--energies"), "\(refused.errors)")
    let made = try Program.run(
      "table", copy, "--energies", "8:290", "--output", folder.path("t.csv"))
    #expect(made.status == 0, "\(made.errors)")
  }

  @Test func theFluorescenceScaleIsForData() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let refused = try Program.run(
      "reconstruct", chain.simulation, "--energy-scale", "fluorescence", "--output",
      folder.path("x.h5"))
    #expect(refused.status == 64 && refused.errors.contains("simulated events"))
    let unknown = try Program.run(
      "reconstruct", chain.simulation, "--energy-scale", "calorimetric", "--output",
      folder.path("x.h5"))
    #expect(unknown.status == 64 && unknown.errors.contains("fluorescence"))
    #expect(folder.contents.isEmpty)

    let data = folder.path("data.h5")
    try FileManager.default.copyItem(atPath: chain.simulation, toPath: data)
    let edited = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      ["-c", "import h5py\ndel h5py.File('\(data)', 'r+')['truth']"])
    try #require(edited.status == 0, "\(edited.errors)")
    let scales: [EnergyScale] = [.simulation, .fluorescence]
    for scale in scales {
      let outcome = try Program.run(
        "reconstruct", data, "--energy-scale", scale.rawValue, "--output",
        folder.path("\(scale).h5"))
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    let corrected = folder.path("corrected.h5")
    try Program.run("correct", folder.path("fluorescence.h5"), "--output", corrected)
    let readers = try scales.map { try EventFileReader(path: folder.path("\($0).h5")) }
    #expect(readers.map(\.energyScale) == scales)
    #expect(readers[1].provenance.last?.settings["energy_scale"] == "fluorescence")
    let rows = 0..<readers[0].eventCount
    let results = try readers.map { try $0.standardResults(rows) }
    var compared = 0
    for (simulation, fluorescence) in zip(results[0], results[1])
    where simulation.status == .good {
      let ratio = pow(10, simulation.shower.logEnergy - fluorescence.shower.logEnergy)
      #expect(abs(ratio - 1.27) < 1e-9)
      #expect(simulation.signal800 == fluorescence.signal800)
      compared += 1
    }
    #expect(compared > SmallChain.eventCount / 2)
    // The scale stays with the file, in words and as an attribute, for every method.
    let copy = try EventFileReader(path: corrected)
    #expect(copy.energyScale == .fluorescence)
    for name in ["standard"] + copy.reconstructionNames {
      let group = try copy.summary().groups.first { $0.path == "/reconstruction/\(name)" }
      #expect(
        group?.attributes.contains { $0.name == "ENERGY_SCALE" && $0.value == "fluorescence" }
          ?? false)
      #expect(
        group?.datasets.first { $0.path.hasSuffix("/log_energy") }?.description.contains(
          "fluorescence") ?? false)
    }
  }
}
