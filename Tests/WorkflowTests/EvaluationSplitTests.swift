import ShowerModel
import Testing

@testable import Workflow

@Suite struct EvaluationSplitTests {
  private func split(
    _ choice: EvaluationSplit.Choice, seed: UInt64 = 7, key: String = "network_simulation_seeds",
    learned: String
  ) throws -> EvaluationSplit {
    try EvaluationSplit(
      Lineage([Steps.step("simulate", seed: seed), Steps.step("correct", [key: learned])]),
      path: "a.h5", choice: choice)
  }

  @Test func eventsOfATrainingAreComparedOnTheTestSplit() throws {
    #expect(try split(.auto, learned: "7,8").isTestOnly)
    #expect(try split(.auto, key: "front_simulation_seeds", learned: "7").isTestOnly)
    #expect(try !split(.auto, learned: "8").isTestOnly)
    #expect(try !split(.auto, learned: "").isTestOnly)
    #expect(try split(.test, learned: "8").isTestOnly)
    #expect(try !split(.all, learned: "8").isTestOnly)
  }

  @Test func allEventsOfATrainingAreRefused() {
    #expect {
      try split(.all, learned: "6,7")
    } throws: {
      ($0 as? InputError)?.description.hasPrefix(
        "a.h5: training and test would share showers: a network or front learned from "
          + "the simulation with seed 7, which this file holds.") == true
    }
  }

  /// CORSIKA's showers are the same for every seed.
  @Test func corsikaShowersAreKnownWhateverTheSeed() throws {
    let steps = [
      Steps.step("simulate", [ProvenanceStep.corsikaKey: "[]"], seed: 3),
      Steps.step("correct", ["network_simulation_seeds": "corsika"]),
    ]
    let split = try EvaluationSplit(Lineage(steps), path: "a.h5", choice: .auto)
    #expect(split.simulations == [.corsika] && split.isTestOnly)
  }

  @Test func onlyShowersOfTheTestSplitAreCompared() throws {
    let (test, all) = (try split(.test, learned: ""), try split(.all, learned: ""))
    for showerID in 0..<200 {
      #expect(test.isCompared(showerID: showerID) == (Split.of(showerID: showerID) == .test))
      #expect(all.isCompared(showerID: showerID))
    }
  }
}
