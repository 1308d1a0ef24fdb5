import ShowerModel
import StandardReconstruction

/// A parametric reconstruction that `reconstruct` makes on request.
package enum ParametricMethod: String, Sendable, CaseIterable {
  /// The joint fit.
  case standard
  /// The chain that the experiment published.
  case published

  /// Energy table of the published chain, whatever that of the standard fit is.
  static let publishedEnergyTable = "telescope-array-published"
}

extension DetectorDescription {
  /// Refuses stations that the published chain was not made for.
  ///
  /// - Throws: `InputError` that names the file.
  func requirePublishedChain(_ file: String) throws(InputError) {
    guard layerCount == 2, samplePeriod == 20 else {
      throw InputError(
        description:
          "\(file): --method published is for stations of two layers and samples of 20 ns; "
          + "these have layers \(layerCount) and sample_period \(samplePeriod) ns. "
          + "Use --method standard")
    }
  }
}
