internal import ShowerModel

/// The nodes of an energy table, filled where simulated showers stand for them.
///
/// sec theta 1.00...1.74 by 0.02 and log10 S800 -0.5...3.2 by 0.05, as the Telescope Array's table. A node has
/// an energy where the law gives one within the range of simulated energies, and where its bin of sec theta
/// (half a step to either side) holds `leastShowers` showers; all others are absent.
public struct EnergyGrid: Sendable {
  /// Showers in a node's bin of sec theta, at least.
  public static let leastShowers = 100
  static let secants = (first: 1.0, step: 0.02, count: 38)
  static let logSignals = (first: -0.5, step: 0.05, count: 75)

  /// An energy with its standard error, both as log10(E/EeV).
  public struct Entry: Sendable, Equatable {
    public let logEnergy: Double
    public let error: Double
  }
  /// `[secant][logSignal]`, nil where absent.
  public let entries: [[Entry?]]

  /// The node whose bin of sec theta holds a value; nil outside.
  public static func bin(ofSecant secant: Double) -> Int? {
    let index = Int(saturating: ((secant - secants.first) / secants.step).rounded())
    return (0..<secants.count).contains(index) ? index : nil
  }

  /// Fills the grid by a law.
  ///
  /// - Throws: `CalibrationError.tooFewShowers` where no node can be filled.
  public init(
    _ law: SignalRegression, _ showers: [CalibrationShower]
  ) throws(CalibrationError) {
    var counts = [Int](repeating: 0, count: Self.secants.count)
    for shower in showers where law.energies.contains(shower.logEnergy) {
      if let bin = Self.bin(ofSecant: shower.secant) { counts[bin] += 1 }
    }
    entries = counts.enumerated().map { i, count in
      guard count >= Self.leastShowers else {
        return [Entry?](repeating: nil, count: Self.logSignals.count)
      }
      return (0..<Self.logSignals.count).map { j in
        law.logEnergy(logSignal: Self.logSignal(j), secant: Self.secant(i)).map {
          Entry(logEnergy: $0.value, error: $0.error)
        }
      }
    }
    guard filledCount > 0 else {
      throw .tooFewShowers(
        found: counts.reduce(0, +),
        needed: "no bin of sec theta has \(Self.leastShowers)")
    }
  }

  /// Nodes with an energy, and all.
  public var filledCount: Int { entries.reduce(0) { $0 + $1.count { $0 != nil } } }
  public static var nodeCount: Int { secants.count * logSignals.count }

  static func secant(_ index: Int) -> Double { secants.first + secants.step * Double(index) }
  static func logSignal(_ index: Int) -> Double {
    logSignals.first + logSignals.step * Double(index)
  }

  /// The table as text: header line and one row a node, absent ones as nan.
  public var text: String {
    var lines = ["sec_theta,log10_s800,log10_energy_eev,log10_energy_error"]
    for (i, row) in entries.enumerated() {
      for (j, entry) in row.enumerated() {
        let numbers = [
          number(Self.secant(i), 2), number(Self.logSignal(j), 2), number(entry?.logEnergy, 6),
          number(entry?.error, 6),
        ]
        lines.append(numbers.joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func number(_ value: Double?, _ decimals: Int) -> String {
    value.map { Performance.text($0, decimals: decimals) } ?? "nan"
  }
}
