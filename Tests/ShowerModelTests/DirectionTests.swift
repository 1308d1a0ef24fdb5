import Glibc
import ShowerModel
import Testing

@Suite struct DirectionTests {
  @Test func showerFromTheEastPointsEast() {
    let n = Direction(zenith: 30 * Units.degree, azimuth: 0).vector
    #expect(abs(n.x - 0.5) < 1e-12 && abs(n.y) < 1e-12 && n.z > 0)
    // It reaches the eastern station first.
    let axis = ShowerAxis(core: .zero, direction: Direction(zenith: 0.5, azimuth: 0))
    #expect(axis.planeDelay(at: Position(1000, 0, 0)) < 0)
    #expect(
      abs(axis.planeDelay(at: Position(1000, 0, 0)) + 1000 * sin(0.5) / 0.299792458) < 1e-9)
  }

  @Test(arguments: [(0.0, 0.0), (0.4, 2), (1.2, -3), (0.001, 1)])
  func anglesRoundTrip(zenith: Double, azimuth: Double) {
    let direction = Direction(zenith: zenith, azimuth: azimuth)
    #expect(abs(direction.zenith - zenith) < 1e-12)
    if zenith > 0 { #expect(abs(direction.azimuth - azimuth) < 1e-9) }
    let (a, b) = (direction.zenithUnit, direction.azimuthUnit)
    #expect(abs((a * a).sum() - 1) < 1e-12 && abs((b * b).sum() - 1) < 1e-12)
    #expect(abs((a * b).sum()) < 1e-12 && abs((a * direction.vector).sum()) < 1e-12)
  }

  @Test func axisDistanceIsPerpendicular() {
    let axis = ShowerAxis(core: .zero, direction: Direction(zenith: .pi / 4, azimuth: .pi / 2))
    #expect(abs(axis.distance(of: Position(0, 100, 0)) - 100 / 2.0.squareRoot()) < 1e-9)
    #expect(abs(axis.distance(of: Position(100, 0, 0)) - 100) < 1e-9)
    #expect(axis.distance(of: Position(0, 50, 50)) < 1e-6)
  }

  @Test func smallAndLargeAngles() {
    let a = Direction(zenith: 0.5, azimuth: 1)
    #expect(abs(a.angle(to: Direction(zenith: 0.5 + 1e-9, azimuth: 1)) - 1e-9) < 1e-15)
    #expect(abs(a.angle(to: Direction(along: -a.vector)) - .pi) < 1e-7)
  }
}
