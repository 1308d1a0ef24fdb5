import Logging
import ResidualNetwork
import ShowerModel
import ShowerStore

extension DetectorDescription {
  /// Periods of samples [ns] for which pulses are found and times have the stated errors.
  private static let knownPeriods = 2.0...100

  /// Refuses samples far from the length of a pulse.
  ///
  /// - Throws: `InputError` that names the file.
  func requireSupported(_ file: String) throws(InputError) {
    guard Self.knownPeriods.contains(samplePeriod) else {
      throw InputError(
        description:
          "\(file): its stations have sample_period \(samplePeriod) ns; this version simulates "
          + "and reconstructs samples of \(Self.knownPeriods.lowerBound) to "
          + "\(Self.knownPeriods.upperBound) ns")
    }
  }
}

extension EventFileReader {
  /// Refuses events that share hits, and warns of those that share a number.
  ///
  /// - Throws: `StoreError.damaged`.
  func checkEvents(_ log: Logger) throws {
    let repeated = try checkEvents()
    guard repeated > 0 else { return }
    log.warning("\(path): \(repeated) events have the number of an earlier event")
  }

  /// Refuses a file whose stations are described otherwise than those of another file that is used
  /// together with it.
  ///
  /// - Throws: `InputError` with the quantities that differ, and both values.
  func requireStations(of other: EventFileReader) throws(InputError) {
    let differences = array.detector.differences(from: other.array.detector)
    guard differences.isEmpty else {
      throw InputError(
        description:
          "\(path): its stations are not those of \(other.path): "
          + differences.joined(separator: ", ") + " (/array)")
    }
  }

  /// Refuses an array without a square grid for a network that needs one.
  ///
  /// - Throws: `InputError` with the remedy.
  func requireGrid(for spec: NetworkSpec) throws(InputError) {
    guard spec.needsGrid, !array.hasGrid else { return }
    throw InputError(
      description:
        "\(path): its array \(array.name) has no square grid (/array has no column and row), which "
        + "the network \(spec.name) needs. Train one without a grid: airshower train --spec set")
  }

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
          + remedy(name))
    }
  }

  /// The command that makes a parametric reconstruction, to end a message with.
  private func remedy(_ name: String) -> String {
    switch name {
    case ReconstructionRun.tuned: ". Run airshower reconstruct --front tuned first"
    case ParametricMethod.published.rawValue:
      ". Run airshower reconstruct --method published first"
    default: ""
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
