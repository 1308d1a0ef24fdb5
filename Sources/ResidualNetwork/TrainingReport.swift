/// Where training stands, after every batch.
public struct BatchProgress: Sendable {
  /// Counted from 1.
  public let epoch: Int
  public let epochs: Int
  /// Counted from 1.
  public let batch: Int
  public let batches: Int
  /// Loss of the standardised targets, mean of this epoch so far.
  public let loss: Double
}

/// What an epoch of training achieved.
public struct EpochReport: Sendable, Codable {
  /// Counted from 1.
  public let epoch: Int
  public let epochs: Int
  /// Loss of the standardised targets, with the weights as they changed.
  public let trainingLoss: Double
  public let validationLoss: Double
  /// 1 - Var(y - predicted) / Var(y) by target, on the validation split.
  public let explainedVariance: [String: Double]
  public let learningRate: Double
  /// Training events a second.
  public let samplesPerSecond: Double
  /// Validation events a second, without learning.
  public let validationPerSecond: Double
  /// Time for the remaining epochs [s].
  public let secondsLeft: Double
  /// Whether these weights are the best so far.
  public let isBest: Bool
}
