internal import Glibc

/// Electromagnetic signal of the reference shower: a proton of QGSJETII-03 with 10 EeV.
///
/// `e(r, D) = exp(lnN) ((D-D0)/(pk-D0))^((pk-D0)/lam) exp((pk-D)/lam)` [VEM/m2] with
/// D = X_g/cos theta - Xmax and D0 = -600 g/cm2; lnN, pk and lam are polynomials in ln(r/800 m) from 100 m to 4 km.
struct ElectromagneticField: Sendable, Equatable {
  static let startDepth = -600.0
  private static let fitted = log(100.0 / 800)...log(4000.0 / 800)
  private static let farthest = log(6000.0 / 800)
  private let constants: ShowerConstants.Electromagnetic

  init(_ constants: ShowerConstants.Electromagnetic) { self.constants = constants }

  /// e [VEM/m2] at distance r from the axis [m], for D = X_g/cos theta - Xmax [g/cm2].
  ///
  /// Outside the fitted distances lnN falls with -1.6 ln r inwards and -5.2 ln r outwards; r is held in 30...6000 m.
  func signal(distance: Double, depthBeyondMaximum depth: Double) -> Double {
    exp(logSignal(logDistance: log(max(distance, 30) / 800), depthBeyondMaximum: depth))
  }

  /// ln e, by ln(r/800 m) from 30 m on.
  func logSignal(logDistance: Double, depthBeyondMaximum depth: Double) -> Double {
    guard depth > Self.startDepth else { return -.infinity }
    let held = min(logDistance, Self.farthest)
    let x = min(max(held, Self.fitted.lowerBound), Self.fitted.upperBound)
    let excess = held - x
    let logNorm = polynomial(constants.logNorm, x) - (excess < 0 ? 1.6 : 5.2) * excess
    let peak = polynomial(constants.peak, x)
    let attenuation = max(polynomial(constants.attenuation, x), 40)
    let width = max(peak - Self.startDepth, 100)
    return logNorm + width / attenuation * log((depth - Self.startDepth) / width)
      + (peak - depth) / attenuation
  }
}
