import Foundation
import ShowerModel
import Testing

@testable import ShowerSimulation

/// Axes of CORSIKA (north, west, momenta down) and ours (east, north, up, to the source).
@Suite struct CorsikaFrameTests {
  let frame = CorsikaFrame()

  /// A shower from the east flies west: CORSIKA's azimuth 90 degrees.
  @Test func showerFromTheEast() {
    let source = frame.source(zenith: 30 * Units.degree, momentumAzimuth: 90 * Units.degree)
    #expect(abs(source.azimuth) < 1e-12 && abs(source.zenith - 30 * Units.degree) < 1e-12)
    #expect(source.vector.x > 0.49 && abs(source.vector.y) < 1e-12)
    let flight = frame.momentum(SIMD3(0, sin(30 * Units.degree), cos(30 * Units.degree)))
    #expect(source.angle(to: Direction(along: -flight)) < 1e-12)
  }

  /// One that flies to magnetic north comes from the south.
  @Test func showerFromTheSouth() {
    let source = frame.source(zenith: 0.5, momentumAzimuth: 0)
    #expect(abs(source.azimuth + .pi / 2) < 1e-12)
  }

  @Test func positions() {
    // 300 cm north and 100 cm west.
    #expect(frame.position(SIMD2(300, 100)) == SIMD2(-1, 3))
    #expect(frame.horizontal(SIMD2(0, -1)) == SIMD2(1, 0))
  }

  /// The two frames have the same handedness: angles keep their sense.
  @Test func anglesKeepTheirSense() {
    for degrees in stride(from: -180.0, to: 180, by: 30) {
      let angle = degrees * Units.degree
      let turned = frame.horizontal(SIMD2(cos(angle), sin(angle)))
      #expect(abs(wrappedAngle(atan2(turned.y, turned.x) - angle - .pi / 2)) < 1e-12)
    }
  }

  /// Magnetic north 12 degrees east of north: what flies to it has azimuth 78 degrees.
  @Test func declination() {
    let frame = CorsikaFrame(declination: 12 * Units.degree)
    let north = frame.horizontal(SIMD2(1, 0))
    #expect(abs(atan2(north.y, north.x) - 78 * Units.degree) < 1e-12)
    let source = frame.source(zenith: 0.4, momentumAzimuth: 0)
    #expect(abs(wrappedAngle(source.azimuth - (78 + 180) * Units.degree)) < 1e-12)
    let flight = frame.momentum(SIMD3(sin(0.4), 0, cos(0.4)))
    #expect(source.angle(to: Direction(along: -flight)) < 1e-12)
  }
}
