import Glibc
internal import ShowerModel

/// Turns the output of a network for one target into a correction and its error.
///
/// The correction is `y = p m + d ((n0 + n1 x + n2 s) o + e(o))`. Here o is the output; m(x, s) and
/// d(x, s) are mean and size of `TargetScaling`; x and s are scaled to -1...1; e is the excess of
/// `OuterOutputs`, zero but for large outputs. The slopes p and n are fitted to the validation
/// split (`CombinationFit`), and are zero where they are not significant. A network without
/// information then gives the calibration p m. Where that is not significant either, the standard
/// value is unchanged.
public struct TargetCombination: Sendable, Equatable, Codable {
  /// p, n0, n1, n2.
  public var slopes: [Double]
  /// Standard errors of p and n0 from the fit that held both; 0 where there was none.
  public var slopeErrors: [Double]
  /// A and c: the variance of what is left in units of d is `A v + c w`, with the variance v that
  /// the network predicts (1 where it predicts none) and that of an ensemble's members w.
  public var variance: [Double]
  /// ln of the error over the root of that: polynomial of total degree 2 in x and s, six
  /// coefficients. Set so that 68.3 % of the validation split lie within one error.
  public var logSpread: [Double]
  /// The same for the calibration alone, as a factor of d.
  public var calibrationSpread: Double
  /// What outputs near the cut of the targets leave over; nil where the validation split has few.
  public var outer: OuterOutputs?

  /// The network's whole prediction, as it is.
  static let added = TargetCombination(
    slopes: [1, 1, 0, 0], slopeErrors: [0, 0], variance: [1, 1],
    logSpread: [Double](repeating: 0, count: 6), calibrationSpread: 1)

  /// A correction and its error, in native units.
  struct Value {
    var correction: Double
    var sigma: Double
  }

  func value(
    _ outputs: MemberOutputs, scaling: TargetScaling, secZenith: Double, logSignal800: Double
  ) -> Value {
    let (mean, size) = scaling.values(secZenith: secZenith, logSignal800: logSignal800)
    let terms = scaling.terms(secZenith, logSignal800)
    let slope = slopes[1] + slopes[2] * terms[1] + slopes[3] * terms[2]
    var logarithm = 0.0
    for (index, coefficient) in logSpread.enumerated() { logarithm += coefficient * terms[index] }
    let left = max(
      variance[0] * outputs.predictedVariance + variance[1] * outputs.memberVariance, 1e-12)
    let (excess, spread) = outer?.value(outputs.mean) ?? (0, 0)
    let inner = exp(logarithm) * left.squareRoot()
    return Value(
      correction: slopes[0] * mean + size * (max(slope, 0) * outputs.mean + excess),
      sigma: size * (spread > 0 ? hypot(inner, spread) : inner))
  }
}
