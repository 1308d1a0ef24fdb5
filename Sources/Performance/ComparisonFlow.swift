import ShowerModel

/// What became of every event of a comparison; those kept are compared.
extension EventFlow {
  /// With the reasons to lose an event that a second method adds.
  static func comparison(cuts: QualityCuts) -> EventFlow {
    EventFlow(
      cuts: cuts,
      further: Loss.statuses(.corrected) + [
        Loss(stage: .undefined, reason: "undefined", explanation: "an error is not a finite number")
      ])
  }

  /// Why no event is left, or how many are, in one line.
  var sentence: String {
    let reasons = losses.filter { $0.count > 0 }.map {
      "\($0.count) \($0.stage): \($0.explanation)"
    }
    return "\(kept) of \(total) events compared"
      + (reasons.isEmpty ? "" : "; lost: " + reasons.joined(separator: "; "))
  }
}
