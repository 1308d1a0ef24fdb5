import Foundation
import Testing

@testable import Numerics

/// Regions of highest density, against closed forms and sums over a fine grid.
@Suite struct HighestDensityTests {
  typealias Component = NormalMixture.Component

  static let single = NormalMixture([
    Component(weight: 1, mean: [3, -2], sigma: [0.5, 20], correlation: -0.8)
  ])
  /// Two that overlap, one apart.
  static let several = NormalMixture([
    Component(weight: 0.5, mean: [0, 0], sigma: [1, 0.5], correlation: 0.6),
    Component(weight: 0.3, mean: [0.8, -0.5], sigma: [1.5, 1.5], correlation: -0.3),
    Component(weight: 0.2, mean: [6, 4], sigma: [0.3, 0.4], correlation: 0),
  ])

  @Test("one normal distribution: an ellipse", arguments: [0.2, 0.5, 0.68, 0.8, 0.95])
  func ellipse(mass: Double) {
    let highest = HighestDensity(Self.single)
    let peak = 1 / (2 * .pi * 0.5 * 20 * 0.6)
    let (level, area) = highest.region(holding: mass)
    #expect(abs(level / (peak * (1 - mass)) - 1) < 0.02)
    #expect(abs(area / (-2 * log(1 - mass) * .pi * 0.5 * 20 * 0.6) - 1) < 0.02)
    #expect(abs(highest.mass(above: log(level)) - mass) < 1e-9)
  }

  @Test("several: part and area above a level as on a grid", arguments: [0.3, 0.68, 0.95])
  func grid(mass: Double) {
    let (level, area) = HighestDensity(Self.several).region(holding: mass)
    let step = 0.02
    var (whole, part, cells) = (0.0, 0.0, 0)
    for x in stride(from: -8.0, to: 10, by: step) {
      for y in stride(from: -8.0, to: 8, by: step) {
        let density = Self.several.density(at: [x, y])
        whole += density * step * step
        guard density >= level else { continue }
        part += density * step * step
        cells += 1
      }
    }
    #expect(abs(whole - 1) < 1e-3)
    #expect(abs(part - mass) < 0.01, "\(part)")
    #expect(abs(Double(cells) * step * step / area - 1) < 0.03, "\(area)")
  }

  @Test("all of it, nothing of it, and densities that none has")
  func limits() {
    let highest = HighestDensity(Self.several)
    #expect(highest.mass(above: 1e3) == 0)
    #expect(highest.mass(above: -1e3) == 1)
    #expect(highest.region(holding: 0).level > highest.region(holding: 0.99).level)
    #expect(highest.region(holding: 1).area.isFinite)
    let none = NormalMixture([
      Component(weight: .nan, mean: [0, 0], sigma: [1, 1], correlation: 0)
    ])
    #expect(!none.isProper && Self.several.isProper)
    for (sigma, correlation) in [(0.0, 0.0), (.infinity, 0), (1, 1), (-1, 0)] {
      let odd = Component(weight: 1, mean: [0, 0], sigma: [1, sigma], correlation: correlation)
      #expect(!NormalMixture([odd]).isProper)
    }
  }

  @Test("in other units it is the same")
  func scaled() {
    let other = Self.several.scaled(by: [2, 50], shiftedBy: [1, 700])
    let (x, y) = (0.4, -0.2)
    let density = Self.several.density(at: [x, y])
    #expect(abs(other.density(at: [2 * x + 1, 50 * y + 700]) * 100 / density - 1) < 1e-12)
    #expect(abs(Self.several.logDensity(at: [x, y]) - log(density)) < 1e-12)
    // Far away the density is 0, its logarithm a number.
    #expect(Self.several.density(at: [1e3, 1e3]) == 0)
    #expect(Self.several.logDensity(at: [1e3, 1e3]).isFinite)
  }
}
