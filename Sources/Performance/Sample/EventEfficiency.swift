internal import ShowerModel

/// Events seen, reconstructed, selected and compared in bins of true energy.
package struct EventEfficiency: Sendable {
  /// Bins of log10(E/EeV): first edge, width.
  package static let (first, width) = (-2.0, 0.125)
  private static let binCount = 48

  package private(set) var seen = none
  private(set) var reconstructed = none
  private(set) var selected = none
  private(set) var compared = none

  private static let none = [Int](repeating: 0, count: binCount)

  mutating func countSeen(_ truth: Shower, _ standard: StandardResult, _ cuts: QualityCuts) {
    guard let bin = Self.bin(truth) else { return }
    seen[bin] += 1
    switch cuts.verdict(standard) {
    case .notReconstructed: break
    case .failed: reconstructed[bin] += 1
    case .passed, .unjudged:
      reconstructed[bin] += 1
      selected[bin] += 1
    }
  }

  mutating func countCompared(_ truth: Shower) {
    if let bin = Self.bin(truth) { compared[bin] += 1 }
  }

  private static func bin(_ truth: Shower) -> Int? {
    let place = ((truth.logEnergy - Units.logEnergyOfEeV - first) / width).rounded(.down)
    return place >= 0 && place < Double(binCount) ? Int(place) : nil
  }

  /// Centre, then fraction and its binomial error for reconstructed, selected and compared events,
  /// and the number seen.
  ///
  /// From the first to the last bin with events.
  package var rows: [[Double]] {
    seen.indices.filter { seen[$0] > 0 }.map { bin in
      let all = Double(seen[bin])
      let fractions = [reconstructed, selected, compared].flatMap { counts -> [Double] in
        let fraction = Double(counts[bin]) / all
        return [fraction, (fraction * (1 - fraction) / all).squareRoot()]
      }
      return [Self.first + (Double(bin) + 0.5) * Self.width] + fractions + [all]
    }
  }
}
