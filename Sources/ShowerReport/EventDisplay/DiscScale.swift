internal import Foundation
internal import ShowerModel

/// Radii of discs whose area shows the signal of a station.
///
/// The area is proportional to S. It is proportional to ln(1 + S / 0.3 VEM/m2) where the signals
/// span more than a factor of 100.
struct DiscScale: Sendable, Equatable {
  /// Signal of the largest disc [VEM/m2].
  let largest: Double
  let isLogarithmic: Bool
  /// Radius of the largest disc, in the unit of all radii.
  let radius: Double

  /// A muon in 3 m2: below this discs shrink in proportion on either scale [VEM/m2].
  static let unit = 0.3

  /// - Parameters:
  ///   - signals: of the stations that are drawn [VEM/m2].
  ///   - radius: of the largest.
  init(_ signals: [Double], radius: Double) {
    let positive = signals.filter { $0 > 0 && $0.isFinite }
    largest = positive.max() ?? 1
    isLogarithmic = largest > 100 * (positive.min() ?? largest)
    self.radius = radius
  }

  /// Radius for a signal: between 0.12 of the largest, so that the disc stays visible, and the
  /// largest.
  func radius(of signal: Double) -> Double {
    let s = signal > 0 ? signal : 0
    let share =
      isLogarithmic ? log1p(s / DiscScale.unit) / log1p(largest / DiscScale.unit) : s / largest
    return radius * min(max(share.squareRoot(), 0.12), 1)
  }

  /// Round signals for a key, small ones first.
  var examples: [Double] {
    let decade = log10(largest).rounded(.down)
    if isLogarithmic {
      return stride(from: max(decade - 3, 0), through: decade, by: 1).map { pow(10, $0) }
    }
    let top = [5.0, 2, 1].map { $0 * pow(10, decade) }.first { $0 <= largest } ?? largest
    return [rounded(top / 10), rounded(top * 0.4), top]
  }

  var explanation: String {
    isLogarithmic ? "area ∝ ln(1 + S / 0.3 VEM m^{-2})" : "area ∝ S"
  }
}
