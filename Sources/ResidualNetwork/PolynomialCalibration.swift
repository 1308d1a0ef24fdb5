import Glibc
public import ShowerModel

/// The control beside every network: what a polynomial in the standard result itself can correct.
///
/// For each residual the ten terms up to total degree 3 in sec theta and ln S800, by least squares on the
/// training split with the size of the residuals as weight; zero for components across the shower axis, whose
/// mean is zero by symmetry. A network is worth what it does better than this.
public struct PolynomialCalibration: Sendable {
  private let targets: [NetworkTarget]
  private let scaling: [TargetScaling]
  private let spreads: [Double]

  /// That of a network's training split; nil where the file of the network holds none.
  public init?(of network: Network) {
    let metadata = network.metadata
    guard metadata.scaling.contains(where: { $0.mean.contains { $0 != 0 } }) else { return nil }
    targets = NetworkTarget.named(metadata.spec.targets)
    scaling = metadata.scaling
    spreads = metadata.combination.map(\.calibrationSpread)
  }

  /// Calibrated reconstructions, one for each event; `noStandardResult` without a good standard one.
  public func correct(_ events: [ReconstructedEvent]) -> [Reconstruction] {
    events.map { event in
      guard event.standard.hasBeenFitted else { return .failed(.noStandardResult) }
      var prediction = Prediction()
      for ((target, scaling), spread) in zip(zip(targets, scaling), spreads) {
        guard let index = target.index else { continue }
        let (mean, size) = scaling.values(
          secZenith: EventImager.secZenith(event.standard),
          logSignal800: log(event.standard.signal800))
        prediction.residuals[index] = mean
        prediction.sigmas[index] = size * spread
      }
      return corrected(event.standard.reconstruction, by: prediction)
    }
  }
}
