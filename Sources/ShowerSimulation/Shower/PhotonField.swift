internal import Glibc

/// Photons of the reference shower: a proton of QGSJETII-03 with 10 EeV.
///
/// `g(r, D) = exp(lnN) ((D-D0)/(pk-D0))^((pk-D0)/lam) exp((pk-D)/lam)` [1/m2 of the shower plane],
/// the mean over azimuths, with D = X_g/cos theta - Xmax and D0 = -600 g/cm2; lnN, pk and lam are
/// polynomials in ln(r/800 m) from 150 m to 2.2 km.
struct PhotonField: Sendable, Equatable {
  static let startDepth = -600.0
  private static let fitted = log(150.0 / 800)...log(2200.0 / 800)
  private static let farthest = log(6000.0 / 800)
  private let constants: ShowerConstants.Photons

  init(_ constants: ShowerConstants.Photons) { self.constants = constants }

  /// g [1/m2] at distance r from the axis [m], for D = X_g/cos theta - Xmax [g/cm2].
  ///
  /// Outside the fitted distances lnN falls with -2.4 ln r inwards and -5.6 ln r outwards. r is
  /// held in 30...6000 m.
  func density(distance: Double, depthBeyondMaximum depth: Double) -> Double {
    exp(logDensity(logDistance: log(max(distance, 30) / 800), depthBeyondMaximum: depth))
  }

  /// ln g, by ln(r/800 m) from 30 m on.
  func logDensity(logDistance: Double, depthBeyondMaximum depth: Double) -> Double {
    guard depth > Self.startDepth else { return -.infinity }
    let held = min(logDistance, Self.farthest)
    let x = min(max(held, Self.fitted.lowerBound), Self.fitted.upperBound)
    let excess = held - x
    let logNorm = polynomial(constants.logNorm, x) - (excess < 0 ? 2.4 : 5.6) * excess
    let peak = polynomial(constants.peak, x)
    let attenuation = max(polynomial(constants.attenuation, x), 40)
    let width = max(peak - Self.startDepth, 100)
    return logNorm + width / attenuation * log((depth - Self.startDepth) / width)
      + (peak - depth) / attenuation
  }
}
