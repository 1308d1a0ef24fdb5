internal import Numerics

/// Parts of a predicted density that regions of 68 % and 95 % of the events hold, as functions of
/// ln S800.
///
/// Each is linear between values at some ln S800, and constant beyond the first and the last.
public struct DensityMasses: Sendable, Equatable, Codable {
  /// ln S800 of the standard fit, S800 in VEM/m2, ascending.
  public var logSignal800: [Double]
  public var mass68: [Double]
  public var mass95: [Double]

  /// Groups of events at most, and the events that each has at least.
  static let mostGroups = 8

  /// Quantiles of groups of equal size.
  ///
  /// - Parameter events: ln S800, and the part of the density where it is higher than at the true
  ///   values, of validation events; at least one.
  init(_ events: [(logSignal800: Double, part: Double)]) {
    let ascending = events.sorted { $0.logSignal800 < $1.logSignal800 }
    let count = max(1, min(Self.mostGroups, events.count / RegionCalibration.fewestEvents))
    (logSignal800, mass68, mass95) = ([], [], [])
    for group in 0..<count {
      let own = ascending[group * events.count / count..<(group + 1) * events.count / count]
      logSignal800.append(quantile(sorted: own.map(\.logSignal800), 0.5))
      let masses = quantiles(of: own.map(\.part), [0.68, 0.95])
      mass68.append(masses[0])
      mass95.append(masses[1])
    }
  }

  /// Whether it can be used, be it of whatever file.
  var isValid: Bool {
    !logSignal800.isEmpty && mass68.count == logSignal800.count
      && mass95.count == logSignal800.count
      && zip(logSignal800, logSignal800.dropFirst()).allSatisfy { $0 <= $1 }
      && (mass68 + mass95).allSatisfy { (0...1).contains($0) }
  }

  /// Both parts of an event.
  func values(logSignal800 signal: Double) -> (mass68: Double, mass95: Double) {
    let next = logSignal800.firstIndex { $0 > signal } ?? logSignal800.count
    guard next > 0 else { return (mass68[0], mass95[0]) }
    guard next < logSignal800.count else { return (mass68[next - 1], mass95[next - 1]) }
    let part =
      (signal - logSignal800[next - 1]) / (logSignal800[next] - logSignal800[next - 1])
    func between(_ values: [Double]) -> Double {
      values[next - 1] + part * (values[next] - values[next - 1])
    }
    return (between(mass68), between(mass95))
  }
}
