internal import Glibc
internal import ShowerModel

/// Part of the thrown showers that are triggered and selected, by true energy.
///
/// Near the threshold only showers with an upward fluctuation are seen: there the mean S800 of the selected
/// ones lies above that of all, by scatter^2 times d ln(efficiency)/d ln S800. The energy table leaves out
/// energies where the efficiency is below half of that at high energies; above, this is at most 3 %, and
/// below 1 % from twice the lowest energy on.
public struct SelectionEfficiency: Sendable {
  /// Bins of log10(E/EeV): first edge, width.
  private static let (first, width) = (-2.0, 0.1)
  private var thrown = [Double](repeating: 0, count: 60)
  private var selected = [Double](repeating: 0, count: 60)

  public init() {}

  /// Adds showers thrown as dN/dE ~ E^index within a range of log10(E/EeV).
  public mutating func addThrown(
    _ count: Double, energies: ClosedRange<Double>, spectralIndex: Double
  ) {
    let exponent = (spectralIndex + 1) * log(10)
    func integral(_ low: Double, _ high: Double) -> Double {
      abs(exponent) < 1e-9 ? high - low : (exp(exponent * high) - exp(exponent * low)) / exponent
    }
    let all = integral(energies.lowerBound, energies.upperBound)
    for bin in thrown.indices {
      let low = max(Self.edge(bin), energies.lowerBound)
      let high = min(Self.edge(bin + 1), energies.upperBound)
      if high > low { thrown[bin] += all > 0 ? count * integral(low, high) / all : 0 }
    }
  }

  /// Adds a selected shower by its true log10(E/EeV).
  public mutating func addSelected(logEnergy: Double) {
    let bin = Int(saturating: ((logEnergy - Self.first) / Self.width).rounded(.down))
    if selected.indices.contains(bin) { selected[bin] += 1 }
  }

  /// log10(E/EeV) above which all bins have at least a part of the efficiency at high energies, that of the
  /// upper half of the thrown range of log10 E; nil where nothing was thrown or selected.
  public func lowestEnergy(fraction: Double) -> Double? {
    let bins = thrown.indices.filter { thrown[$0] > 0 }
    guard let lowest = bins.first, let highest = bins.last else { return nil }
    let upper = (lowest + highest + 1) / 2...highest
    let plateau = selected[upper].reduce(0, +) / thrown[upper].reduce(0, +)
    guard plateau > 0 else { return nil }
    var edge: Double?
    for bin in bins.reversed() {
      // Bins too small to judge by follow their neighbours.
      if plateau * thrown[bin] >= 25, selected[bin] < fraction * plateau * thrown[bin] { break }
      edge = Self.edge(bin)
    }
    return edge
  }

  private static func edge(_ bin: Int) -> Double { first + width * Double(bin) }
}
