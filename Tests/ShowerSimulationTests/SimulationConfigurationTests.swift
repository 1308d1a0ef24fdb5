import Foundation
import ShowerModel
import Testing

@testable import ShowerSimulation

@Suite struct SimulationConfigurationTests {
  /// A value of a setting that is not the default.
  static func other(_ setting: SimulationSetting) throws -> SettingValue {
    let standard = setting.value(in: SimulationConfiguration())
    let others: [SettingValue] =
      switch setting.kind {
      case .number(_, let range, _):
        [0.37, 0.61].map {
          .number(range.lowerBound + $0 * (range.upperBound - range.lowerBound))
        }
      case .count(_, let range, _): [.number(Double(range.upperBound))]
      case .flag: [.flag(true), .flag(false)]
      case .choice(let names, _, _): names.map { .text($0) }
      case .weights: [.table(["photon": .number(0.25), "Fe": .number(2)])]
      }
    return try #require(others.first { $0 != standard })
  }

  func encoded(_ configuration: SimulationConfiguration) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(configuration)
  }

  func decoded(_ text: String) throws -> SimulationConfiguration {
    try JSONDecoder().decode(SimulationConfiguration.self, from: Data(text.utf8))
  }

  /// Every setting comes back from its file, and is no other one's.
  @Test func everySettingSurvivesJSON() throws {
    #expect(
      Set(SimulationSetting.all.map(\.name)).count == SimulationSetting.all.count)
    var configuration = SimulationConfiguration()
    for setting in SimulationSetting.all {
      let value = try Self.other(setting)
      var alone = SimulationConfiguration()
      try setting.set(value, in: &alone)
      for known in SimulationSetting.all {
        let isDefault = known.value(in: alone) == known.value(in: SimulationConfiguration())
        #expect(isDefault == (known.name != setting.name), "\(setting.name), \(known.name)")
      }
      try setting.set(value, in: &configuration)
      #expect(!setting.unit.isEmpty && !setting.meaning.isEmpty && !setting.allowed.isEmpty)
    }
    configuration.minimumLogEnergy = 18
    configuration.minimumZenith = 0
    configuration.minimumAzimuth = configuration.maximumAzimuth - 1
    let json = try encoded(configuration)
    let again = try JSONDecoder().decode(SimulationConfiguration.self, from: json)
    // Angles lose the digits that the change of units would leave behind.
    #expect(try encoded(again) == json)
    #expect(abs(again.maximumZenith - configuration.maximumZenith) < 1e-10)
    let standard = SimulationConfiguration()
    #expect(
      try JSONDecoder().decode(SimulationConfiguration.self, from: encoded(standard)) == standard)
  }

  /// A property without a line in the list would be a knob that nobody can turn.
  @Test func everyPropertyIsASetting() {
    let properties = Mirror(reflecting: SimulationConfiguration()).children.compactMap(\.label)
    #expect(Set(properties) == Set(SimulationSetting.all.map(\.name) + ["drawn"]))
  }

  @Test func missingKeysAreDefaults() throws {
    let configuration = try decoded(#"{"timeJitter": 20, "interactionModel": "QGSJetII-03"}"#)
    var expected = SimulationConfiguration()
    expected.timeJitter = 20
    expected.interactionModel = .qgsjetII03
    #expect(configuration == expected)
  }

  @Test func anglesAreDegreesInFiles() throws {
    let configuration = try decoded(#"{"minimumZenith": 30, "maximumZenith": 60}"#)
    #expect(configuration.minimumZenith == 30 * Units.degree)
    #expect(configuration.maximumZenith == 60 * Units.degree)
    #expect(
      SimulationSetting.named("maximumZenith")?.value(in: configuration) == .number(60))
  }

  @Test(
    arguments: [
      (#"{"timeJiter": 20}"#, [#"timeJiter: unknown key, did you mean "timeJitter"?"#]),
      (#"{"TIMEJITTER": 20}"#, [#"did you mean "timeJitter"?"#]),
      (#"{"timeScale": 1.1}"#, ["timeScale", "electromagneticDelayFactor"]),
      (#"{"deadFraction": 1.5}"#, ["deadFraction", "0 to 0.95", "found 1.5"]),
      (#"{"deadFraction": "much"}"#, ["deadFraction", "a number", #"found "much""#]),
      (#"{"timeJitter": -1}"#, ["timeJitter", "0 to 1000 ns", "found -1"]),
      (#"{"timeJitter": null}"#, ["timeJitter", "found null"]),
      (#"{"timeJitter": NaN}"#, ["timeJitter", "0 to 1000 ns", "found nan"]),
      (#"{"timeJitter": -Infinity}"#, ["timeJitter", "found -inf"]),
      (#"{"timeJitter": 1e999}"#, ["timeJitter", "too large"]),
      (#"{"timeJitter": [40, 10]}"#, ["timeJitter", "[low, high]", "found [40, 10]"]),
      (#"{"timeJitter": [10, 4000]}"#, ["timeJitter", "0 to 1000 ns"]),
      (#"{"timeJitter": [10]}"#, ["timeJitter", "found [10]"]),
      (#"{"maximumZenith": [10, 20]}"#, ["maximumZenith", "found [10, 20]"]),
      (
        #"{"primaryWeights": {"Xe": 1}}"#,
        ["primaryWeights", #"unknown primary "Xe""#, "H, He, N, Fe"]
      ),
      (#"{"primaryWeights": {"He": 1, "he": 2}}"#, ["primaryWeights", "He occurs twice"]),
      (#"{"primaryWeights": {"H": -1}}"#, ["primaryWeights", "-1 of H"]),
      (#"{"primaryWeights": {"H": 0}}"#, ["primaryWeights", "no primary has a weight"]),
      (#"{"primaryWeights": {}}"#, ["primaryWeights", "no primary has a weight"]),
      (#"{"primaryWeights": 3}"#, ["primaryWeights", "an object", "found 3"]),
      (#"{"windowSamples": 64}"#, ["windowSamples", "an even number from 128 to 512", "64"]),
      (#"{"windowSamples": 129}"#, ["windowSamples", "an even number"]),
      (#"{"windowSamples": 128.5}"#, ["windowSamples", "found 128.5"]),
      (#"{"windowSamples": 1e300}"#, ["windowSamples", "found 1e+300"]),
      (#"{"interactionModel": "none"}"#, ["interactionModel", "QGSJetII-04, EPOS-LHC"]),
      (#"{"coreArea": "circle"}"#, ["coreArea", "wholeArray, centralCell, disc"]),
      (#"{"saturation": 1}"#, ["saturation", "true or false", "found 1"]),
      (#"{"minimumLogEnergy": 15}"#, ["minimumLogEnergy", "17 to 20.8"]),
      (
        #"{"minimumLogEnergy": 20, "maximumLogEnergy": 19}"#,
        ["minimumLogEnergy (20) must not exceed maximumLogEnergy (19)"]
      ),
      (#"{"maximumZenith": 61}"#, ["maximumZenith", "0 to 60 deg", "found 61"]),
      (#"{"minimumZenith": 50}"#, ["minimumZenith (50)", "maximumZenith (45)"]),
      (#"{"minimumAzimuth": -90}"#, ["a full turn apart"]),
      (#"{"description": "x"}"#, ["description", "unknown key"]),
    ]) func nonsenseIsRefused(json: String, texts: [String]) throws
  {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    let error = try #require(
      #expect(throws: (any Error).self) {
        try decoder.decode(SimulationConfiguration.self, from: Data(json.utf8))
      })
    for text in texts { #expect("\(error)".contains(text), "\(error)") }
  }

  @Test func layersOfFilesNameFileAndKey() throws {
    let layer = try SettingsLayer(
      parsing: #"{"description": "late", /* why */ "timeJitter": 40}"#, file: "late.json")
    #expect(layer.description == "late" && layer.values == ["timeJitter": .number(40)])
    for (text, reason) in [
      ("{", "is not valid JSON"), ("", "is not valid JSON"), ("[1]", "one JSON object"),
      (#"{"description": 3}"#, "description: 3 is not a text"),
      (#"{"noise": 1e999}"#, "noise: the number is too large"), (#"{"nois": 1}"#, "\"noise\""),
    ] {
      let error = try #require(
        #expect(throws: TableError.self) { try SettingsLayer(parsing: text, file: "late.json") })
      #expect(error.table == "late.json" && error.reason.contains(reason), "\(error)")
    }
    let other = SettingsLayer(
      source: "b", values: ["timeJitter": .number(20), "noise": .number(1)])
    #expect(layer.conflict(with: other) == "timeJitter")
    #expect(layer.conflict(with: layer) == nil)
  }

  // MARK: - Settings drawn for every shower

  @Test func drawnSettingsAreAFunctionOfSeedAndAttempt() throws {
    var configuration = SimulationConfiguration()
    try configuration.set([
      "muonScaleFactor": .list([.number(0.8), .number(1.2)]),
      "timeJitter": .list([.number(10), .number(40)]),
      "hadronicFractionOffset": .list([.number(-0.1), .number(0.1)]),
    ])
    #expect(configuration.drawn.count == 3)
    let again = try JSONDecoder().decode(
      SimulationConfiguration.self, from: encoded(configuration))
    #expect(again == configuration)
    let simulator = try TestSetup.simulator(configuration)
    let drawn = (0..<4000).map { simulator.configuration(attempt: $0) }
    #expect(drawn == (0..<4000).reversed().map { simulator.configuration(attempt: $0) }.reversed())
    for (path, range) in [
      (\SimulationConfiguration.muonScaleFactor, 0.8...1.2),
      (\SimulationConfiguration.timeJitter, 10...40),
      (\SimulationConfiguration.hadronicFractionOffset, -0.1...0.1),
    ] {
      let values = drawn.map { $0[keyPath: path] }
      #expect(values.allSatisfy { range.contains($0) })
      let width = range.upperBound - range.lowerBound
      #expect(abs(mean(values) - 0.5 * (range.lowerBound + range.upperBound)) < 0.02 * width)
      #expect(abs(deviation(values) - width / 12.0.squareRoot()) < 0.01 * width)
    }
    // Independent of each other.
    let product = mean(drawn.map { ($0.muonScaleFactor - 1) * ($0.timeJitter - 25) })
    #expect(abs(product) < 0.05 * 0.2 * 15)
    let other = try TestSetup.simulator(configuration, seed: 2)
    #expect(other.configuration(attempt: 0) != simulator.configuration(attempt: 0))
    // A range set to a number is drawn no longer.
    try configuration.set(["timeJitter": .number(15)])
    #expect(configuration.drawn["timeJitter"] == nil && configuration.timeJitter == 15)
  }

  /// An event with drawn settings is the event of those settings given as numbers.
  @Test func drawnSettingsGiveTheEventsOfTheirValues() throws {
    var configuration = SimulationConfiguration()
    for setting in SimulationSetting.all where setting.mayBeDrawn {
      guard case .number(let value) = setting.value(in: configuration) else { continue }
      let other = value == 0 ? 0.05 : value * (value < 0 ? 0.8 : 1.1)
      let limits = [min(value, other), max(value, other)].map { SettingValue.number($0) }
      // 1.1 times this is not allowed.
      guard setting.name != "muonEnergyExponent" else { continue }
      try setting.set(.list(limits), in: &configuration)
    }
    #expect(configuration.drawn.count > 25)
    let simulator = try TestSetup.simulator(configuration)
    let workspace = simulator.makeWorkspace()
    var triggered = 0
    for attempt in 0..<8 {
      let event = simulator.simulate(attempt: attempt, in: workspace)
      let fixed = try TestSetup.simulator(simulator.configuration(attempt: attempt))
      #expect(fixed.simulate(attempt: attempt, in: fixed.makeWorkspace()) == event)
      triggered += event == nil ? 0 : 1
    }
    #expect(triggered > 2)
  }

  // MARK: - What settings do

  /// Showers in which every setting matters.
  static func sensitive() -> SimulationConfiguration {
    var configuration = SimulationConfiguration()
    configuration.primaryWeights = ["H": 1, "photon": 1]
    configuration.minimumLogEnergy = 19.9
    configuration.maximumLogEnergy = 20.5
    configuration.coreArea = .disc
    configuration.coreRadius = 1500
    configuration.neutronRate = 0.1
    configuration.badLayerFraction = 0.2
    return configuration
  }

  /// No knob is without effect.
  @Test func everySettingChangesEvents() throws {
    let base = Self.sensitive()
    func events(_ configuration: SimulationConfiguration) throws -> [Event?] {
      let array = DetectorArray.idealGrid(
        columns: 7, rows: 7, altitudeSpread: configuration.altitudeSpread)
      let simulator = try TestSetup.simulator(configuration, array: array)
      let workspace = simulator.makeWorkspace()
      return (0..<8).map { simulator.simulate(attempt: $0, in: workspace) }
    }
    let reference = try events(base)
    #expect(reference.count { $0 != nil } > 4)
    #expect(try events(base) == reference)
    let given: [String: SettingValue] = [
      "minimumLogEnergy": .number(19.5), "maximumLogEnergy": .number(20.2),
      "minimumAzimuth": .number(180), "maximumAzimuth": .number(180), "coreRadius": .number(900),
      "primaryWeights": .table(["Fe": .number(1)]), "coreArea": .text("wholeArray"),
      "neutronRate": .number(0.004), "badLayerFraction": .number(0),
      "backgroundMuonRate": .number(10_000), "backgroundSingleRate": .number(10_000),
      "countsPerMeV": .number(25), "photoElectronsPerMeV": .number(9), "noise": .number(1.5),
      "pedestal": .number(8), "pedestalSpread": .number(2), "electromagneticFactor": .number(1.3),
    ]
    for setting in SimulationSetting.all {
      var configuration = base
      try setting.set(given[setting.name] ?? Self.other(setting), in: &configuration)
      // In a variable, since a failure would print every sample.
      let isSame = try events(configuration) == reference
      #expect(!isSame, "\(setting.name)")
    }
  }

  @Test func settingsOfTheModelDoWhatTheySay() throws {
    let truth = TestSetup.truth(energy: 30, zenith: 30 * Units.degree)
    func signals(
      _ change: (inout SimulationConfiguration) -> Void, _ truth: Truth
    ) throws -> ShowerField.Signals {
      var configuration = TestSetup.reference
      change(&configuration)
      var field = TestSetup.showerField(truth, configuration)
      return field.signals(distance: 1000, upstream: 0)
    }
    let nominal = try signals({ _ in }, truth)
    let bright = try signals({ $0.electromagneticFactor = 1.5 }, truth)
    #expect(abs(bright.photons.signal / nominal.photons.signal - 1.5) < 1e-9)
    #expect(abs(bright.electrons.signal / nominal.electrons.signal - 1.5) < 1e-9)
    #expect(bright.decays.signal == nominal.decays.signal)
    #expect(bright.muonDensity == nominal.muonDensity)
    let late = try signals({ $0.electromagneticDelayFactor = 1.1 }, truth)
    for arrival in [\ShowerField.Signals.photonArrival, \.electronArrival] {
      #expect(abs(late[keyPath: arrival].median / nominal[keyPath: arrival].median - 1.1) < 1e-12)
      #expect(late[keyPath: arrival].width == nominal[keyPath: arrival].width)
    }
    let long = try signals({ $0.electromagneticWidthFactor = 0.9 }, truth)
    for arrival in [\ShowerField.Signals.photonArrival, \.electronArrival] {
      #expect(abs(long[keyPath: arrival].width / nominal[keyPath: arrival].width - 0.9) < 1e-12)
      #expect(long[keyPath: arrival].median == nominal[keyPath: arrival].median)
    }
    let elastic = try signals({ $0.muonEnergyExponent = 0.97 }, truth)
    #expect(abs(elastic.muonDensity / nominal.muonDensity - pow(3, 0.05)) < 1e-9)
    // What hadrons feed grows as the muons do.
    let growth = elastic.photons.signal / nominal.photons.signal
    #expect(growth > 1.01 && growth < pow(3, 0.05))
    // The reference shower keeps its signal; one with more muons loses more.
    let reference = TestSetup.truth(energy: 10, zenith: 0)
    let rich = TestSetup.truth(energy: 10, zenith: 0, muonScale: 1.5)
    let loss = (1 - 0.2 * 1.5) / 0.8 / (1 - 0.15) * 0.9
    for (shower, range) in [(reference, 0.9999...1.0001), (rich, loss...0.9999)] {
      let lost = try signals({ $0.invisibleEnergyFraction = 0.2 }, shower)
      let usual = try signals({ _ in }, shower)
      #expect(range.contains(lost.photons.signal / usual.photons.signal))
    }
  }

  @Test func electronicsWithoutTheirLimits() throws {
    func largest(_ change: (inout SimulationConfiguration) -> Void) throws -> Int {
      var configuration = EventSimulatorTests.quiet()
      configuration.gainSpread = 0
      change(&configuration)
      let simulator = try TestSetup.simulator(configuration)
      let truth = TestSetup.truth(energy: 10, zenith: 0, coreX: 120)
      let event = try #require(
        simulator.simulate(truth, attempt: 3, in: simulator.makeWorkspace()))
      return event.hits.map { Int($0.upper.samples.max() ?? 0) }.max() ?? 0
    }
    let linear = try largest {
      $0.nonLinearity = false
      $0.saturation = false
    }
    let compressed = try largest { $0.saturation = false }
    #expect(linear > 4095 && compressed < linear && compressed > 2000)
    let d = Double(linear - 2000)
    #expect(abs(Double(compressed) - 2000 - d * exp(-0.05 * d / 600)) < 2 || d > 12_000)
    #expect(try largest { $0.nonLinearity = false } == 4095)
  }

  @Test func directionsAndCoresWithinTheirLimits() throws {
    var configuration = SimulationConfiguration()
    try configuration.set([
      "minimumZenith": .number(30), "maximumZenith": .number(60), "minimumAzimuth": .number(100),
      "maximumAzimuth": .number(200), "coreArea": .text("disc"), "coreRadius": .number(3000),
    ])
    let simulator = try TestSetup.simulator(configuration)
    let showers = (0..<6000).map { simulator.draw(attempt: $0).shower }
    let sine2 = showers.map { pow(sin($0.zenith), 2) }
    #expect((sine2.min() ?? 0) >= 0.2499 && (sine2.max() ?? 1) <= 0.7501)
    #expect(abs(mean(sine2) - 0.5) < 0.006)
    // Azimuths beyond 180 degrees are negative ones.
    let azimuths = showers.map { $0.azimuth < 0 ? $0.azimuth + 2 * .pi : $0.azimuth }
    #expect(azimuths.allSatisfy { (100 * Units.degree...200 * Units.degree).contains($0) })
    #expect(showers.contains { $0.azimuth < 0 })
    let radii2 = showers.map { $0.coreX * $0.coreX + $0.coreY * $0.coreY }
    #expect((radii2.max() ?? .infinity) <= 9e6 * 1.000_001)
    #expect(abs(mean(radii2) - 4.5e6) < 0.12e6)
    try configuration.set(["minimumZenith": .number(0), "maximumZenith": .number(0)])
    #expect(try TestSetup.simulator(configuration).draw(attempt: 1).shower.zenith == 0)
  }

  @Test func arraysThatCannotTriggerAreRefused() throws {
    for array in [
      DetectorArray(name: "none", spacing: 1200, referenceAltitude: 1400, stations: []),
      .idealGrid(columns: 1, rows: 1), .idealGrid(columns: 1, rows: 2),
    ] {
      let error = try #require(
        #expect(throws: SimulationConfigurationError.self) {
          try TestSetup.simulator(array: array)
        })
      #expect(error.description.contains(array.name))
    }
    _ = try TestSetup.simulator(array: .idealGrid(columns: 1, rows: 3))
    _ = try TestSetup.simulator(array: .idealGrid(columns: 2, rows: 2))
  }
}
