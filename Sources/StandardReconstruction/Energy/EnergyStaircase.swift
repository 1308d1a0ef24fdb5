import Glibc

/// The published energy of the Telescope Array, exactly as its own programs compute it.
///
/// sec theta is divided into steps, without interpolation: at an edge the energy jumps by 3 to 4 %.
/// In a step, with d = log10 S800 - 1.5:
///
/// - log10(E/eV) = p0 + p1 d + ... + p7 d^7 for d < 0;
/// - log10(E/eV) = p0 + p1 d for d >= 0, without an upper limit.
///
/// Where a polynomial runs away below S800 = 1 (above 10 EeV), the energy is that at S800 = 1,
/// times S800. Source: rusdenergy of the public reconstruction chain of the experiment.
struct EnergyStaircase: Sendable, Equatable {
  static let coefficientCount = 8
  /// Width of a step in sec theta, of which the first begins at 1.
  static let width = 0.02
  private static let centre = 1.5
  /// log10(E/eV) above which the polynomial has run away at S800 < 1.
  private static let runaway = 19.0

  /// p0 ... p7 of each step.
  let steps: [[Double]]

  /// Steps before the first and after the last count as these.
  private func step(_ secant: Double) -> Int {
    Int(min(max(((secant - 1) / Self.width).rounded(.down), 0), Double(steps.count - 1)))
  }

  /// log10(E/eV) and its derivative by log10 S800.
  private func polynomial(_ step: Int, _ logSignal: Double) -> (value: Double, slope: Double) {
    let p = steps[step]
    let d = logSignal - Self.centre
    guard d < 0 else { return (p[0] + p[1] * d, p[1]) }
    var (value, slope) = (0.0, 0.0)
    for coefficient in p.reversed() {
      slope = slope * d + value
      value = value * d + coefficient
    }
    if logSignal < 0, !(value <= Self.runaway) {
      return (polynomial(step, 0).value + logSignal, 1)
    }
    return (value, slope)
  }

  func logEnergy(signal800: Double, zenith: Double) -> EnergyTable.Value? {
    guard signal800 > 0, signal800.isFinite, (0..<0.5 * .pi).contains(zenith) else { return nil }
    let secant = 1 / cos(zenith)
    let (step, logSignal) = (step(secant), log10(signal800))
    let (value, slope) = polynomial(step, logSignal)
    // Errors follow the mean slope over some steps, which scatter.
    let (before, after) = (max(step - 3, 0), min(step + 3, steps.count - 1))
    let perSecant =
      after > before
      ? (polynomial(after, logSignal).value - polynomial(before, logSignal).value)
        / (Double(after - before) * Self.width) : 0
    return EnergyTable.Value(
      value: value - 18, perLogSignal: slope / log(10), perZenith: perSecant * secant * tan(zenith))
  }
}
