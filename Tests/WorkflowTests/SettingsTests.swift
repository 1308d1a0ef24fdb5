import Foundation
import ShowerModel
import ShowerSimulation
import StandardReconstruction
import Testing

@testable import Workflow

@Suite struct SettingsTests {
  private func expectWrongUse(_ text: String, _ body: () throws -> Void) {
    #expect {
      try body()
    } throws: {
      ($0 as? WrongUse)?.description == text
    }
  }

  private func fit(_ change: (inout FitSettings) -> Void) -> FitSettings {
    var settings = FitSettings()
    change(&settings)
    return settings
  }

  @Test func valuesThatAFitCannotHaveAreWrongUse() {
    for (settings, text) in [
      (
        fit { $0.lateralDistribution = "x" },
        "--lateral-distribution: unknown \"x\"; known: inr, utah"
      ),
      (
        fit { $0.timeResolution = 0 },
        "--time-resolution needs a positive number of nanoseconds"
      ),
      (fit { $0.timeScatterScale = -1 }, "--time-scatter-scale needs a number of at least 0"),
      (
        fit { $0.saturationCounts = 0 },
        "--saturation-counts needs a whole number from 1 to 65536"
      ),
      (
        fit { ($0.mode, $0.core) = (.geometry, "1,") },
        "--core: expected barycentre or X,Y in metres, found \"1,\""
      ),
    ] {
      expectWrongUse(text) { _ = try settings.configuration(default: .joint) }
    }
  }

  @Test func theModeOfTheCommandIsUsedWhereNoneIsNamed() throws {
    #expect(try FitSettings().configuration(default: .joint).mode == .joint)
    let geometry = try fit { $0.core = "1,2" }.configuration(default: .geometry)
    #expect(geometry.mode == .geometry(core: SIMD2(1, 2)))
    #expect(geometry.timeError == .measuredSignal)
  }

  @Test func theRecordOfAFitHoldsWhatIsNotUsual() {
    let usual = FitSettings().record
    #expect(
      usual == [
        "fit": "joint", "lateral_distribution": "inr", "front": "utah-axial", "sigma": "expected",
        "time_error": "half-utah", "attenuation_length_gcm2": "500.0",
      ])
    let changed = fit {
      $0.mode = .geometry
      $0.timeError = .constant
      $0.timeResolution = 20
    }.record
    #expect(changed["core"] == "barycentre" && changed["time_error"] == "constant")
    #expect(changed["time_resolution_ns"] == "20.0")
  }

  @Test func rangesOfEnergiesAreInLogarithms() throws {
    #expect(try energyRange("1:100", option: "--energy") == 0...2)
    for text in ["", "1", "1:1", "0:1", "a:b", "1:inf", "-1:-2"] {
      expectWrongUse("--energies \(text): give two energies in EeV, as in --energies 1:300") {
        _ = try energyRange(text, option: "--energies")
      }
    }
    expectWrongUse("--energies 300:1: the smaller energy comes first: --energies 1:300") {
      _ = try energyRange("300:1", option: "--energies")
    }
    #expect(try energyRange("10:10", option: "--energy", mayBeFixed: true) == 1...1)
  }

  @Test func optionsAreLaidOverTheFile() throws {
    let folder = try TemporaryFolder()
    func noTables() throws -> TableFolder { throw InputError(description: "not needed") }
    var settings = SimulationSettings()
    settings.config = try folder.write(
      #"{"maximumZenith": 30, "spectralIndex": -2}"#, to: "a.json")
    settings.spectralIndex = -3
    let chosen = try settings.chosen(noTables())
    #expect(chosen.configuration.spectralIndex == -3)
    #expect(chosen.layers.map(\.name) == ["--config \(settings.config ?? "")", "--spectral-index"])
  }

  @Test func aVariationMustNotContradictAnOption() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "arrays/a.csv")
    try folder.write(
      #"{"description": "steep", "spectralIndex": -2}"#, to: "variations/steep.json")
    let tables = try TableFolder(option: folder.url.path)
    var settings = SimulationSettings()
    settings.variations = ["steep"]
    #expect(try settings.chosen(tables).configuration.spectralIndex == -2)
    #expect(settings.record == ["variations": "steep"])
    settings.spectralIndex = -3
    expectWrongUse(
      "--variation steep and --spectral-index both set spectralIndex, to -2 and to -3. "
        + "Choose one"
    ) {
      _ = try settings.chosen(tables)
    }
  }

  @Test func optionsOfCorsikaNeedItsFiles() throws {
    var settings = CorsikaSettings()
    try settings.check(events: 5, [])
    settings.throwChoice = 3
    expectWrongUse("--throws is for CORSIKA showers: give --corsika FILE...") {
      try settings.check(events: nil, [])
    }
    settings.files = ["DAT000001"]
    try settings.check(events: nil, [])
    expectWrongUse(
      "--events cannot be used with --corsika: --throws sets how often each shower is thrown"
    ) {
      try settings.check(events: 5, [])
    }
    settings.throwChoice = 0
    expectWrongUse("--throws needs a number of at least 1") {
      try settings.check(events: nil, [])
    }
  }

  @Test func picturesAreCheckedBeforeAnyWork() throws {
    var run = ShowRun("a.h5", output: OutputFile("a.txt"))
    expectWrongUse("a.txt: the name of a picture must end in .png, .svg or .pdf") {
      try run.check()
    }
    run.output.path = "a.svg"
    try run.check()
    run.waveforms = 13
    expectWrongUse("--waveforms needs a number from 0 to 12") { try run.check() }
  }

  @Test func anOutputIsKeptUnlessItMayBeReplaced() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("precious", to: "a.txt")
    #expect {
      try OutputFile(path).check()
    } throws: {
      ($0 as? OutputError)?.description
        == "\(path): exists. Choose another name, or give --overwrite"
    }
    try OutputFile(path, overwrites: true).check()
    #expect(throws: OutputError.self) { try OutputFile(folder.path("no/a.txt")).check() }
    try writeText("new", to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    #expect(throws: OutputError.self) { try writeText("new", to: folder.path("no/a.txt")) }
  }
}
