import Foundation
import Testing

@testable import ShowerReport

/// Whether methods can be told apart by people with any kind of colour vision, and on white paper.
@Suite struct MethodColourTests {
  /// Linear RGB as people see it who lack one kind of cones: G. M. Machado, M. M. Oliveira and
  /// L. A. F. Fernandes, IEEE Trans. Vis. Comput. Graph. 15 (2009) 1291, table 1, severity 1.
  private static let views: [(name: String, rows: [SIMD3<Double>])] = [
    ("normal", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (
      "protanopia",
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    ),
    (
      "deuteranopia",
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    ),
    (
      "tritanopia",
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    ),
  ]

  /// sRGB (IEC 61966-2-1) to CIE XYZ, white point D65.
  private static let tristimulus: [SIMD3<Double>] = [
    [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
  ]

  private func times(_ rows: [SIMD3<Double>], _ vector: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3((rows[0] * vector).sum(), (rows[1] * vector).sum(), (rows[2] * vector).sum())
  }

  private func linear(_ colour: String) throws -> SIMD3<Double> {
    let number = try #require(Int(colour.dropFirst(), radix: 16))
    var linear = SIMD3<Double>()
    for (place, shift) in [16, 8, 0].enumerated() {
      let value = Double(number >> shift & 255) / 255
      linear[place] = value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return linear
  }

  /// CIE L*a*b*.
  private func lab(_ linear: SIMD3<Double>) -> SIMD3<Double> {
    let (xyz, white) = (times(Self.tristimulus, linear), times(Self.tristimulus, [1, 1, 1]))
    var f = SIMD3<Double>()
    for place in 0..<3 {
      let share = xyz[place] / white[place]
      f[place] = share > 0.008856 ? cbrt(share) : 7.787 * share + 16 / 116
    }
    return [116 * f.y - 16, 500 * (f.x - f.y), 200 * (f.y - f.z)]
  }

  /// Least difference (ΔE 1976) of two of the colours, as seen in one way.
  private func leastDifference(_ colours: [String], _ rows: [SIMD3<Double>]) throws -> Double {
    let seen = try colours.map {
      lab(times(rows, try linear($0)).clamped(lowerBound: [0, 0, 0], upperBound: [1, 1, 1]))
    }
    return seen.indices.flatMap { a in
      seen[(a + 1)...].map { b in ((seen[a] - b) * (seen[a] - b)).sum().squareRoot() }
    }.min() ?? 0
  }

  @Test func methodsCanBeToldApartByEverybody() throws {
    let colours = MethodColours.ofPage + [MethodColours.truth]
    for (name, rows) in Self.views {
      let least = try leastDifference(colours, rows)
      #expect(least >= 30, "\(name): \(least)")
    }
    // The measure sees what it should: colours that look alike without cones for green.
    let alike = try leastDifference(["#009E73", "#666666"], Self.views[2].rows)
    #expect(alike < 20, "\(alike)")
  }

  @Test func linesStandOutFromWhite() throws {
    let colours = MethodColours.ofPage + [MethodColours.truth, MethodColours.lowerLayer]
    for colour in colours {
      let contrast = 1.05 / (times(Self.tristimulus, try linear(colour)).y + 0.05)
      #expect(contrast >= 3, "\(colour): \(contrast)")
    }
  }
}
