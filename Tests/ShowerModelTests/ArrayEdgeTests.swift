import Foundation
import ShowerModel
import Testing

@Suite struct ArrayEdgeTests {
  func array(_ points: [SIMD2<Double>], edge: [SIMD2<Double>]? = nil) -> DetectorArray {
    DetectorArray(
      name: "test", spacing: 1, referenceAltitude: 0,
      stations: points.enumerated().map {
        Station(id: $0, column: $0, row: 0, position: Position($1.x, $1.y, 0))
      }, edge: edge)
  }

  @Test(arguments: [false, true]) func distancesInASquare(isClockwise: Bool) {
    let corners: [SIMD2<Double>] = [SIMD2(0, 0), SIMD2(10, 0), SIMD2(10, 10), SIMD2(0, 10)]
    let square = array([], edge: isClockwise ? corners.reversed() : corners)
    #expect(square.distanceInsideEdge(5, 5) == 5)
    #expect(square.distanceInsideEdge(9, 4) == 1)
    #expect(square.distanceInsideEdge(5, 0) == 0)
    #expect(square.distanceInsideEdge(5, -2) == -2)
    // Outside a corner the corner is nearest.
    #expect(square.distanceInsideEdge(13, 14) == -5)
    #expect(square.distanceInsideEdge(-3, 10) == -3)
    #expect(
      square.distanceInsideEdge(.nan, 1).isNaN && square.distanceInsideEdge(1, .infinity).isNaN)
  }

  /// An L: the corner at (4, 4) points inwards.
  @Test func distancesAtAConcaveCorner() {
    let corner = array(
      [],
      edge: [SIMD2(0, 0), SIMD2(10, 0), SIMD2(10, 4), SIMD2(4, 4), SIMD2(4, 10), SIMD2(0, 10)])
    #expect(corner.distanceInsideEdge(2, 8) == 2)
    #expect(corner.distanceInsideEdge(8, 2) == 2)
    #expect(corner.distanceInsideEdge(8, 8) == -4)
    #expect(corner.distanceInsideEdge(5, 8) == -1)
    // Inside, the inner corner is nearest.
    #expect(corner.distanceInsideEdge(3, 3) == 2.0.squareRoot())
    #expect(corner.distanceInsideEdge(5, 4) == 0)
  }

  @Test func withoutAnEdgeTheHullOfTheStationsIsIt() {
    let points: [SIMD2<Double>] = [
      SIMD2(1, 1), SIMD2(0, 0), SIMD2(2, 0), SIMD2(4, 0), SIMD2(2, 1), SIMD2(4, 3), SIMD2(0, 3),
    ]
    #expect(array(points).edge == [SIMD2(0, 0), SIMD2(4, 0), SIMD2(4, 3), SIMD2(0, 3)])
    #expect(array(points.reversed()).edge == array(points).edge)
    let grid = DetectorArray.idealGrid(columns: 5, rows: 4)
    #expect(grid.edge.count == 4)
    #expect(grid.distanceInsideEdge(0, 0) == 1800)
    #expect(grid.distanceInsideEdge(2400, 0) == 0 && grid.distanceInsideEdge(3000, 0) == -600)
  }

  @Test func tooFewStationsForAnAreaHaveNoInside() {
    #expect(array([]).distanceInsideEdge(0, 0).isNaN)
    #expect(array([SIMD2(3, 4)]).distanceInsideEdge(0, 0) == -5)
    let line = array([SIMD2(0, 0), SIMD2(5, 0), SIMD2(10, 0)])
    #expect(line.edge.count == 2)
    #expect(line.distanceInsideEdge(5, 2) == -2 && line.distanceInsideEdge(12, 0) == -2)
  }

  @Test func telescopeArrayHasThePublishedEdge() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: "tables/arrays/telescope-array.csv")
    let array = try DetectorArray(parsing: String(contentsOf: file, encoding: .utf8), file: "ta")
    let cells: [(Double, Double)] = [
      (6, 1), (18, 1), (24, 8), (24, 12), (23, 17), (21, 23), (19, 28), (15, 28), (11, 26), (1, 16),
      (1, 6),
    ]
    #expect(array.edge.count == cells.count)
    for (corner, cell) in zip(array.edge, cells) {
      #expect(abs(corner.x - (cell.0 - 12.2435) * 1200) < 0.01)
      #expect(abs(corner.y - (cell.1 - 16.4406) * 1200) < 0.01)
    }
    #expect(array.distanceInsideEdge(0, 0) > 9000)
    // The polygon runs through the outer stations, which are up to 333 m off the grid, but cuts one
    // off.
    let outside = array.stations.filter {
      array.distanceInsideEdge($0.position.x, $0.position.y) < -400
    }
    #expect(outside.map(\.id) == [1428])
    // About 700 km2.
    let area = zip(array.edge, array.edge.dropFirst() + array.edge.prefix(1)).reduce(0) {
      $0 + 0.5 * ($1.0.x * $1.1.y - $1.0.y * $1.1.x)
    }
    #expect((600e6..<750e6).contains(area))
  }

  @Test(
    arguments: [
      ("# edge: 1\n", 3), ("# edge: 1, 2\n# edge: 5, x\n", 4), ("# edge: 1, inf\n", 3),
      ("# edge: 1, 2\n# edge: 3, 4\n", nil),
    ] as [(String, Int?)])
  func wrongEdgesNameTheLine(lines: String, line: Int?) {
    let text = "# spacing: 1200\n# altitude: 0\n\(lines)id,column,row,x,y,z\n1,1,1,0,0,0\n"
    #expect {
      try DetectorArray(parsing: text, file: "test")
    } throws: {
      ($0 as? TableError)?.line == line && "\($0)".contains("edge")
    }
  }

  @Test func theEdgeOfAFileIsRead() throws {
    let text = """
      # spacing: 1200
      # altitude: 10
      # edge polygon: a note, not a corner
      # edge: 0, 0
      # edge: 5.5, -1
      # edge: 3, 8
      id,column,row,x,y,z
      1,1,1,0,0,0
      """
    let array = try DetectorArray(parsing: text, file: "test")
    #expect(array.edge == [SIMD2(0, 0), SIMD2(5.5, -1), SIMD2(3, 8)])
  }
}
