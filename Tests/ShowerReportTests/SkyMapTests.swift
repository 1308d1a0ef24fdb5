import Foundation
import ShowerModel
import Testing

@testable import ShowerReport

/// Maps of the sky.
@Suite struct SkyMapTests {
  private let projection = HammerProjection(centre: 0)

  @Test func theProjectionHasItsKnownPoints() {
    func at(_ longitude: Double, _ latitude: Double) -> SIMD2<Double> {
      projection.point(longitude * Units.degree, latitude * Units.degree)
    }
    let root = 2.0.squareRoot()
    let known: [(SIMD2<Double>, SIMD2<Double>)] = [
      (at(0, 0), [0, 0]), (at(0, 90), [0, root]), (at(50, -90), [0, -root]),
      (at(179.9999999, 0), [-2 * root, 0]), (at(-179.9999999, 0), [2 * root, 0]),
      // x = 2 √2 sin 45° / √(1 + cos 45°).
      (at(-90, 0), [2 / (1 + root / 2).squareRoot(), 0]),
    ]
    for (point, expected) in known {
      #expect(abs(point.x - expected.x) < 1e-6 && abs(point.y - expected.y) < 1e-6, "\(point)")
    }
    // Equal areas: the inner half of the sky has half of the ellipse, 4 π.
    let inner = (0...2000).map { step in
      projection.point(
        skyCircle(0, 0, radius: .pi / 2, points: 2000)[step].longitude,
        skyCircle(0, 0, radius: .pi / 2, points: 2000)[step].latitude)
    }
    let area = zip(inner, inner.dropFirst()).reduce(0) {
      $0 + ($1.0.x * $1.1.y - $1.1.x * $1.0.y) / 2
    }
    #expect(abs(abs(area) - 2 * .pi) < 1e-3, "\(area)")
  }

  @Test(arguments: [(0.3, 0.2), (6.2, -1.2), (2, 1.56)]) func circlesHaveTheirRadius(
    longitude: Double, latitude: Double
  ) {
    func vector(_ l: Double, _ b: Double) -> SIMD3<Double> {
      [cos(b) * cos(l), cos(b) * sin(l), sin(b)]
    }
    let centre = vector(longitude, latitude)
    for point in skyCircle(longitude, latitude, radius: 0.1) {
      let cosine = (centre * vector(point.longitude, point.latitude)).sum()
      #expect(abs(acos(min(cosine, 1)) - 0.1) < 1e-9)
    }
  }

  @Test func aLineHasAGapWhereItLeavesTheMap() {
    let circle = projection.line(skyCircle(.pi, 0.1, radius: 0.2))
    #expect(circle.count { $0.isEmpty } == 2)
    #expect(!projection.line(skyCircle(1, 0.1, radius: 0.2)).contains { $0.isEmpty })
  }

  /// A normal distribution of 1 degree in both directions has 68 % inside 1.51 degrees.
  @Test func errorCirclesHoldTwoThirds() {
    let sigma = Shower(
      logEnergy: 0, zenith: 1 * Units.degree, azimuth: 2 * Units.degree, coreX: 0, coreY: 0,
      time: 0)
    let place = SkyMap.Place(
      SkyCoordinates(
        Direction(zenith: 0.5, azimuth: 1), at: CalendarTime(seconds: 1_420_070_400),
        site: .telescopeArray), zenith: 30 * Units.degree, sigma: sigma)
    #expect(abs(place.radius / Units.degree - 1.5096) < 1e-4)
  }

  @Test func bothFramesAreDrawn() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let place = SkyMap.Place(
      SkyCoordinates(
        Direction(zenith: 0.5, azimuth: 1), at: CalendarTime(seconds: 1_420_070_400),
        site: .telescopeArray), zenith: 0.5, sigma: .undefined)
    let map = SkyMap(title: "a < b", methods: [("standard", [place]), ("x\"y", [place, place])])
    try Gnuplot().draw([map.figure(name: "sky")], in: folder, as: ["svg"])
    let text = try String(contentsOf: folder.appending(path: "sky.svg"), encoding: .utf8)
    #expect(text.contains("galactic longitude") && text.contains("right ascension"))
    #expect(
      map.figure(name: "sky").tables.filter { $0.name.hasSuffix("_1") }.map(\.rows.count) == [2, 2])
  }
}
