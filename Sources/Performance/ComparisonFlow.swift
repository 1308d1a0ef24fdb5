internal import ShowerModel

/// What became of every event of a comparison; those kept are compared.
extension EventFlow {
  /// With the reasons to lose an event that further methods add.
  static func comparison(cuts: QualityCuts, methods: [Method]) -> EventFlow {
    let failures = methods.flatMap { method in
      ReconstructionStatus.allCases.filter { $0 != .good }.map {
        Loss(
          stage: .corrected, reason: reason($0, of: method),
          explanation: "\(method.name): \($0.explanation)")
      }
    }
    return EventFlow(
      cuts: cuts,
      further: failures + [
        Loss(stage: .undefined, reason: "undefined", explanation: "an error is not a finite number")
      ])
  }

  /// The name of a method's failure: "grid.unphysical".
  static func reason(_ status: ReconstructionStatus, of method: Method) -> String {
    "\(method.name).\(status.name)"
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
