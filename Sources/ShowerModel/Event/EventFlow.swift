/// What became of every event: kept, or lost for one stated reason.
///
/// Reasons are asked in the order of `losses`, an event counts at the first one that applies.
public struct EventFlow: Sendable, Codable, Equatable {
  /// Where an event was lost.
  public enum Stage: String, Sendable, Codable {
    /// The standard reconstruction has no good result.
    case standard
    /// It has one, but fails a quality cut.
    case cut
    /// It passes the cuts, but the method it is compared with has no good result.
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
    public fileprivate(set) var count = 0

    public init(stage: Stage, reason: String, explanation: String) {
      self.stage = stage
      self.reason = reason
      self.explanation = explanation
    }

    /// All the ways to have no good result.
    public static func statuses(_ stage: Stage) -> [Loss] {
      ReconstructionStatus.allCases.filter { $0 != .good }.map {
        Loss(stage: stage, reason: $0.name, explanation: $0.explanation)
      }
    }
  }

  /// Events seen.
  public private(set) var total = 0
  /// Events that no reason met.
  public private(set) var kept = 0
  /// All reasons there are, also those that no event met.
  public private(set) var losses: [Loss]

  private enum CodingKeys: String, CodingKey {
    case total
    case kept = "compared"
    case losses
  }

  /// The reasons of the standard reconstruction and of quality cuts, then further ones.
  public init(cuts: QualityCuts, further: [Loss] = []) {
    losses =
      Loss.statuses(.standard)
      + cuts.active.map {
        Loss(stage: .cut, reason: $0.name, explanation: cuts.explanation(of: $0) ?? "")
      } + further
  }

  public mutating func countKept() {
    total += 1
    kept += 1
  }

  public mutating func countLost(_ stage: Stage, _ reason: String) {
    total += 1
    guard let index = losses.firstIndex(where: { $0.stage == stage && $0.reason == reason }) else {
      preconditionFailure("no loss named \(stage) \(reason)")
    }
    losses[index].count += 1
  }

  /// Counts an event as lost where its standard result or the cuts say so; else nothing is counted
  /// yet.
  ///
  /// - Returns: whether it was lost.
  public mutating func countIfLost(_ result: StandardResult, _ verdict: CutVerdict) -> Bool {
    switch verdict {
    case .passed, .unjudged: return false
    case .notReconstructed: countLost(.standard, result.status.name)
    case .failed(let cut): countLost(.cut, cut.name)
    }
    return true
  }

  /// Events lost at a stage.
  public func lost(_ stage: Stage) -> Int {
    losses.reduce(0) { $0 + ($1.stage == stage ? $1.count : 0) }
  }

  /// Events removed and left by the standard reconstruction and by every cut, one a line.
  public var cutTable: String {
    var left = total
    var rows: [(label: String, removed: String, left: String)] = [("", "removed", "left")]
    rows.append(("events", "", "\(left)"))
    left -= lost(.standard)
    rows.append(("reconstructed", "\(lost(.standard))", "\(left)"))
    for loss in losses where loss.stage == .cut {
      left -= loss.count
      rows.append((loss.explanation, "\(loss.count)", "\(left)"))
    }
    func blanks(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
    let widths = (
      rows.map(\.label.count).max() ?? 0, rows.map(\.removed.count).max() ?? 0,
      rows.map(\.left.count).max() ?? 0
    )
    return rows.map {
      $0.label + blanks(widths.0 - $0.label.count + 2 + widths.1 - $0.removed.count) + $0.removed
        + blanks(2 + widths.2 - $0.left.count) + $0.left
    }.joined(separator: "\n")
  }
}
