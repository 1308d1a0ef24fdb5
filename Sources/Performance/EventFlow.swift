internal import ShowerModel

/// What became of every event: compared, or lost for one stated reason.
///
/// Reasons are asked in the order of `losses`, an event counts at the first one that applies.
public struct EventFlow: Sendable, Codable, Equatable {
  /// Where an event was lost.
  public enum Stage: String, Sendable, Codable {
    /// The standard reconstruction has no good result.
    case standard
    /// It has one, but fails a quality cut.
    case cut
    /// It passes the cuts, but the other method has no good result.
    case corrected
    /// Both results are called good, but an error is not a finite number.
    case undefined
  }

  /// A reason and the number of events lost by it.
  public struct Loss: Sendable, Codable, Equatable {
    public let stage: Stage
    /// Name of the status or of the cut.
    public let reason: String
    public let explanation: String
    public internal(set) var count: Int
  }

  /// Events seen.
  public private(set) var total = 0
  /// Events with both results, that pass the cuts.
  public private(set) var compared = 0
  /// All reasons there are, also those that no event met.
  public private(set) var losses: [Loss]

  init(cuts: QualityCuts) {
    func statuses(_ stage: Stage) -> [Loss] {
      ReconstructionStatus.allCases.filter { $0 != .good }.map {
        Loss(stage: stage, reason: $0.name, explanation: $0.explanation, count: 0)
      }
    }
    losses =
      statuses(.standard)
      + cuts.active.map {
        Loss(
          stage: .cut, reason: $0.rawValue, explanation: cuts.explanation(of: $0) ?? "", count: 0)
      } + statuses(.corrected)
      + [
        Loss(
          stage: .undefined, reason: "undefined", explanation: "an error is not a finite number",
          count: 0)
      ]
  }

  mutating func countCompared() {
    total += 1
    compared += 1
  }

  mutating func countLost(_ stage: Stage, _ reason: String) {
    total += 1
    guard let index = losses.firstIndex(where: { $0.stage == stage && $0.reason == reason }) else {
      preconditionFailure("no loss named \(stage) \(reason)")
    }
    losses[index].count += 1
  }

  /// Events lost at a stage.
  public func lost(_ stage: Stage) -> Int {
    losses.reduce(0) { $0 + ($1.stage == stage ? $1.count : 0) }
  }

  /// Why no event is left, or how many are, in one line.
  public var sentence: String {
    let reasons = losses.filter { $0.count > 0 }.map {
      "\($0.count) \($0.stage): \($0.explanation)"
    }
    return "\(compared) of \(total) events compared"
      + (reasons.isEmpty ? "" : "; lost: " + reasons.joined(separator: "; "))
  }
}
