/// Which simulated showers a file holds, and from which ones its methods learned.
///
/// Stored as JSON, attribute LINEAGE of event files and member `lineage` of networks. A method must
/// not be judged on showers that it learned from.
public struct Lineage: Sendable, Equatable, Codable {
  /// The showers of one simulation.
  public enum Simulation: Sendable, Hashable, Codable, Comparable {
    /// Of the parametric model. Two simulations of one seed have the same showers.
    case parametric(seed: UInt64)
    /// Of CORSIKA, which are the same for every seed.
    case corsika
  }

  /// What made the file last.
  public var build: BuildIdentity?
  /// The showers that the file holds, or that a network or a front learned from.
  public var simulations: [Simulation]
  /// What the methods of a file learned from, by their names.
  public var learned: [String: [Simulation]]

  public init(
    build: BuildIdentity? = nil, simulations: some Sequence<Simulation> = [],
    learned: [String: [Simulation]] = [:]
  ) {
    self.build = build
    self.simulations = Set(simulations).sorted()
    self.learned = learned.mapValues { Set($0).sorted() }
  }

  /// The showers of this file that one of its methods learned from.
  public var shared: [Simulation] {
    Set(simulations).intersection(learned.values.flatMap(\.self)).sorted()
  }
}

extension Lineage.Simulation: CustomStringConvertible {
  /// `the simulation with seed 7`, or CORSIKA showers.
  public var description: String {
    switch self {
    case .parametric(let seed): "the simulation with seed \(seed)"
    case .corsika: "CORSIKA showers"
    }
  }
}

extension Lineage {
  /// The lineage that some steps made, oldest first.
  public init(_ steps: [ProvenanceStep]) {
    self.init(
      build: steps.last?.build, simulations: steps.compactMap(\.simulation),
      learned: Dictionary(
        steps.flatMap { step in step.learned ?? Self.learned(inOldStep: step) },
        uniquingKeysWith: +))
  }

  /// What methods learned from, by the rules of files before format 1.4, which kept seeds as texts
  /// in settings.
  private static func learned(inOldStep step: ProvenanceStep) -> [String: [Simulation]] {
    var learned: [String: [Simulation]] = [:]
    for key in oldKeys {
      guard let text = step.settings[key] else { continue }
      learned[key] = text.split(separator: ",").compactMap(Simulation.init)
    }
    return learned
  }

  /// Settings of `correct`, `reconstruct` and `train` under which those files named simulations.
  private static let oldKeys = [
    "network_simulation_seeds", "front_simulation_seeds", "simulation_seeds",
  ]
}

extension Lineage.Simulation {
  /// By the texts of old files: a seed, or "corsika".
  fileprivate init?(_ text: Substring) {
    if text == "corsika" {
      self = .corsika
    } else if let seed = UInt64(text) {
      self = .parametric(seed: seed)
    } else {
      return nil
    }
  }
}

extension ProvenanceStep {
  /// Key of the settings under which a simulation names its CORSIKA showers.
  public static let corsikaKey = "corsika_showers"

  /// The showers that a step simulated, nil for other steps.
  public var simulation: Lineage.Simulation? {
    guard activity == "simulate" else { return nil }
    return settings[Self.corsikaKey] == nil ? seed.map { .parametric(seed: $0) } : .corsika
  }
}
