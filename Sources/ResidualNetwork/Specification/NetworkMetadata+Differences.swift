public import ShowerModel

extension NetworkMetadata {
  /// Differences between the events and those of the training, in the array and in the number of
  /// samples of a window. Empty if there are none, or if nothing is known.
  public func differences(from array: DetectorArray, windowSamples samples: Int) -> [String] {
    var differences: [String] = []
    let description = ArrayDescription(array)
    if !arrays.isEmpty, !arrays.contains(description) {
      let known = arrays.map(\.description).joined(separator: " and ")
      if !arrays.contains(where: { $0.isLaidOut(as: description) }) {
        differences.append("trained for the array \(known), but the file has \(description)")
      }
      if let nearest = arrays.first(where: { $0.isLaidOut(as: description) }) ?? arrays.first {
        differences += nearest.detector.differences(from: description.detector).map {
          "trained for other stations than those of the file: \($0)"
        }
      }
    }
    if !windowSamples.isEmpty, !windowSamples.contains(samples) {
      let known = windowSamples.map(String.init).joined(separator: " and ")
      differences.append(
        "trained with windows of T = \(known) samples, but the file has T = \(samples)")
    }
    return differences
  }

  /// Differences between the reconstruction of some events and those of the training, and between
  /// the simulations. Empty if there are none, or if the network says nothing about its own.
  ///
  /// - Parameter steps: what made the events and their reconstructions.
  /// - Returns: a sentence for each difference.
  public func differences(from steps: [ProvenanceStep]) -> [String] {
    reconstructionDifferences(steps.conditions(of: base ?? MethodIdentity.standard.name))
      + simulationDifferences(steps.simulationVersions)
  }

  private func reconstructionDifferences(_ found: ReconstructionConditions?) -> [String] {
    guard let first = reconstructions.first else { return [] }
    guard let found else {
      return ["learned from a known reconstruction, but the file does not say how its own was made"]
    }
    let all = reconstructions.map { $0.differences(from: found) }
    return all.contains([]) ? [] : first.differences(from: found)
  }

  private func simulationDifferences(_ found: Set<Int>) -> [String] {
    guard !simulationVersions.isEmpty, !found.isSubset(of: simulationVersions) else { return [] }
    func text(_ versions: some Sequence<Int>) -> String {
      versions.sorted().map(String.init).joined(separator: " and ")
    }
    return [
      "learned from version \(text(simulationVersions)) of the simulation, but the events are of "
        + "version \(text(found))"
    ]
  }
}
