import Foundation
import ShowerModel
import Testing

@Suite struct DetectorArrayTests {
  func shipped() throws -> DetectorArray {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: "tables/arrays/telescope-array.csv")
    return try DetectorArray(parsing: String(contentsOf: file, encoding: .utf8), file: "ta")
  }

  @Test func telescopeArrayIsTheSurveyedOne() throws {
    let array = try shipped()
    #expect(array.stations.count == 507 && array.name == "telescope-array")
    #expect(array.spacing == 1200 && array.referenceAltitude == 1382)
    // Surveyed positions scatter 43 m (x) and 40 m (y) about (column - 12.2435, row - 16.4406) x 1200 m.
    let dx = array.stations.map { $0.position.x - (Double($0.column) - 12.2435) * 1200 }
    let rms = (dx.reduce(0) { $0 + $1 * $1 } / 507).squareRoot()
    #expect(abs(rms - 43) < 2)
    let altitude = array.stations.reduce(0) { $0 + $1.position.z } / 507 + 1382
    #expect(abs(altitude - 1409.9) < 0.1)
  }

  @Test func neighboursAndEdges() throws {
    let array = try shipped()
    let centre = try #require(array.station(atColumn: 12, row: 15))
    let right = try #require(array.station(atColumn: 13, row: 15))
    let corner = try #require(array.station(atColumn: 13, row: 16))
    #expect(array.areNeighbours(centre, right, corners: false))
    #expect(!array.areNeighbours(centre, corner, corners: false))
    #expect(array.areNeighbours(centre, corner, corners: true))
    #expect(!array.areNeighbours(centre, centre, corners: true))
    #expect(!array.isAtEdge(centre))
    let west = try #require(
      array.stations.indices.min { array.stations[$0].column < array.stations[$1].column })
    #expect(array.isAtEdge(west))
    #expect(array.station(atColumn: 0, row: 0) == nil && array.station(atColumn: 99, row: 1) == nil)
  }

  @Test(
    arguments: [
      ("", nil), ("# spacing: 1200\n# altitude: 0\n1,1,1,0,0\n", 3),
      ("# spacing: 1200\n# altitude: 0\n1,1,1,0,0,0\n2,1,1,5,5,0\n", 4),
      ("# spacing: 0\n# altitude: 0\n1,1,1,0,0,0\n", nil),
      ("# spacing: 1200\n# altitude: 0\n1,1,1,0,0,0\n1,1,2,5,5,nan\n", 4),
    ] as [(String, Int?)])
  func wrongFilesNameTheLine(text: String, line: Int?) {
    #expect {
      try DetectorArray(parsing: text, file: "test")
    } throws: {
      ($0 as? TableError)?.line == line
    }
  }
}
