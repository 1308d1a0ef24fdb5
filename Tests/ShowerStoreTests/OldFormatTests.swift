import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Files of earlier versions of the format stay readable.
@Suite struct OldFormatTests {
  /// Three events (`simulate --events 3 --energy 3:30 --seed 4`, then `reconstruct`) as the first version wrote them.
  let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/ShowerStore/format-1.0.0.h5").path

  @Test func theFirstVersionOpens() throws {
    let file = try EventFileReader(path: path)
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
}
