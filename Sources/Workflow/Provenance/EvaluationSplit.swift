import ResidualNetwork
import ShowerModel
import ShowerStore

/// Which events of a file may be compared: those that no network learned from.
package struct EvaluationSplit {
  package enum Choice: String, Sendable, CaseIterable {
    case auto, all, test
  }

  /// Whether only the test split is used.
  let isTestOnly: Bool
  /// The simulations whose showers the file holds.
  let simulations: Set<Lineage.Simulation>

  /// - Parameters:
  ///   - lineage: of the file.
  ///   - path: of the file, for errors.
  ///   - choice: what the user asked for.
  /// - Throws: `InputError` where all events are asked for and a network learned from some.
  init(_ lineage: Lineage, path: String, choice: Choice) throws(InputError) {
    simulations = Set(lineage.simulations)
    let shared = lineage.shared
    if choice == .all, let known = shared.first {
      throw InputError(
        description:
          "\(path): training and test would share showers: a network or front learned from "
          + "\(known), which this file holds. Leave out --split all "
          + "(the test split is then compared), or correct events of another seed")
    }
    isTestOnly = choice == .test || (choice == .auto && !shared.isEmpty)
  }

  func isCompared(showerID: Int) -> Bool { !isTestOnly || Split.of(showerID: showerID) == .test }
}
