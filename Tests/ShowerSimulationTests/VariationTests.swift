import Foundation
import ShowerModel
import Testing

@testable import ShowerSimulation

/// The systematic variations of `tables/variations`.
@Suite struct VariationTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "tables/variations")

  /// What each shipped variation is for.
  static let expected: [String: [String: SettingValue]] = [
    "muons-up": ["muonScaleFactor": .number(1.2)], "muons-down": ["muonScaleFactor": .number(0.8)],
    "muons-late": ["muonDelayFactor": .number(1.1)],
    "muons-early": ["muonDelayFactor": .number(0.9)],
    "muons-uncorrelated": ["muonDepthCorrelation": .number(0)],
    "hadronic-up": ["hadronicFractionOffset": .number(0.1)],
    "hadronic-down": ["hadronicFractionOffset": .number(-0.1)],
    "delays-long": ["electromagneticDelayFactor": .number(1.1)],
    "delays-short": ["electromagneticDelayFactor": .number(0.9)],
    "delays-wide": ["electromagneticWidthFactor": .number(1.1)],
    "delays-narrow": ["electromagneticWidthFactor": .number(0.9)],
    "delays-scatter": ["delayScatter": .number(0.15)],
    "both-layers-up": ["bothLayersOffset": .number(0.05)],
    "both-layers-down": ["bothLayersOffset": .number(-0.05)],
    "photoelectrons-up": ["photoElectronsPerMeV": .number(14.4)],
    "photoelectrons-down": ["photoElectronsPerMeV": .number(9.6)],
    "clock-40ns": ["timeJitter": .number(40)],
    "calibration-6percent": ["calibrationError": .number(0.06)],
    "neutrons-up": ["neutronRate": .number(0.012)],
    "neutrons-down": ["neutronRate": .number(0.001333)],
    "epos-lhc": ["interactionModel": .text("EPOS-LHC")],
    "qgsjetII-03": ["interactionModel": .text("QGSJetII-03")],
    "qgsjetII-04": ["interactionModel": .text("QGSJetII-04")],
    "mix": [
      "muonScaleFactor": .list([.number(0.8), .number(1.2)]),
      "hadronicFractionOffset": .list([.number(-0.1), .number(0.1)]),
      "electromagneticDelayFactor": .list([.number(0.9), .number(1.1)]),
      "electromagneticWidthFactor": .list([.number(0.9), .number(1.1)]),
      "bothLayersOffset": .list([.number(-0.05), .number(0.05)]),
      "photoElectronsPerMeV": .list([.number(9.6), .number(14.4)]),
      "timeJitter": .list([.number(10), .number(40)]),
      "calibrationError": .list([.number(0.02), .number(0.06)]),
    ],
  ]

  static func layer(_ name: String) throws -> SettingsLayer {
    let file = folder.appending(path: name + ".json")
    return try SettingsLayer(
      parsing: String(contentsOf: file, encoding: .utf8), file: file.lastPathComponent)
  }

  @Test func theFolderHoldsThese() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(files) == Set(Self.expected.keys.map { $0 + ".json" }))
  }

  @Test(arguments: expected.keys.sorted())
  func everyVariationChangesWhatItSays(name: String) throws {
    let layer = try Self.layer(name)
    #expect(layer.values == Self.expected[name])
    #expect((10...160).contains(layer.description.count) && !layer.description.contains("\n"))
    var configuration = SimulationConfiguration()
    try configuration.set(layer.values)
    try configuration.validate()
    // The nominal model has a name among the others, for the sake of lists.
    #expect((configuration == SimulationConfiguration()) == (name == "qgsjetII-04"))
    for (key, value) in layer.values {
      #expect(SimulationSetting.named(key)?.value(in: configuration) == value)
    }
  }

  @Test func theMixTrainsOverItsRanges() throws {
    var configuration = SimulationConfiguration()
    try configuration.set(Self.layer("mix").values)
    let simulator = try TestSetup.simulator(configuration)
    let (forward, backward) = (simulator.makeWorkspace(), simulator.makeWorkspace())
    let first = (0..<12).map { simulator.simulate(attempt: $0, in: forward) }
    let second = (0..<12).reversed().map { simulator.simulate(attempt: $0, in: backward) }
    let isSame = first == second.reversed()
    #expect(isSame && first.contains { $0 != nil })
    // Events say how good the clocks and the calibration drawn for them are.
    for event in first.compactMap(\.self) {
      let drawn = simulator.configuration(attempt: event.id)
      #expect(event.accuracy.clockError == drawn.timeJitter)
      #expect(event.accuracy.calibrationError == drawn.calibrationError)
    }
    // The muon number of the truth holds the factor drawn for it, and nothing else of the draw
    // changes.
    let nominal = try TestSetup.simulator()
    for attempt in 0..<50 {
      let (varied, plain) = (simulator.draw(attempt: attempt), nominal.draw(attempt: attempt))
      let factor = simulator.configuration(attempt: attempt).muonScaleFactor
      #expect(varied.shower == plain.shower && varied.xmax == plain.xmax)
      #expect(abs(varied.muonScale / plain.muonScale / factor - 1) < 1e-12)
    }
  }
}
