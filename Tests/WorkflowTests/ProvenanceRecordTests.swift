import Foundation
import ShowerModel
import Testing

@testable import Workflow

@Suite struct ProvenanceRecordTests {
  @Test func theStepNamesWhatWasReadAndHashesTables() throws {
    let folder = try TemporaryFolder()
    let table = try folder.write("abc", to: "tables/energy/mine.csv")
    let loose = try folder.write("", to: "loose.json")
    var record = ProvenanceRecord("reconstruct", seed: 5)
    record.readHashed(URL(filePath: table))
    record.readHashed(URL(filePath: loose))
    record.readHashed(URL(filePath: folder.path("missing")))
    record.read("events.h5")
    let step = record.step(["a": "b"])
    #expect(step.activity == "reconstruct" && step.seed == 5 && step.settings == ["a": "b"])
    #expect(step.version == step.build.map { "\($0)" })
    #expect(step.commandLine.first == "airshower")
    #expect(step.started <= step.finished && step.finished.hasSuffix("Z"))
    // A table is named from its folder on.
    #expect(
      step.inputs.map(\.path)
        == ["tables/energy/mine.csv", loose, folder.path("missing"), "events.h5"])
    #expect(
      step.inputs.map(\.sha256) == [
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", nil, nil,
      ])
  }

  @Test func onlySimulationsMakeShowers() {
    #expect(Steps.step("simulate", seed: 7).simulation == .parametric(seed: 7))
    #expect(Steps.step("simulate").simulation == nil)
    #expect(Steps.step("train", seed: 7).simulation == nil)
  }
}
