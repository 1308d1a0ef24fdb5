/// The errors of one method in one quantity on some events, in the unit of the quantity.
public struct ErrorSummary: Sendable, Equatable {
  private let estimates: [Estimate]

  init(_ make: (Statistic) -> Estimate) { estimates = Statistic.allCases.map(make) }

  public subscript(statistic: Statistic) -> Estimate {
    estimates[Statistic.allCases.firstIndex(of: statistic) ?? 0]
  }

  public var median: Estimate { self[.median] }
  public var mean: Estimate { self[.mean] }
  public var standardDeviation: Estimate { self[.standardDeviation] }
  public var rootMeanSquare: Estimate { self[.rootMeanSquare] }
  /// Half width of the central 68 %; for a distance the 68 % containment.
  public var width68: Estimate { self[.width68] }
  public var width95: Estimate { self[.width95] }
}

/// 1 - after/before of each spread, with intervals from the same replicas for both.
public struct Gains: Sendable, Equatable {
  public let standardDeviation: Estimate
  public let rootMeanSquare: Estimate
  public let width68: Estimate
  public let width95: Estimate

  /// The gain in a statistic, nil where smaller in size is not what counts.
  public subscript(statistic: Statistic) -> Estimate? {
    switch statistic {
    case .standardDeviation: standardDeviation
    case .rootMeanSquare: rootMeanSquare
    case .width68: width68
    case .width95: width95
    case .median, .mean, .coverage, .trimmedDeviation: nil
    }
  }
}

/// How well yhat = estimate minus standard predicts y = true minus standard.
public struct PredictionScore: Sendable, Equatable {
  /// EV_total = 1 - Var(y - yhat) / Var(y), Var = population variance about the mean.
  public let explainedVariance: Estimate
  /// EV_total without the 1 % of events whose |y - median y| is largest.
  ///
  /// The events left out are those of the sample in every replica.
  public let trimmedExplainedVariance: Estimate
  /// R2 = 1 - mean (y - yhat)^2 / Var(y): punishes bias, EV does not.
  public let determination: Estimate
  /// EV_net = 1 - Var(y - yhat) / Var(y - yhat_cal), yhat_cal of the polynomial control; nil for the
  /// control itself.
  public let netExplainedVariance: Estimate?
  /// 1 - Var(y - yhat) / Var(y - yhat_against) for the method asked for with `against`.
  public let explainedVarianceAgainst: Estimate?
}

/// One method in one quantity on some events.
public struct MethodErrors: Sendable, Equatable {
  public let method: String
  /// Events that have the quantity: fewer than in the subset only for pulls.
  public let eventCount: Int
  public let summary: ErrorSummary
  /// Against the standard method; nil for itself and for pulls.
  public let gain: Gains?
  /// Against the method asked for with `against`.
  public let gainAgainst: Gains?
  /// Median minus that of the standard method: what was done to the bias.
  public let medianShift: Estimate?
  /// Part of the events whose error grew in size, and by more than twice the standard 68 % width.
  public let worsenedFraction: Double?
  public let muchWorsenedFraction: Double?
  /// Of signed errors only.
  public let score: PredictionScore?
}

/// One quantity on one subset of events, by all methods.
public struct QuantityComparison: Sendable, Equatable {
  public let name: String
  public let title: String
  public let unit: String
  public let isDistance: Bool
  /// Whether it is an error over its predicted standard deviation.
  public let isPull: Bool
  /// In the order of the comparison's methods; without those that lack the quantity.
  public let methods: [MethodErrors]

  public subscript(method: String) -> MethodErrors? { methods.first { $0.method == method } }

  public var standard: MethodErrors? { self[Method.standardName] }
}

/// All quantities on one subset of events.
public struct SubsetComparison: Sendable, Equatable {
  public let subset: EventSubset
  public let eventCount: Int
  public let showerCount: Int
  /// (sum w)^2 / sum w^2 of the weights to a spectrum; the number of events where all count once.
  public let effectiveEventCount: Double
  /// In the order of `Quantity.all`; empty where there are too few events.
  public let quantities: [QuantityComparison]

  public subscript(quantity: String) -> QuantityComparison? {
    quantities.first { $0.name == quantity }
  }
}
