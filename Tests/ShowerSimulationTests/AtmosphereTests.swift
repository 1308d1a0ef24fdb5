import ShowerModel
import ShowerSimulation
import Testing

@Suite struct AtmosphereTests {
  let atmosphere = Atmosphere.telescopeArray

  @Test func depthsAtKnownHeights() {
    #expect(abs(atmosphere.groundDepth - 877.166) < 0.001)
    for (height, depth) in [(5000.0, 560.434), (10_000, 277.956), (20_000, 56.747)] {
      #expect(abs(atmosphere.verticalDepth(height: height) - depth) < 0.001)
    }
    #expect(abs(atmosphere.height(verticalDepth: 500) - 5866.20) < 0.01)
  }

  @Test func heightInvertsDepth() {
    for height in stride(from: 50.0, to: 105_000, by: 730) {
      let depth = atmosphere.verticalDepth(height: height)
      #expect(abs(atmosphere.height(verticalDepth: depth) - height) < 1e-3)
    }
  }
}
