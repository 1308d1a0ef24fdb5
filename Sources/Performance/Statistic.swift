import Glibc

/// A number that describes a distribution of errors x.
public enum Statistic: String, Sendable, Codable, CaseIterable {
  /// Quantile .50: the bias of a signed error.
  case median
  case mean
  /// sqrt(Var x), Var = population variance about the mean.
  case standardDeviation
  /// sqrt(mean x^2), about zero.
  case rootMeanSquare
  /// Half width of the central 68 %, (q84 - q16)/2; for a distance the quantile .68.
  case width68
  /// Half width of the central 95 %, (q97.5 - q2.5)/2; for a distance the quantile .95.
  case width95

  /// Place in a vector of `ErrorStatistics`.
  var place: Int {
    switch self {
    case .median: 0
    case .mean: 1
    case .standardDeviation: 2
    case .rootMeanSquare: 3
    case .width68: 4
    case .width95: 5
    }
  }
}

/// Values of every `Statistic` at its `place`.
typealias ErrorStatistics = SIMD8<Double>

/// The quantile of sorted values, linear between order statistics at (n - 1) p; NaN where there are none.
///
/// The definition 7 of Hyndman and Fan (1996), which is numpy's.
func quantile<Value: BinaryFloatingPoint>(_ sorted: some RandomAccessCollection<Value>, _ p: Double)
  -> Double
{
  guard let last = sorted.last else { return .nan }
  let rank = p * Double(sorted.count - 1)
  let lower = Int(rank)
  let at = sorted.index(sorted.startIndex, offsetBy: lower)
  let value = Double(sorted[at])
  guard lower + 1 < sorted.count else { return Double(last) }
  return value + (rank - Double(lower)) * (Double(sorted[sorted.index(after: at)]) - value)
}

/// Mean and population variance, in two passes.
func moments(_ values: some Sequence<Float>) -> (mean: Double, variance: Double) {
  var (count, sum) = (0, 0.0)
  for value in values {
    count += 1
    sum += Double(value)
  }
  let mean = sum / Double(count)
  var squares = 0.0
  for value in values {
    let difference = Double(value) - mean
    squares += difference * difference
  }
  return (mean, squares / Double(count))
}

/// All statistics of sorted values.
func statistics(ofSorted sorted: some RandomAccessCollection<Float>, isDistance: Bool)
  -> ErrorStatistics
{
  let (mean, variance) = moments(sorted)
  var result = ErrorStatistics(repeating: .nan)
  result[Statistic.median.place] = quantile(sorted, 0.5)
  result[Statistic.mean.place] = mean
  result[Statistic.standardDeviation.place] = variance.squareRoot()
  result[Statistic.rootMeanSquare.place] = (variance + mean * mean).squareRoot()
  if isDistance {
    result[Statistic.width68.place] = quantile(sorted, 0.68)
    result[Statistic.width95.place] = quantile(sorted, 0.95)
  } else {
    result[Statistic.width68.place] = (quantile(sorted, 0.84) - quantile(sorted, 0.16)) / 2
    result[Statistic.width95.place] = (quantile(sorted, 0.975) - quantile(sorted, 0.025)) / 2
  }
  return result
}
