internal import Glibc

/// Where the muons of one shower are produced along its axis.
///
/// `f(X) ~ exp(ln(1 + R x/L)/R^2 - x/(L R))`, x = X - (Xmax - 220), L = 270, R = 0.30 [g/cm2, slant],
/// normalised on 5..2500 g/cm2, in bins from 40 g/cm2 down to the ground.
struct MuonProduction {
  static let binCount = 26

  struct Bin {
    /// Fraction of the muons, f dX.
    var fraction: Double
    /// X_v [g/cm2].
    var verticalDepth: Double
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

  init(atmosphere: Atmosphere) {
    groundDepth = atmosphere.groundDepth
    bins.reserveCapacity(MuonProduction.binCount)
  }

  static func profile(_ x: Double) -> Double {
    let y = 1 + 0.30 * x / 270
    guard y > 0 else { return 0 }
    return exp(log(y) / 0.09 - x / (270 * 0.30))
  }

  /// Sets the bins for a shower. Keeps its storage.
  mutating func update(xmax: Double, cosZenith: Double, atmosphere: Atmosphere) {
    bins.removeAll(keepingCapacity: true)
    let centre = xmax - 220
    var integral = 0.0
    let step = (2500.0 - 5) / 160
    for index in 0..<160 {
      integral += MuonProduction.profile(5 + (Double(index) + 0.5) * step - centre) * step
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
          fraction: MuonProduction.profile(slant - centre) * width / integral,
          verticalDepth: depth, distance: max(height / cosZenith, 20), height: height,
          scaleHeight: height / ratio, logDepthRatio: ratio, logDepth: log(depth),
          logHeight: log(height)))
    }
  }
}
