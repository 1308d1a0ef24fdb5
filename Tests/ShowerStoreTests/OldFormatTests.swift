import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Files of earlier versions of the format stay readable.
@Suite struct OldFormatTests {
  /// Three events (`simulate --events 3 --energy 3:30 --seed 4`, then `reconstruct`) as the first
  /// version wrote them.
  func path(_ version: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/ShowerStore/format-\(version).h5").path
  }

  @Test func theFirstVersionOpens() throws {
    let file = try EventFileReader(path: path("1.0.0"))
    #expect(file.formatVersion == "1.0.0")
    let events = try file.reconstructedEvents(0..<3)
    #expect(events.allSatisfy { $0.standard.status == .good && !$0.stations.isEmpty })
    // The edge is then the hull of the stations, and its distance made from the core.
    let hull = DetectorArray(
      name: "", spacing: 1200, referenceAltitude: 0, stations: file.array.stations
    ).edge
    #expect(file.array.edge == hull && hull.count >= 6)
    #expect(
      events.allSatisfy {
        let core = $0.standard.shower
        return $0.standard.edgeDistance == file.array.distanceInsideEdge(core.coreX, core.coreY)
          && $0.standard.verdict == .unjudged && $0.standard.composition.peakCount.isNaN
      })
    #expect(try file.selection() == nil)
    let stations = events.flatMap(\.stations)
    // What that version did not store.
    #expect(stations.allSatisfy { $0.timePull.isNaN && $0.level == .outside })
    #expect(try file.truths(0..<3).allSatisfy { $0.signal800.isNaN && $0.xmax.isFinite })
    #expect(file.energyScale == .simulation)
    #expect(stations.contains { $0.role == .fitted && $0.timeResidual.isFinite })
  }

  /// Bad layers came with 1.2.0: in older files all are good.
  @Test(arguments: ["1.0.0", "1.1.0"]) func layersOfOldFilesAreGood(version: String) throws {
    let file = try EventFileReader(path: path(version))
    #expect(file.formatVersion == version)
    let events = try file.reconstructedEvents(0..<3)
    let (hits, stations) = (events.flatMap(\.event.hits), events.flatMap(\.stations))
    #expect(hits.count > 20 && hits.allSatisfy { $0.badLayers.isEmpty })
    #expect(stations.allSatisfy { $0.badLayers.isEmpty && $0.signal.isFinite })
    #expect(stations.contains { $0.role == .fitted && $0.level == .cleaned } || version == "1.0.0")
    // A copy of an old file is one of the new version, and opens too.
    let folder = try Folder()
    let copy = try EventFileWriter(copying: file, to: folder.file("copy.h5"), overwrite: false)
    try copy.finish(adding: Sample.step)
    let again = try EventFileReader(path: folder.file("copy.h5"))
    #expect(again.formatVersion == "1.7.0")
    #expect(events.allSatisfy { $0.event.accuracy == DetectorAccuracy() })
    #expect(same(try again.events(0..<3), events.map(\.event)))
  }

  /// Corrections say since 1.3.0 whether they kept the standard value; those of older files never
  /// did.
  @Test func correctionsOfOldFilesHaveNoFallback() throws {
    let file = try EventFileReader(path: path("1.2.0"))
    #expect(file.formatVersion == "1.2.0" && file.reconstructionNames == ["grid"])
    let corrected = try file.reconstructions(named: "grid", 0..<3)
    #expect(corrected.allSatisfy { $0.status == .good && $0.fallback == .none })
    #expect(try file.methodDescription(of: "grid") == EventFileWriter.networkMethod)
  }
}
