/// Why a method kept the standard value of an event, as the column `fallback` of its group says.
public enum Fallback: Int, Sendable, CaseIterable {
  /// The inputs lie beyond those of the training.
  case beyondTraining = 1
  /// The networks of an ensemble disagree.
  case ensembleSpread = 2
  /// The prediction is not a finite number.
  case notFinite = 3

  /// The key in summaries.
  public var name: String {
    switch self {
    case .beyondTraining: "beyond_training"
    case .ensembleSpread: "ensemble_spread"
    case .notFinite: "not_finite"
    }
  }

  public var explanation: String {
    switch self {
    case .beyondTraining: "inputs beyond the range of the training"
    case .ensembleSpread: "the networks of the ensemble disagree"
    case .notFinite: "the prediction is not a finite number"
    }
  }
}
