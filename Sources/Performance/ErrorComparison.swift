/// The errors of one method in one quantity on some events, in the unit of the quantity.
public struct ErrorSummary: Sendable, Codable, Equatable {
  public let median: Estimate
  public let mean: Estimate
  public let standardDeviation: Estimate
  public let rootMeanSquare: Estimate
  /// Half width of the central 68 %; for a distance the 68 % containment.
  public let width68: Estimate
  public let width95: Estimate

  init(_ make: (Statistic) -> Estimate) {
    median = make(.median)
    mean = make(.mean)
    standardDeviation = make(.standardDeviation)
    rootMeanSquare = make(.rootMeanSquare)
    width68 = make(.width68)
    width95 = make(.width95)
  }

  public subscript(statistic: Statistic) -> Estimate {
    switch statistic {
    case .median: median
    case .mean: mean
    case .standardDeviation: standardDeviation
    case .rootMeanSquare: rootMeanSquare
    case .width68: width68
    case .width95: width95
    }
  }
}

/// 1 - after/before of each spread, with intervals from the same replicas for both.
public struct Gains: Sendable, Codable, Equatable {
  public let standardDeviation: Estimate
  public let rootMeanSquare: Estimate
  public let width68: Estimate
  public let width95: Estimate
}

/// How well a correction yhat predicts the residual y of the standard method.
public struct PredictionScore: Sendable, Codable, Equatable {
  /// EV = 1 - Var(y - yhat) / Var(y), Var = population variance about the mean.
  public let explainedVariance: Estimate
  /// EV without the 1 % of events whose |y - median y| is largest.
  ///
  /// The events left out are those of the sample in every replica.
  public let trimmedExplainedVariance: Estimate
  /// R2 = 1 - mean (y - yhat)^2 / Var(y): punishes bias, EV does not.
  public let determination: Estimate
}

/// One quantity on one subset of events: standard against corrected.
public struct ErrorComparison: Sendable, Codable, Equatable {
  public let name: String
  public let title: String
  public let unit: String
  public let isDistance: Bool
  public let standard: ErrorSummary
  public let corrected: ErrorSummary
  public let gain: Gains
  /// Corrected minus standard median: what the correction did to the bias.
  public let medianShift: Estimate
  /// Fraction of events whose error grew in size.
  public let worsenedFraction: Double
  /// Fraction of events whose error grew in size by more than twice the standard 68 % width.
  public let muchWorsenedFraction: Double
  /// Of residuals only.
  public let prediction: PredictionScore?
}

/// All quantities on one subset of events.
public struct SubsetComparison: Sendable, Codable, Equatable {
  public let subset: EventSubset
  public let eventCount: Int
  public let showerCount: Int
  /// In the order of `Observable.all`; empty where there are too few events.
  public let observables: [ErrorComparison]
  /// In the order of `Residual.all`; error of the standard method is y = true - standard, of the
  /// corrected one y - yhat.
  public let residuals: [ErrorComparison]

  public func observable(_ name: String) -> ErrorComparison? {
    observables.first { $0.name == name }
  }

  public func residual(_ name: String) -> ErrorComparison? { residuals.first { $0.name == name } }
}
