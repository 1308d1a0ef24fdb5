import Foundation
import ShowerModel
import ShowerStore
import Testing

@Suite struct IdentityStorageTests {
  let folder: Folder
  let path: String

  init() throws {
    folder = try Folder()
    path = folder.file("events.h5")
  }

  @Test func identitiesLineageAndDetectorComeBackAndAreCopied() throws {
    let array = DetectorArray(
      name: "a", spacing: 1200, referenceAltitude: 1370, stations: Sample.array.stations,
      detector: {
        var detector = DetectorDescription()
        detector.samplePeriod = 10
        detector.stationArea = 1.5
        return detector
      }())
    let writer = try EventFileWriter(
      path: path, array: array, sampleCount: 128, simulated: true, overwrite: false)
    try writer.append(Sample.events(9, sampleCount: 128))
    try writer.append(
      standard: (0..<9).map(Sample.standard), stations: (0..<9).map(Sample.stations))
    let ensemble = MethodIdentity(name: "three", kind: .ensemble)
    try writer.append((0..<9).map(Sample.reconstruction), as: ensemble, networkDescription: "")
    var step = Sample.step
    step.activity = "simulate"
    step.seed = 12
    step.learned = ["three": [.parametric(seed: 12)]]
    try writer.finish(adding: step)
    let copy = folder.file("copy.h5")
    let second = try EventFileWriter(
      copying: EventFileReader(path: path), to: copy, overwrite: false)
    try second.finish(adding: Sample.step)
    for file in try [path, copy].map({ try EventFileReader(path: $0) }) {
      #expect(file.identities == ["standard": .standard, "three": ensemble])
      #expect(file.array.detector == array.detector)
      #expect(file.lineage.shared == [.parametric(seed: 12)])
      #expect(try file.stationSignals(0..<9).joined().allSatisfy { $0.area == 1.5 })
    }
  }

  /// Files of all earlier versions: kinds by name, no detector but that of the Telescope Array.
  @Test(arguments: ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]) func oldFilesHaveNoIdentities(
    version: String
  )
    throws
  {
    let file = try EventFileReader(
      path: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Fixtures/ShowerStore/format-\(version).h5").path)
    #expect(file.identity(of: "standard") == .standard)
    #expect(file.array.detector == .telescopeArray)
  }
}
