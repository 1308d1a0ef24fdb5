internal import Glibc
package import ShowerModel

/// A simulated shower as the energy table sees it: true energy, fitted signal and zenith angle.
package struct CalibrationShower: Sendable, Equatable {
  /// log10(E/EeV), true.
  package var logEnergy: Double
  /// sec theta, fitted.
  package var secant: Double
  /// log10(S800 / (VEM/m2)), fitted.
  package var logSignal: Double

  package init(logEnergy: Double, secant: Double, logSignal: Double) {
    self.logEnergy = logEnergy
    self.secant = secant
    self.logSignal = logSignal
  }

  /// A shower whose fit has a result and passes the cuts; nil where it does not.
  ///
  /// An energy outside the table that was used before is no reason to leave a shower out: the new
  /// table would inherit the limits of the old one.
  package init?(truth: Truth, standard: StandardResult, cuts: QualityCuts) {
    guard [.good, .outsideEnergyTable, .noEnergyTable].contains(standard.status),
      standard.signal800 > 0, cuts.firstFailed(standard) == nil
    else { return nil }
    self.init(
      logEnergy: truth.shower.logEnergy - Units.logEnergyOfEeV,
      secant: 1 / cos(standard.shower.zenith), logSignal: log10(standard.signal800))
  }
}

/// Part of the thrown showers that are triggered and selected, by true energy.
///
/// Near the threshold only showers with an upward fluctuation are selected. Their mean S800 lies
/// above that of all showers, by scatter^2 times d ln(efficiency)/d ln S800. The energy table
/// leaves out energies where the efficiency is below half of that at high energies. Above, the
/// excess is at most 3 %, and below 1 % from twice the lowest energy on.
package struct SelectionEfficiency: Sendable {
  /// Bins of log10(E/EeV): first edge, width.
  private static let (first, width) = (-2.0, 0.1)
  private var thrown = [Double](repeating: 0, count: 60)
  private var selected = [Double](repeating: 0, count: 60)

  package init() {}

  /// Adds showers thrown as dN/dE ~ E^index within a range of log10(E/EeV).
  package mutating func addThrown(
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
  package mutating func addSelected(logEnergy: Double) {
    let bin = Int(saturating: ((logEnergy - Self.first) / Self.width).rounded(.down))
    if selected.indices.contains(bin) { selected[bin] += 1 }
  }

  /// log10(E/EeV) above which all bins have at least a fraction of the efficiency at high energies.
  ///
  /// The efficiency at high energies is that of the upper half of the thrown range of log10 E. The
  /// result is nil where nothing was thrown or selected.
  package func lowestEnergy(fraction: Double) -> Double? {
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
