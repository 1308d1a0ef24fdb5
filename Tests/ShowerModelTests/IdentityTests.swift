import Foundation
import ShowerModel
import Testing

@Suite struct IdentityTests {
  @Test func namesOfMethodsFollowOneRule() {
    for name in ["a", "Set", "reference-2.1_b", String(repeating: "x", count: 64)] {
      #expect(MethodName.isValid(name), "\(name)")
    }
    for name in [
      "", "1a", "_a", ".a", "-a", "a b", "a/b", "é", "a\n", "а", String(repeating: "x", count: 65),
    ] {
      #expect(!MethodName.isValid(name), "\(name)")
    }
  }

  @Test(arguments: [
    ("standard", MethodIdentity.Kind.standard), ("tuned", .tuned), ("polynomial", .polynomial),
    ("event", .control), ("scalars", .control), ("set", .network), ("published", .network),
  ])
  func oldFilesHaveKindsByName(name: String, kind: MethodIdentity.Kind) {
    #expect(MethodIdentity(ofOldFile: name) == MethodIdentity(name: name, kind: kind))
  }

  private func step(
    _ activity: String, _ settings: [String: String] = [:], seed: UInt64? = nil,
    learned: [String: [Lineage.Simulation]]? = nil
  ) -> ProvenanceStep {
    ProvenanceStep(
      activity: activity, version: "", commandLine: [], settings: settings, seed: seed,
      learned: learned, host: "", started: "", finished: "")
  }

  @Test func showersThatAMethodLearnedFromAreKnown() {
    let steps = [
      step("simulate", seed: 7),
      step("correct", learned: ["set": [.parametric(seed: 7), .parametric(seed: 8)]]),
    ]
    let lineage = Lineage(steps)
    #expect(lineage.simulations == [.parametric(seed: 7)])
    #expect(lineage.shared == [.parametric(seed: 7)])
    #expect(Lineage([steps[0]]).shared.isEmpty)
  }

  /// Seeds were texts in settings, once joined by commas.
  @Test func oldFilesAreReadByTheOldRules() {
    let old = Lineage([
      step("simulate", ["corsika_showers": "[]"], seed: 3),
      step("correct", ["network_simulation_seeds": "1002,corsika"]),
      step("reconstruct", ["front_simulation_seeds": "3001"]),
    ])
    #expect(old.simulations == [.corsika])
    #expect(old.shared == [.corsika])
    #expect(
      Set(old.learned.values.flatMap(\.self)) == [
        .corsika, .parametric(seed: 1002), .parametric(seed: 3001),
      ])
  }

  @Test func conditionsOfAReconstructionAreThoseOfItsLastMaking() {
    var (first, second) = (step("reconstruct"), step("reconstruct"))
    let conditions = ReconstructionConditions(
      energyTable: "a", energyTableHash: "1", fit: ["front": "utah"])
    first.reconstructions = ["standard": conditions]
    second.reconstructions = ["tuned": conditions]
    let steps = [step("simulate"), first, second]
    #expect(steps.conditions(of: "standard") == conditions)
    #expect(steps.conditions(of: "published") == nil)
    second.reconstructions?["standard"] = ReconstructionConditions(
      energyTable: "b", energyTableHash: "2", fit: ["front": "linsley"])
    let twice = [first, second]
    #expect(twice.conditions(of: "standard")?.energyTable == "b")
    #expect(twice.allConditions(of: "standard").map(\.energyTable) == ["a", "b"])
  }

  /// Settings said how the standard fit was made, and a later step could add the tuned one.
  @Test func conditionsOfOldFilesAreReadFromSettings() {
    var old = step(
      "reconstruct", ["energy_table": "t", "fit": "joint", "front": "linsley", "selection": "{}"])
    old.inputs = [.init(path: "tables/energy/t.csv", sha256: "12")]
    let tuned = step("reconstruct", ["energy_table": "t", "tuned_front": "f"])
    let standard = ReconstructionConditions(
      energyTable: "t", energyTableHash: "12", fit: ["fit": "joint", "front": "linsley"])
    #expect([old, tuned].conditions(of: "standard") == standard)
    #expect([old, tuned].conditions(of: "tuned")?.fit == ["tuned_front": "f"])
    #expect([old].conditions(of: "tuned") == nil)
  }

  @Test func differencesOfReconstructionsAreNamed() {
    let own = ReconstructionConditions(
      energyTable: "t", energyTableHash: "0123456789", fit: ["front": "linsley"])
    #expect(own.differences(from: own) == [])
    var other = own
    other.energyTableHash = "abcdefabcdef"
    #expect(
      own.differences(from: other) == [
        "learned from another version of the energy table t (SHA-256 01234567, "
          + "that of the file abcdefab)"
      ])
    other.energyTable = "u"
    other.fit = ["front": "utah", "sigma": "expected"]
    #expect(
      own.differences(from: other) == [
        "learned from energies of the table t, but those of the file are from u",
        "learned from a fit with front linsley, but that of the file has utah",
        "learned from a fit with sigma as usual, but that of the file has expected",
      ])
  }

  @Test func simulationsBeforeTheVersionWasNotedAreOfVersionOne() {
    #expect([step("simulate")].simulationVersions == [1])
    #expect([step("simulate", ["simulation_version": "3"])].simulationVersions == [3])
    #expect([step("simulate", ["corsika_showers": "[]"])].simulationVersions == [])
    #expect([step("import")].simulationVersions == [])
  }

  @Test func lineagesAreComparedAsValues() throws {
    let a = Lineage(simulations: [.parametric(seed: 2), .corsika, .parametric(seed: 2)])
    #expect(a == Lineage(simulations: [.corsika, .parametric(seed: 2)]))
    let json = try JSONEncoder().encode(a)
    #expect(try JSONDecoder().decode(Lineage.self, from: json) == a)
  }

  @Test func buildsAreNamed() {
    let known = BuildIdentity(version: "1.2.3", commit: "abc", isModified: true)
    #expect("\(known)" == "1.2.3 (commit abc, modified)")
    let unknown = BuildIdentity(version: "1.2.3", commit: nil, isModified: false)
    #expect("\(unknown)" == "1.2.3 (unknown build)")
  }

  @Test func detectorsAreDescribedByArrayFiles() throws {
    let text = """
      # spacing: 500
      # altitude: 100
      # sample_period: 10
      # layers: 1
      id,column,row,x,y,z
      1,0,0,0,0,100
      """
    let array = try DetectorArray(parsing: text, file: "a.csv")
    #expect(array.detector.samplePeriod == 10 && array.detector.layerCount == 1)
    #expect(array.detector.stationArea == 3)
    #expect(
      array.detector.differences(from: .telescopeArray)
        == ["layers 1.0 and 2.0 1", "sample_period 10.0 and 20.0 ns"])
    for line in ["# sample_period: 0", "# layers: 3", "# layers: 1.5", "# station_area: x"] {
      let error = #expect(throws: TableError.self) {
        try DetectorArray(parsing: line + "\n" + text, file: "a.csv")
      }
      #expect(error?.description.contains("must be") == true, "\(String(describing: error))")
    }
  }
}
