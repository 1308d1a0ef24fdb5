internal import Glibc

/// Where the muons of one shower are produced along its axis.
///
/// `f(X) ~ exp(ln(1 + R x/L)/R^2 - x/(L R))`, x = X - Xmax_mu [g/cm2, slant], normalised on 5..2500 g/cm2, in
/// bins from 40 g/cm2 down to the ground. Their spectrum is `(E + E0)^-gamma (E/2 GeV)^s` with the tilt
/// `s = -beta x/L^2/(1 + R x/L)`, held in +-0.4: that is how f(X) would have it if early muons were harder.
struct MuonProduction {
  static let binCount = 26

  struct Bin {
    /// Fraction of the muons, f dX.
    var fraction: Double
    /// X_v [g/cm2].
    var verticalDepth: Double
    /// Tilt s of the energy spectrum.
    var tilt: Double
    /// Distance along the axis from the ground, z_c [m].
    var distance: Double
    /// Height above the ground, h - h0 [m].
    var height: Double
    /// H = (h - h0)/ln(X_g/X_v) [m].
    var scaleHeight: Double
    /// ln(X_g/X_v).
    var logDepthRatio: Double
    /// ln X_v and ln(h - h0), for the table of the transport.
    var logDepth: Double
    var logHeight: Double
  }

  private(set) var bins: [Bin] = []
  let groundDepth: Double
  private let constants: ShowerConstants.Muons

  init(constants: ShowerConstants.Muons, atmosphere: Atmosphere) {
    self.constants = constants
    groundDepth = atmosphere.groundDepth
    bins.reserveCapacity(MuonProduction.binCount)
  }

  func profile(_ x: Double) -> Double {
    let (r, l) = (constants.productionAsymmetry, constants.productionLength)
    let y = 1 + r * x / l
    guard y > 0 else { return 0 }
    return exp(log(y) / (r * r) - x / (l * r))
  }

  private func tilt(_ x: Double) -> Double {
    let l = constants.productionLength
    let y = max(1 + constants.productionAsymmetry * x / l, 0.2)
    return min(max(-constants.hardening * x / (l * l) / y, -0.4), 0.4)
  }

  /// Sets the bins for a shower with its depth of maximum production [g/cm2]. Keeps its storage.
  mutating func update(muonMaximum centre: Double, cosZenith: Double, atmosphere: Atmosphere) {
    bins.removeAll(keepingCapacity: true)
    var integral = 0.0
    let step = (2500.0 - 5) / 160
    for index in 0..<160 {
      integral += profile(5 + (Double(index) + 0.5) * step - centre) * step
    }
    let low = 40.0
    let high = groundDepth / cosZenith - 5
    let width = (high - low) / Double(MuonProduction.binCount)
    for index in 0..<MuonProduction.binCount {
      let slant = low + (Double(index) + 0.5) * width
      let depth = slant * cosZenith
      let height = atmosphere.height(verticalDepth: depth) - atmosphere.groundHeight
      let ratio = log(groundDepth / depth)
      bins.append(
        Bin(
          fraction: profile(slant - centre) * width / integral,
          verticalDepth: depth, tilt: tilt(slant - centre), distance: max(height / cosZenith, 20),
          height: height,
          scaleHeight: height / ratio, logDepthRatio: ratio, logDepth: log(depth),
          logHeight: log(height)))
    }
  }
}
