import ResidualNetwork
import ShowerModel
import ShowerStore

/// Which events of a file may be compared: those that no network learned from.
struct EventUse {
  /// Whether only the test split is used.
  let isTestOnly: Bool
  /// The simulations whose showers the file holds.
  let simulations: Set<Lineage.Simulation>

  /// - Throws: `InputError` where all events are asked for and a network learned from some.
  init(_ reader: EventFileReader, split: Compare.SplitChoice) throws {
    simulations = Set(reader.lineage.simulations)
    let shared = reader.lineage.shared
    if split == .all, let known = shared.first {
      throw InputError(
        description:
          "\(reader.path): training and test would share showers: a network or front learned from \(known), "
          + "which this file holds. Leave out --split all (the test split is then compared), or correct events of another seed"
      )
    }
    isTestOnly = split == .test || (split == .auto && !shared.isEmpty)
  }

  func isCompared(showerID: Int) -> Bool { !isTestOnly || Split.of(showerID: showerID) == .test }
}
