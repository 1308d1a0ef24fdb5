import Foundation
import ShowerModel
import Testing

@Suite struct DetectorArrayTests {
  func shipped() throws -> DetectorArray { try read("tables/arrays/telescope-array.csv") }

  func read(_ path: String) throws -> DetectorArray {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: path)
    return try DetectorArray(parsing: String(contentsOf: file, encoding: .utf8), file: "ta")
  }

  @Test func telescopeArrayIsTheSurveyedOne() throws {
    let array = try shipped()
    #expect(array.stations.count == 507 && array.name == "telescope-array")
    #expect(array.spacing == 1200 && array.referenceAltitude == 1382)
    // Surveyed positions scatter 41 m (x) and 38 m (y) about (column - 12.2448, row - 16.4399) x
    // 1200 m.
    let dx = array.stations.map { $0.position.x - (Double($0.column) - 12.2448) * 1200 }
    let rms = (dx.reduce(0) { $0 + $1 * $1 } / 507).squareRoot()
    #expect(abs(rms - 40.8) < 0.1)
    let altitudes = array.stations.indices.map(array.altitude)
    #expect(abs(altitudes.reduce(0, +) / 507 - 1409.9) < 0.1)
  }

  /// The altitudes of an independent survey, whose x and y come from a sphere.
  @Test func altitudesAreThoseOfTheSurvey() throws {
    let array = try shipped()
    let survey = try read("Fixtures/arrays/telescope-array-sphere.csv")
    #expect(array.frame == .tangentPlane && survey.frame == .flat)
    for (index, station) in survey.stations.enumerated() {
      #expect(station.id == array.stations[index].id)
      #expect(abs(survey.altitude(index) - array.altitude(index)) < 0.05)
      #expect(survey.altitude(index) == station.position.z + 1382)
    }
    // The plane lies above the ground at the rim.
    let drops = array.stations.map { array.frame.drop(x: $0.position.x, y: $0.position.y) }
    #expect(try #require(drops.max()) > 25)
    #expect(GroundFrame.flat.drop(x: 1e4, y: 1e4) == 0)
  }

  @Test func theFirstStationsAreFewer() throws {
    let (first, later) = (try read("tables/arrays/telescope-array-2008.csv"), try shipped())
    #expect(first.stations.count == 502 && first.frame == .tangentPlane)
    let added = Set(later.stations.map(\.id)).subtracting(first.stations.map(\.id))
    #expect(added == [1327, 1428, 1619, 2121, 2208])
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
      ("", nil, "# spacing: METRES"), ("HEAD", nil, "and stations"),
      ("# altitude: 0\nCOLUMNS\n1,1,1,0,0,0", nil, "# spacing: METRES"),
      ("# spacing: 1200\nCOLUMNS\n1,1,1,0,0,0", nil, "# altitude: METRES"),
      ("# spacing: 0\n# altitude: 0", 1, "1 to 100000 metres, found \"0\""),
      ("# spacing: -1200", 1, "found \"-1200\""), ("# spacing: nan", 1, "found \"nan\""),
      ("# spacing: inf", 1, "found \"inf\""), ("# altitude: nan", 1, "-500 to 9000 metres"),
      ("# frame: round", 1, "\"flat\" or \"tangent plane\", found \"round\""),
      ("# spacing: 1200\n# altitude: 0\n1,1,1,0,0,0", 3, "header id,column,row,x,y,z"),
      ("HEAD\n1,1,1,0,0", 4, "1,1,1,0,0"), ("HEAD\n1,1,2,5,5,nan", 4, "expected id"),
      ("HEAD\n1,1,1,0,0,0\n2,1,1,5,5,0", 5, "cell 1, 1 has the station of line 4"),
      ("HEAD\n1,1,1,0,0,0\n1,1,2,5,5,0", 5, "station 1 is on line 4"),
      ("HEAD\n1,1,1,0,0,0\n2,1,2,0,0,0", 5, "line 4 stands there"),
      ("HEAD\n1,-1,1,0,0,0", 4, "must be 0 to 9999"), ("HEAD\n-1,1,1,0,0,0", 4, "id -1"),
    ] as [(String, Int?, String)])
  func wrongFilesNameTheLine(text: String, line: Int?, reason: String) throws {
    let text = text.replacingOccurrences(
      of: "HEAD", with: "# spacing: 1200\n# altitude: 0\nCOLUMNS"
    ).replacingOccurrences(of: "COLUMNS", with: "id,column,row,x,y,z")
    let error = try #require(
      #expect(throws: TableError.self) { try DetectorArray(parsing: text, file: "test") })
    #expect(error.line == line && error.reason.contains(reason), "\(error)")
  }

  @Test func aFileOfAnyMakeIsRead() throws {
    let text = "# spacing: 750\r\n# altitude: 100\r\nid,column,row,x,y,z\r\n7,1,1,0,0,90\r\n\r\n"
    let array = try DetectorArray(parsing: text, file: "small.csv")
    #expect(array.spacing == 750 && array.name == "small.csv" && array.stations.count == 1)
    #expect(array.stations[0].position == Position(0, 0, -10))
  }

  @Test func idealGridsOfAnySize() {
    let small = DetectorArray.idealGrid(columns: 2, rows: 3, spacing: 750)
    #expect(small.name == "ideal-2x3-750m" && small.stations.count == 6)
    #expect(small.stations[3].position - small.stations[0].position == Position(750, 0, 0))
    let large = DetectorArray.idealGrid(columns: 120, rows: 130)
    #expect(Set(large.stations.map(\.id)).count == 120 * 130)
    // Altitudes are those of the station, whatever the size of the grid.
    let rough = DetectorArray.idealGrid(columns: 40, rows: 50, altitudeSpread: 25)
    let part = DetectorArray.idealGrid(columns: 4, rows: 5, altitudeSpread: 25)
    #expect(part.stations[0].position.z == rough.stations[0].position.z)
    let altitudes = rough.stations.map(\.position.z)
    let mean = altitudes.reduce(0, +) / 2000
    let variance = altitudes.reduce(0) { $0 + $1 * $1 } / 2000
    #expect(abs(mean) < 2.5 && abs(variance.squareRoot() - 25) < 2)
    #expect(small.stations.allSatisfy { $0.position.z == 0 })
  }
}
