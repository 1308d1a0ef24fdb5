import ShowerModel
import ShowerStore

extension EventFileReader {
  /// The lateral distribution that the standard fit used.
  func fittedLateralDistribution() throws(InputError) -> LateralDistribution {
    try fitted("lateral_distribution", LateralDistribution.all, name: \.name)
  }

  /// The shower front that the standard fit used.
  func fittedFront() throws(InputError) -> ShowerFront {
    try fitted("front", ShowerFront.all, name: \.name)
  }

  /// The function that the events were fitted with, by its name in the provenance.
  private func fitted<Function>(
    _ setting: String, _ all: [Function], name: (Function) -> String
  ) throws(InputError) -> Function {
    // A later step may have added a tuned fit alone.
    let step = provenance.last {
      $0.activity == "reconstruct" && $0.settings[setting] != nil
    }
    guard let used = step?.settings[setting] else {
      throw InputError(
        description: "\(path): PROVENANCE does not name the \(setting) of the fit. "
          + "Run airshower reconstruct again")
    }
    guard let function = all.first(where: { name($0) == used }) else {
      throw InputError(
        description: "\(path): was fitted with the \(setting) \(used), unknown to this version; "
          + "known: \(all.map(name).joined(separator: ", ")). Run airshower reconstruct again")
    }
    return function
  }
}
