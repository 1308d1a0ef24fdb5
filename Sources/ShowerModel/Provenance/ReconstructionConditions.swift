/// What decides the results of a parametric reconstruction, beside the events.
///
/// A network learns the residuals of one reconstruction, so it must not correct another.
public struct ReconstructionConditions: Sendable, Hashable, Codable {
  /// Name of the energy table.
  public var energyTable: String
  /// SHA-256 of the energy table; nil where nobody noted it.
  public var energyTableHash: String?
  /// Settings of the fit, as the provenance names them. Those at their default may be absent.
  public var fit: [String: String]

  public init(energyTable: String, energyTableHash: String?, fit: [String: String]) {
    self.energyTable = energyTable
    self.energyTableHash = energyTableHash
    self.fit = fit
  }

  /// How the reconstruction of a file differs from this one, from which a network learned.
  public func differences(from file: Self) -> [String] {
    var differences: [String] = []
    if energyTable != file.energyTable {
      differences.append(
        "learned from energies of the table \(energyTable), but those of the file are from "
          + file.energyTable)
    } else if let energyTableHash, let found = file.energyTableHash, energyTableHash != found {
      differences.append(
        "learned from another version of the energy table \(energyTable) (SHA-256 "
          + "\(energyTableHash.prefix(8)), that of the file \(found.prefix(8)))")
    }
    for key in Set(fit.keys).union(file.fit.keys).sorted() where fit[key] != file.fit[key] {
      differences.append(
        "learned from a fit with \(key) \(fit[key] ?? "as usual"), but that of the file has "
          + (file.fit[key] ?? "the usual one"))
    }
    return differences
  }
}

extension [ProvenanceStep] {
  /// How the events came to their reconstruction of this name; nil where no step says so.
  public func conditions(of reconstruction: String) -> ReconstructionConditions? {
    lazy.compactMap { $0.conditions(of: reconstruction) }.last
  }

  /// All ways in which a reconstruction of this name was made, each once, oldest first.
  public func allConditions(of reconstruction: String) -> [ReconstructionConditions] {
    compactMap { $0.conditions(of: reconstruction) }.reduce(into: []) { all, found in
      if !all.contains(found) { all.append(found) }
    }
  }

  /// Major versions of the parametric simulations that made the events. Empty for data and for
  /// showers of CORSIKA.
  public var simulationVersions: Set<Int> { Set(compactMap(\.simulationVersion)) }
}

extension ProvenanceStep {
  /// Key of the settings under which a simulation names its major version.
  public static let simulationVersionKey = "simulation_version"

  /// Nil for other steps. Before the version was noted it was 1.
  fileprivate var simulationVersion: Int? {
    guard activity == "simulate", settings[Self.corsikaKey] == nil else { return nil }
    return settings[Self.simulationVersionKey].flatMap { Int($0) } ?? 1
  }

  /// How this step made the reconstruction of a name; nil where it did not.
  public func conditions(of reconstruction: String) -> ReconstructionConditions? {
    reconstructions?[reconstruction] ?? conditionsInOldStep(reconstruction)
  }

  /// By the rules of files before format 1.5: the settings say it, of one or two fits.
  private func conditionsInOldStep(_ reconstruction: String) -> ReconstructionConditions? {
    guard reconstructions == nil, activity == "reconstruct",
      let energyTable = settings["energy_table"]
    else { return nil }
    var fit = settings.filter { Self.oldFitKeys.contains($0.key) }
    switch reconstruction {
    case "standard": guard !fit.isEmpty else { return nil }
    case "tuned":
      guard let front = settings["tuned_front"] else { return nil }
      fit["tuned_front"] = front
    default: return nil
    }
    let table = inputs.first { $0.path.hasSuffix("\(energyTable).csv") || $0.path == energyTable }
    return ReconstructionConditions(
      energyTable: energyTable, energyTableHash: table?.sha256, fit: fit)
  }

  private static let oldFitKeys: Set = [
    "core", "fit", "front", "lateral_distribution", "saturation_counts", "sigma", "time_error",
    "time_resolution_ns", "time_scatter_scale",
  ]
}
