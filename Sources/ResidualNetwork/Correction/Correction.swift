import Glibc
import ShowerModel

/// Predicted residuals of one event with their uncertainty.
struct Prediction {
  /// Native units, in the order of `Residual.all`; zero where none is predicted.
  var residuals = [Double](repeating: 0, count: Residual.all.count)
  /// One standard deviation each; nil where none is predicted.
  var sigmas = [Double?](repeating: nil, count: Residual.all.count)
  /// What is no residual.
  var composition = CompositionEstimate.none

  var isFinite: Bool {
    let further = [
      composition.xmax, composition.xmaxSigma, composition.logMass, composition.logMassSigma,
    ]
    return residuals.allSatisfy(\.isFinite)
      && (sigmas + further).allSatisfy { $0?.isFinite ?? true }
  }

  /// Takes over the value of a target.
  mutating func set(_ target: NetworkTarget, _ value: Double, sigma: Double) {
    if let index = target.index {
      residuals[index] = value
      sigmas[index] = sigma
    } else if let auxiliary = target.auxiliary {
      composition[keyPath: auxiliary.value] = value
      composition[keyPath: auxiliary.sigma] = sigma
    }
  }
}

/// The standard reconstruction moved by a prediction, with the uncertainty of the result.
///
/// zenith: sigma of u; azimuth: sigma of v over sin theta; core: the errors along and across turned
/// to east and north. Time and whatever is not predicted keep the standard values.
func corrected(_ standard: Reconstruction, by prediction: Prediction) -> Reconstruction {
  let shower = standard.shower.shifted(by: prediction.residuals)
  var sigma = standard.sigma
  if let u = prediction.sigmas[0] { sigma.zenith = u }
  if let v = prediction.sigmas[1] { sigma.azimuth = min(v / max(sin(shower.zenith), 1e-6), .pi) }
  if let logarithm = prediction.sigmas[2] { sigma.logEnergy = logarithm / log(10) }
  if let inPlane = prediction.sigmas[3], let across = prediction.sigmas[4] {
    let along = inPlane / max(cos(standard.shower.zenith), 0.05)
    let (c, s) = (cos(standard.shower.azimuth), sin(standard.shower.azimuth))
    sigma.coreX = (along * along * c * c + across * across * s * s).squareRoot()
    sigma.coreY = (along * along * s * s + across * across * c * c).squareRoot()
  }
  return Reconstruction(
    shower: shower, sigma: sigma, status: .good, composition: prediction.composition)
}
