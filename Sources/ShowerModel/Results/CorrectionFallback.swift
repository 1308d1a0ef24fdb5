/// Why a correction kept the standard value of an event, if it did.
///
/// The raw values are stored in files: never renumber, only append.
public enum CorrectionFallback: Int, Sendable, CaseIterable {
  /// The event was corrected.
  case none = 0
  /// The event is unlike those that the network learned from.
  case beyondTraining = 1
  /// The members of an ensemble disagree.
  case ensembleSpread = 2
  /// The network's outputs are not finite.
  case notFinite = 3

  /// The name stored in files.
  public var name: String { "\(self)" }

  /// What it means, for reports.
  public var explanation: String {
    switch self {
    case .none: "corrected"
    case .beyondTraining: "unlike the events that the network learned from"
    case .ensembleSpread: "the members of the ensemble disagree"
    case .notFinite: "outputs of the network are not finite"
    }
  }
}
