import ShowerStore

extension EventFileReader {
  /// Refuses a file without truth.
  ///
  /// - Throws: `InputError` that says what the truth was needed for.
  func needTruth(_ purpose: String) throws(InputError) {
    guard hasTruth else {
      throw InputError(description: "\(path): has no truth\(purpose)")
    }
  }

  /// Refuses a file without a parametric fit of some name.
  ///
  /// - Throws: `InputError` with the command to run.
  func requireFit(_ name: String) throws(InputError) {
    try needStandardReconstruction()
    guard fitNames.contains(name) else {
      throw InputError(
        description:
          "\(path): has no parametric reconstruction \(name), but \(fitNames.joined(separator: ", "))"
          + (name == Reconstruct.tuned ? ". Run airshower reconstruct --front tuned first" : ""))
    }
  }

  /// Refuses a file that was not reconstructed yet.
  ///
  /// - Throws: `InputError` with the command to run.
  func needStandardReconstruction() throws(InputError) {
    guard hasStandard else {
      throw InputError(
        description: "\(path): has no standard reconstruction. Run airshower reconstruct first")
    }
  }

  /// Reconstructions by networks: all but the control that `correct` writes beside them.
  var networkNames: [String] { reconstructionNames.filter { $0 != Correct.controlName } }
}
