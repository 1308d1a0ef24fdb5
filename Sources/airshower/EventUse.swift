import ResidualNetwork
import ShowerModel
import ShowerStore

/// Which events of a file may be compared: those that no network learned from.
struct EventUse {
  /// Whether only the test split is used.
  let isTestOnly: Bool
  /// Seeds of the simulations that the file holds.
  let simulations: Set<UInt64>

  /// - Throws: `InputError` where all events are asked for and a network learned from some.
  init(_ reader: EventFileReader, split: Compare.SplitChoice) throws {
    simulations = Self.simulations(of: reader)
    let learned = Set(
      reader.provenance.filter { $0.activity == "correct" }
        .compactMap { $0.settings[Correct.trainingSeedsKey] }
        .flatMap { $0.split(separator: ",").compactMap { UInt64($0) } })
    let shared = simulations.intersection(learned)
    if split == .all, let seed = shared.min() {
      throw InputError(
        description:
          "\(reader.path): training and test would share showers: a network learned from the simulation with seed \(seed), "
          + "which this file holds. Leave out --split all (the test split is then compared), or correct events of another seed"
      )
    }
    isTestOnly = split == .test || (split == .auto && !shared.isEmpty)
  }

  static func simulations(of reader: EventFileReader) -> Set<UInt64> {
    Set(reader.provenance.filter { $0.activity == "simulate" }.compactMap(\.seed))
  }

  func isCompared(showerID: Int) -> Bool { !isTestOnly || Split.of(showerID: showerID) == .test }
}
