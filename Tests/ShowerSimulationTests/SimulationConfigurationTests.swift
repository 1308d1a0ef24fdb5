import Foundation
import ShowerModel
import ShowerSimulation
import Testing

@Suite struct SimulationConfigurationTests {
  @Test func survivesJSON() throws {
    var configuration = SimulationConfiguration()
    configuration.interactionModel = .eposLHC
    configuration.coreArea = .centralCell
    configuration.timeJitter = 40
    configuration.primaryWeights = ["photon": 1]
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(SimulationConfiguration.self, from: data) == configuration)
  }

  @Test func missingKeysAreDefaults() throws {
    let json = Data(#"{"timeJitter": 20, "interactionModel": "QGSJetII-03"}"#.utf8)
    let configuration = try JSONDecoder().decode(SimulationConfiguration.self, from: json)
    var expected = SimulationConfiguration()
    expected.timeJitter = 20
    expected.interactionModel = .qgsjetII03
    #expect(configuration == expected)
  }

  @Test(arguments: [
    #"{"timeJiter": 20}"#, #"{"deadFraction": 1.5}"#, #"{"primaryWeights": {"Xe": 1}}"#,
    #"{"primaryWeights": {}}"#, #"{"windowSamples": 64}"#, #"{"interactionModel": "none"}"#,
    #"{"minimumLogEnergy": 20, "maximumLogEnergy": 19}"#, #"{"maximumZenith": 45}"#,
  ]) func nonsenseIsRefused(json: String) {
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(SimulationConfiguration.self, from: Data(json.utf8))
    }
  }
}
