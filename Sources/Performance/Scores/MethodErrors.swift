internal import ShowerModel

/// The errors of one method in one quantity on some events, in the unit of the quantity.
package struct ErrorSummary: Sendable, Equatable {
  private let estimates: [Estimate]

  init(_ make: (Statistic) -> Estimate) { estimates = Statistic.allCases.map(make) }

  package subscript(statistic: Statistic) -> Estimate {
    estimates[Statistic.allCases.firstIndex(of: statistic) ?? 0]
  }

  package var median: Estimate { self[.median] }
  package var mean: Estimate { self[.mean] }
  package var standardDeviation: Estimate { self[.standardDeviation] }
  /// Half width of the central 68 %; for a distance the 68 % containment.
  package var width68: Estimate { self[.width68] }
  package var width95: Estimate { self[.width95] }
}

/// 1 - after/before of each spread, with intervals from the same replicas for both.
package struct Gains: Sendable, Equatable {
  package let standardDeviation: Estimate
  package let rootMeanSquare: Estimate
  package let width68: Estimate
  package let width95: Estimate

  /// The gain in a statistic; nil where a smaller absolute value is no gain.
  package subscript(statistic: Statistic) -> Estimate? {
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
package struct PredictionScore: Sendable, Equatable {
  /// EV_total = 1 - Var(y - yhat) / Var(y), Var = population variance about the mean.
  package let explainedVariance: Estimate
  /// EV_total without the 1 % of events whose |y - median y| is largest.
  ///
  /// The events left out are those of the sample in every replica.
  package let trimmedExplainedVariance: Estimate
  /// R2 = 1 - mean (y - yhat)^2 / Var(y): punishes bias, EV does not.
  package let determination: Estimate
  /// EV_net = 1 - Var(y - yhat) / Var(y - yhat_cal), yhat_cal of the polynomial control; nil for
  /// the control itself.
  package let netExplainedVariance: Estimate?
  /// 1 - Var(y - yhat) / Var(y - yhat_against) for the method asked for with `against`.
  package let explainedVarianceAgainst: Estimate?
}

/// One method in one quantity on some events.
package struct MethodErrors: Sendable, Equatable {
  package let method: String
  /// Events that have the quantity: fewer than in the subset only for pulls.
  package let eventCount: Int
  package let summary: ErrorSummary
  /// Against the standard method; nil for itself and for pulls.
  package let gain: Gains?
  /// Against the method asked for with `against`.
  package let gainAgainst: Gains?
  /// Median minus that of the standard method: the change of the bias.
  package let medianShift: Estimate?
  /// Part of the events whose error grew in size, and by more than twice the standard 68 % width.
  package let worsenedFraction: Double?
  package let muchWorsenedFraction: Double?
  /// Of signed errors only.
  package let score: PredictionScore?
}

/// One quantity on one subset of events, by all methods.
package struct QuantityComparison: Sendable, Equatable {
  package let name: String
  package let title: String
  package let unit: String
  package let isDistance: Bool
  /// Whether it is an error over its predicted standard deviation.
  package let isPull: Bool
  /// In the order of the comparison's methods; without those that lack the quantity.
  package let methods: [MethodErrors]

  package subscript(method: String) -> MethodErrors? { methods.first { $0.method == method } }

  package var standard: MethodErrors? { self[MethodIdentity.standard.name] }
}

/// All quantities on one subset of events.
package struct SubsetComparison: Sendable, Equatable {
  package let subset: EventSubset
  package let eventCount: Int
  package let showerCount: Int
  /// (sum w)^2 / sum w^2 of the weights to a spectrum; the number of events where all count once.
  package let effectiveEventCount: Double
  /// In the order of `Quantity.all`; empty where there are too few events.
  package let quantities: [QuantityComparison]

  package subscript(quantity: String) -> QuantityComparison? {
    quantities.first { $0.name == quantity }
  }
}
