import ShowerModel
import ShowerStore

extension DetectorDescription {
  /// Refuses stations with another description than those of the Telescope Array. Simulation and
  /// reconstruction know no others yet. Their results would be wrong without a warning.
  ///
  /// - Throws: `InputError` with the quantities that differ, and both values.
  func requireKnown(_ file: String) throws(InputError) {
    let differences = differences(from: .telescopeArray)
    guard differences.isEmpty else {
      throw InputError(
        description:
          "\(file): its stations differ from those of the Telescope Array, the only ones "
          + "that this version reconstructs: \(differences.joined(separator: ", ")) (/array)")
    }
  }
}

extension EventFileReader {
  /// Refuses a file without truth.
  ///
  /// - Throws: `InputError` that says what the truth was needed for.
  func requireTruth(_ purpose: String) throws(InputError) {
    guard hasTruth else {
      throw InputError(description: "\(path): has no truth\(purpose)")
    }
  }

  /// Refuses a file without a parametric fit of some name.
  ///
  /// - Throws: `InputError` with the command to run.
  func requireFit(_ name: String) throws(InputError) {
    try requireStandardReconstruction()
    guard fitNames.contains(name) else {
      throw InputError(
        description:
          "\(path): has no parametric reconstruction \(name); "
          + "it has \(fitNames.joined(separator: ", "))"
          + (name == ReconstructionRun.tuned
            ? ". Run airshower reconstruct --front tuned first" : ""))
    }
  }

  /// Refuses a file that was not reconstructed yet.
  ///
  /// - Throws: `InputError` with the command to run.
  func requireStandardReconstruction() throws(InputError) {
    guard hasStandard else {
      throw InputError(
        description: "\(path): has no standard reconstruction. Run airshower reconstruct first")
    }
  }

  /// Reconstructions by networks.
  var networkNames: [String] {
    reconstructionNames.filter { identity(of: $0).kind.isNetwork }
  }
}
