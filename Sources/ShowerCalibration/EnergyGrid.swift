internal import ShowerModel

/// The nodes of an energy table, filled where simulated showers determine them.
///
/// sec theta is 1.00...2.00 by 0.02, to 60 degrees, and log10 S800 is -1.0...3.85 by 0.05. A node
/// has an energy on two conditions: the law gives one within the energies of the table, and the
/// node's bin of sec theta holds `leastShowers` showers. The bin reaches half a step to either
/// side. All other nodes are absent. Beyond the energies of the selected showers of the bin the law
/// goes on straight; such nodes are marked as extrapolated.
package struct EnergyGrid: Sendable {
  /// Showers in a node's bin of sec theta, at least.
  package static let leastShowers = 100
  static let secants = (first: 1.0, step: 0.02, count: 51)
  static let logSignals = (first: -1.0, step: 0.05, count: 98)

  /// An energy with its standard error, both as log10(E/EeV).
  package struct Entry: Sendable, Equatable {
    package let logEnergy: Double
    package let error: Double
    /// Whether no simulated energy stands for it.
    package let isExtrapolated: Bool
  }
  /// `[secant][logSignal]`, nil where absent.
  package let entries: [[Entry?]]

  /// The node whose bin of sec theta holds a value; nil outside.
  package static func bin(ofSecant secant: Double) -> Int? {
    let index = Int(saturating: ((secant - secants.first) / secants.step).rounded())
    return (0..<secants.count).contains(index) ? index : nil
  }

  /// Fills the grid by a law.
  ///
  /// - Parameters:
  ///   - law: of S800.
  ///   - showers: that it was fitted to.
  ///   - range: log10(E/EeV) of the table; nil for that of the law.
  /// - Throws: `CalibrationError.tooFewShowers` where no node can be filled.
  package init(
    _ law: SignalRegression, _ showers: [CalibrationShower],
    range: ClosedRange<Double>? = nil
  ) throws(CalibrationError) {
    var energies = [[Double]](repeating: [], count: Self.secants.count)
    for shower in showers where law.energies.contains(shower.logEnergy) {
      if let bin = Self.bin(ofSecant: shower.secant) { energies[bin].append(shower.logEnergy) }
    }
    entries = energies.enumerated().map { i, energies in
      guard energies.count >= Self.leastShowers,
        let lowest = SignalRegression.lowestDetermined(energies)
      else {
        return [Entry?](repeating: nil, count: Self.logSignals.count)
      }
      return (0..<Self.logSignals.count).map { j in
        law.continuedEnergy(
          logSignal: Self.logSignal(j), secant: Self.secant(i), within: range ?? law.energies,
          from: lowest
        ).map {
          Entry(logEnergy: $0.value, error: $0.error, isExtrapolated: $0.isExtrapolated)
        }
      }
    }
    guard filledCount > 0 else {
      throw .tooFewShowers(
        found: energies.reduce(0) { $0 + $1.count },
        needed: "no bin of sec theta has \(Self.leastShowers)")
    }
  }

  /// Nodes with an energy, and all.
  package var filledCount: Int { entries.reduce(0) { $0 + $1.count { $0 != nil } } }
  package static var nodeCount: Int { secants.count * logSignals.count }

  static func secant(_ index: Int) -> Double { secants.first + secants.step * Double(index) }
  static func logSignal(_ index: Int) -> Double {
    logSignals.first + logSignals.step * Double(index)
  }

  /// The table as text: header line and one row a node, absent ones as nan.
  package var text: String {
    var lines = ["sec_theta,log10_s800,log10_energy_eev,log10_energy_error,extrapolated"]
    for (i, row) in entries.enumerated() {
      for (j, entry) in row.enumerated() {
        let numbers = [
          number(Self.secant(i), 2), number(Self.logSignal(j), 2), number(entry?.logEnergy, 6),
          number(entry?.error, 6), entry.map { $0.isExtrapolated ? "1" : "0" } ?? "nan",
        ]
        lines.append(numbers.joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func number(_ value: Double?, _ decimals: Int) -> String {
    value.map { ShowerModel.text($0, decimals: decimals) } ?? "nan"
  }
}
