import ResidualNetwork
import ShowerModel
import ShowerStore

/// Which events of a file may be compared: those that no network learned from.
struct EvaluationSplit {
  /// Whether only the test split is used.
  let isTestOnly: Bool
  /// The simulations that the file holds, as `ProvenanceStep.simulatedShowers` names them.
  let simulations: Set<String>

  /// - Throws: `InputError` where all events are asked for and a network learned from some.
  init(_ reader: EventFileReader, split: Compare.SplitChoice) throws {
    simulations = Self.simulations(of: reader)
    let keys = [Correct.trainingSeedsKey, Reconstruct.frontSeedsKey]
    let lists: [String] = reader.provenance.flatMap { step in
      keys.compactMap { step.settings[$0] }
    }
    let learned = Set(lists.flatMap { $0.split(separator: ",").map(String.init) })
    let shared = simulations.intersection(learned)
    if split == .all, let known = shared.min() {
      throw InputError(
        description:
          "\(reader.path): training and test would share showers: a network or front learned from \(Self.title(of: known)), "
          + "which this file holds. Leave out --split all (the test split is then compared), or correct events of another seed"
      )
    }
    isTestOnly = split == .test || (split == .auto && !shared.isEmpty)
  }

  static func simulations(of reader: EventFileReader) -> Set<String> {
    Set(reader.provenance.compactMap(\.simulatedShowers))
  }

  /// "the simulation with seed 7", or CORSIKA showers, which are the same for any seed.
  static func title(of simulation: String) -> String {
    UInt64(simulation).map { "the simulation with seed \($0)" } ?? "CORSIKA showers"
  }

  func isCompared(showerID: Int) -> Bool { !isTestOnly || Split.of(showerID: showerID) == .test }
}
