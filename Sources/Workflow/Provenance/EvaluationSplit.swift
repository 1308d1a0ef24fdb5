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
  /// The simulations that the file holds, as `ProvenanceStep.simulatedShowers` names them.
  let simulations: Set<String>

  /// - Parameters:
  ///   - provenance: of the file.
  ///   - path: of the file, for errors.
  ///   - choice: what the user asked for.
  /// - Throws: `InputError` where all events are asked for and a network learned from some.
  init(_ provenance: [ProvenanceStep], path: String, choice: Choice) throws(InputError) {
    simulations = Self.simulations(of: provenance)
    let keys = [ProvenanceKey.networkSeeds, ProvenanceKey.frontSeeds]
    let lists: [String] = provenance.flatMap { step in keys.compactMap { step.settings[$0] } }
    let learned = Set(lists.flatMap { $0.split(separator: ",").map(String.init) })
    let shared = simulations.intersection(learned)
    if choice == .all, let known = shared.min() {
      throw InputError(
        description:
          "\(path): training and test would share showers: a network or front learned from "
          + "\(Self.title(of: known)), which this file holds. Leave out --split all "
          + "(the test split is then compared), or correct events of another seed")
    }
    isTestOnly = choice == .test || (choice == .auto && !shared.isEmpty)
  }

  static func simulations(of provenance: [ProvenanceStep]) -> Set<String> {
    Set(provenance.compactMap(\.simulatedShowers))
  }

  /// "the simulation with seed 7", or CORSIKA showers, which are the same for any seed.
  static func title(of simulation: String) -> String {
    UInt64(simulation).map { "the simulation with seed \($0)" } ?? "CORSIKA showers"
  }

  func isCompared(showerID: Int) -> Bool { !isTestOnly || Split.of(showerID: showerID) == .test }
}
