import Glibc
internal import Numerics

/// What outputs near the cut of the targets leave over.
///
/// The network learned residuals that were cut at `TargetScaling.limit`. Of a residual that lies
/// beyond for certain it says the cut value, with a small error. How far the truth lies beyond, and
/// how far it scatters, is fitted to validation residuals that are not cut, as functions of the
/// modulus of the output.
public struct OuterOutputs: Sendable, Equatable, Codable {
  /// One place of both functions, in units of the size.
  public struct Point: Sendable, Equatable, Codable {
    /// |o|: the median of a group of validation events.
    public var output: Double
    /// By how much the residual is larger than the slope times the output: the median.
    public var excess: Double
    /// Error that is added in quadrature to the one that the network predicts.
    public var spread: Double
  }

  /// By ascending output. In between both functions are linear. They are zero before the first
  /// point, and constant beyond the last one.
  public var points: [Point]

  private static let begin = TargetScaling.limit / 2
  /// Where groups begin, over the cut: they are narrow where much changes.
  private static let groups = [0.5, 0.625, 0.75, 0.8125, 0.875, 0.9375, 0.975]
  /// Fewest events of a group. Its excess is then known to an eighth of its scatter.
  static let fewestEvents = 100

  /// Whether an output is so large that these functions may count.
  static func isOuter(_ output: Double) -> Bool { abs(output) > begin }

  /// Fits both functions, in groups of neighbouring outputs; nil with too few large outputs.
  ///
  /// - Parameters:
  ///   - outputs: of the network.
  ///   - left: residuals less the prediction.
  ///   - sigmas: predicted errors.
  init?(outputs: [Double], left: [Double], sigmas: [Double]) {
    points = []
    var group: [Int] = []
    for lower in Self.groups.reversed() {
      let upper = Self.groups.first { $0 > lower } ?? .infinity
      let range = lower * TargetScaling.limit..<upper * TargetScaling.limit
      group += outputs.indices.filter { range.contains(abs(outputs[$0])) }
      guard group.count >= Self.fewestEvents else { continue }
      points.insert(Self.point(group, outputs, left, sigmas), at: 0)
      group = []
    }
    guard !points.isEmpty else { return nil }
    points.insert(Point(output: Self.begin, excess: 0, spread: 0), at: 0)
  }

  private static func point(
    _ events: [Int], _ outputs: [Double], _ left: [Double], _ sigmas: [Double]
  ) -> Point {
    // Both signs are one case: away from zero.
    let outward = events.map { outputs[$0] < 0 ? -left[$0] : left[$0] }
    let excess = quantile(of: outward, 0.5)
    // With this variance added, the part `coverage` lies within one error.
    let missing = zip(events, outward).map { event, outward in
      (outward - excess) * (outward - excess) - sigmas[event] * sigmas[event]
    }
    return Point(
      output: quantile(of: events.map { abs(outputs[$0]) }, 0.5), excess: excess,
      spread: max(quantile(of: missing, CombinationFit.coverage), 0).squareRoot())
  }

  /// Excess with the sign of the output, and spread.
  func value(_ output: Double) -> (excess: Double, spread: Double) {
    let (sign, modulus): (Double, Double) = (output < 0 ? -1 : 1, abs(output))
    guard let next = points.firstIndex(where: { modulus < $0.output }) else {
      return points.last.map { (sign * $0.excess, $0.spread) } ?? (0, 0)
    }
    guard next > 0 else { return (0, 0) }
    let (lower, upper) = (points[next - 1], points[next])
    let part = (modulus - lower.output) / (upper.output - lower.output)
    return (
      sign * (lower.excess + part * (upper.excess - lower.excess)),
      lower.spread + part * (upper.spread - lower.spread)
    )
  }

  /// The same for predictions to which no excess is added: it is part of the spread.
  var withoutExcess: OuterOutputs {
    var result = self
    for index in points.indices {
      result.points[index].excess = 0
      result.points[index].spread = hypot(points[index].excess, points[index].spread)
    }
    return result
  }

  /// Whether the points of a file can be used.
  var isValid: Bool {
    zip(points, points.dropFirst()).allSatisfy { $0.output < $1.output }
      && points.allSatisfy {
        $0.output > 0 && $0.output.isFinite && $0.excess.isFinite && $0.spread >= 0
          && $0.spread.isFinite
      }
  }
}
