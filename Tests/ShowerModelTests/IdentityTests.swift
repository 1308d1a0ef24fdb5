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
