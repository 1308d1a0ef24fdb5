internal import ShowerModel

/// Densities of pairs of targets, which a network predicts beside the value and error of each.
///
/// Each is a mixture of bivariate normal distributions, in units of the standardised targets. Their
/// negative ln likelihood is added to the Gaussian loss of the targets, but moves only layers of
/// their own: values and errors of the targets are trained as without densities.
public struct DensitySpec: Sendable, Equatable, Codable {
  /// Names out of `TargetPair.all`.
  public var of: [String]
  /// Normal distributions in each mixture, 1 to 8.
  public var components: Int

  public init(of: [String], components: Int = 4) {
    self.of = of
    self.components = components
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    of = try container.decode([String].self, forKey: .of)
    components = try container.decodeIfPresent(Int.self, forKey: .components) ?? 4
  }

  /// Outputs of all mixtures.
  var outputCount: Int { of.count * DensityColumns.width(components) }
}

/// Two targets whose joint density a network can predict.
struct TargetPair: Sendable {
  /// Name in specifications.
  let name: String
  /// Names of the two targets.
  let targets: [String]

  static let direction = TargetPair(
    name: "direction",
    targets: [NetworkTarget.all[0].name, NetworkTarget.all[1].name])
  static let energyXmax = TargetPair(
    name: "energy_xmax", targets: [NetworkTarget.all[2].name, NetworkTarget.xmax.name])

  static let all = [direction, energyXmax]
}

/// Where the outputs of one mixture lie among those of a network.
struct DensityColumns: Sendable, Equatable {
  /// Name of the pair.
  let name: String
  /// Places of the two targets.
  let targets: [Int]
  /// First output of the mixture.
  ///
  /// In turn follow ln of the weights, means of the first target, of the second, ln sigmas of the
  /// first, of the second, and correlations, one of each for a component.
  let first: Int
  let components: Int

  /// Outputs of a mixture.
  static func width(_ components: Int) -> Int { 6 * components }
}

extension NetworkSpec {
  /// The outputs of each mixture, in the order of the specification.
  var densityColumns: [DensityColumns] {
    guard let density else { return [] }
    return density.of.enumerated().compactMap { number, name in
      guard let pair = TargetPair.all.first(where: { $0.name == name }) else { return nil }
      let places = pair.targets.compactMap { targets.firstIndex(of: $0) }
      guard places.count == 2 else { return nil }
      return DensityColumns(
        name: name, targets: places,
        first: 2 * targets.count + number * DensityColumns.width(density.components),
        components: density.components)
    }
  }

  /// The key of a density that cannot be, and the remedy.
  var densityProblem: (key: String, remedy: String)? {
    guard let density else { return nil }
    guard loss == .gaussian else {
      return ("density", "needs the loss \"gaussian\", or leave the density out")
    }
    guard (1...8).contains(density.components) else {
      return ("density.components", "must be 1 to 8")
    }
    guard !density.of.isEmpty else {
      let known = TargetPair.all.map(\.name).joined(separator: ", ")
      return ("density.of", "must have at least one name of \(known)")
    }
    for (index, name) in density.of.enumerated() {
      let key = "density.of[\(index)]"
      guard let pair = TargetPair.all.first(where: { $0.name == name }) else {
        let nearest = nearestName(to: name, in: TargetPair.all.map(\.name))
        return (key, "unknown name \"\(name)\", did you mean \"\(nearest)\"?")
      }
      guard !density.of[..<index].contains(name) else { return (key, "\"\(name)\" is given twice") }
      if let missing = pair.targets.first(where: { !targets.contains($0) }) {
        return (key, "\"\(name)\" needs \"\(missing)\" among targets")
      }
    }
    return nil
  }
}
