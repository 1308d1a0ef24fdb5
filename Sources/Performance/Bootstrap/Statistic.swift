internal import Numerics

/// A number that describes a distribution of errors x.
package enum Statistic: String, Sendable, Codable, CaseIterable {
  /// Quantile .50: the bias of a signed error.
  case median
  case mean
  /// sqrt(Var x), Var = population variance about the mean.
  case standardDeviation = "standard_deviation"
  /// sqrt(mean x^2), about zero.
  case rootMeanSquare = "root_mean_square"
  /// Half width of the central 68 %, (q84 - q16)/2; for a distance the quantile .68.
  case width68
  /// Half width of the central 95 %, (q97.5 - q2.5)/2; for a distance the quantile .95.
  case width95
  /// Fraction with |x| <= 1: of a pull, the events inside one predicted standard deviation.
  case coverage
  /// sqrt(Var x) without the events whose standard error is among the outer 1 %.
  case trimmedDeviation = "trimmed_deviation"

  /// Place in a vector of `ErrorStatistics`.
  var place: Int {
    switch self {
    case .median: 0
    case .mean: 1
    case .standardDeviation: 2
    case .rootMeanSquare: 3
    case .width68: 4
    case .width95: 5
    case .coverage: 6
    case .trimmedDeviation: 7
    }
  }

  /// Statistics of a kind of quantity that a report shows.
  package static func shown(of kind: Quantity.Kind) -> [Statistic] {
    kind == .pull
      ? [.median, .mean, .standardDeviation, .width68, .coverage]
      : [.median, .mean, .standardDeviation, .rootMeanSquare, .width68, .width95]
  }
}

/// Values of every `Statistic` at its `place`.
typealias ErrorStatistics = SIMD8<Double>

/// Sorted errors, each with a weight or all counting once, and quantiles and moments of them.
package struct SortedErrors: Sendable {
  /// Ascending.
  var values: [Double]
  /// Weight of each value; nil where all count once.
  var weights: [Double]?

  init(values: [Double], weights: [Double]?) {
    self.values = values
    self.weights = weights
  }

  /// Sorts values with their weights; nil where all count once.
  package init(sorting values: [Double], weights: [Double]? = nil) {
    let order = ascendingOrder(values).map(Int.init)
    self.init(
      values: order.map { values[$0] },
      weights: weights.map { weights in order.map { weights[$0] } })
  }

  /// The quantile p: definition 7 where all count once, else the least value up to which a part p
  /// of the weight lies (numpy's `inverted_cdf`).
  package func quantile(_ p: Double) -> Double {
    guard let weights else { return Numerics.quantile(sorted: values, p) }
    let target = p * weights.reduce(0, +)
    var sum = 0.0
    for (value, weight) in zip(values, weights) {
      sum += weight
      if sum >= target && weight > 0 { return value }
    }
    return values.last ?? .nan
  }

  /// Mean and population variance, in two passes.
  var moments: (mean: Double, variance: Double) {
    guard let weights else {
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, squares / Double(values.count))
    }
    let total = weights.reduce(0, +)
    let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
    let squares = zip(values, weights).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) }
    return (mean, squares / total)
  }

  /// Probabilities of the quantiles that the statistics need, ascending.
  static func probabilities(isDistance: Bool) -> [Double] {
    isDistance ? [0.5, 0.68, 0.95] : [0.025, 0.16, 0.5, 0.84, 0.975]
  }

  /// The statistics of some quantiles in the order of `probabilities`.
  static func place(
    _ quantiles: SIMD8<Double>, isDistance: Bool, in result: inout ErrorStatistics
  ) {
    if isDistance {
      result[Statistic.median.place] = quantiles[0]
      result[Statistic.width68.place] = quantiles[1]
      result[Statistic.width95.place] = quantiles[2]
    } else {
      result[Statistic.median.place] = quantiles[2]
      result[Statistic.width68.place] = (quantiles[3] - quantiles[1]) / 2
      result[Statistic.width95.place] = (quantiles[4] - quantiles[0]) / 2
    }
  }

  /// All statistics but the trimmed one.
  func statistics(isDistance: Bool) -> ErrorStatistics {
    var result = ErrorStatistics(repeating: .nan)
    guard !values.isEmpty else { return result }
    let (mean, variance) = moments
    result[Statistic.mean.place] = mean
    result[Statistic.standardDeviation.place] = variance.squareRoot()
    result[Statistic.rootMeanSquare.place] = (variance + mean * mean).squareRoot()
    let (inside, total) = values.indices.reduce((0.0, 0.0)) { sums, index in
      let weight = weights?[index] ?? 1
      return (sums.0 + (abs(values[index]) <= 1 ? weight : 0), sums.1 + weight)
    }
    result[Statistic.coverage.place] = inside / total
    var quantiles = SIMD8<Double>()
    for (number, p) in Self.probabilities(isDistance: isDistance).enumerated() {
      quantiles[number] = quantile(p)
    }
    Self.place(quantiles, isDistance: isDistance, in: &result)
    return result
  }
}
