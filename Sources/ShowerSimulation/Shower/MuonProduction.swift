internal import Glibc

/// Where the muons of one shower are produced along its axis.
///
/// `f(X) ~ exp(ln(1 + R x/L)/R^2 - x/(L R))`, x = X - Xmax_mu [g/cm2, slant], normalised on 5..2500
/// g/cm2, at `levelCount` levels of vertical depth, the same for all showers. Their spectrum is
/// `(E + E0)^-gamma (E/2 GeV)^s` with the tilt `s = -beta x/L^2/(1 + R x/L)`, held in +-0.4: that
/// is how f(X) would have it if early muons were harder.
struct MuonProduction {
  static let levelCount = 26
  private static let highest = 35.0
  private static let aboveGround = 4.0

  /// A level of production above the ground.
  struct Level: Sendable {
    /// X_v [g/cm2].
    var verticalDepth: Double
    /// Height above the ground, h - h0 [m].
    var height: Double
    /// H = (h - h0)/ln(X_g/X_v) [m].
    var scaleHeight: Double
    /// ln(X_g/X_v).
    var logDepthRatio: Double
    /// ln(h - h0), for the table of the transport.
    var logHeight: Double
  }

  /// Four neighbouring bins in single precision, for sums over all levels.
  struct Group {
    /// Fraction of the muons, 0 in bins that fill up the last group.
    var fraction = SIMD4<Float>(repeating: 0)
    var tilt = SIMD4<Float>(repeating: 0)
    /// Distance along the axis from the ground, z_c [m].
    var distance = SIMD4<Float>(repeating: 1000)
    /// Height above the ground [m] and its logarithm.
    var height = SIMD4<Float>(repeating: 1000)
    var logHeight = SIMD4<Float>(repeating: 6.9)
    /// Energy that a vertical muon loses on its way to the ground [GeV].
    var energyLoss = SIMD4<Float>(repeating: 0)
    /// Where the levels begin in the table of `MuonTransport`.
    var firstNode = SIMD4<Int32>(repeating: 0)
  }

  static let groupCount = (levelCount + 3) / 4

  /// What a shower produces at a level.
  struct Bin {
    var level: Level
    /// Fraction of the muons, f dX.
    var fraction = 0.0
    /// Tilt s of the energy spectrum.
    var tilt = 0.0
    /// Distance along the axis from the ground, z_c [m].
    var distance = 0.0
  }

  /// Levels in equal steps of vertical depth.
  static func levels(_ atmosphere: Atmosphere) -> [Level] {
    let width = stepOfDepth(atmosphere)
    return (0..<levelCount).map { index in
      let depth = highest + (Double(index) + 0.5) * width
      let height = atmosphere.height(verticalDepth: depth) - atmosphere.groundHeight
      let ratio = log(atmosphere.groundDepth / depth)
      return Level(
        verticalDepth: depth, height: height, scaleHeight: height / ratio, logDepthRatio: ratio,
        logHeight: log(height))
    }
  }

  private static func stepOfDepth(_ atmosphere: Atmosphere) -> Double {
    (atmosphere.groundDepth - aboveGround - highest) / Double(levelCount)
  }

  private(set) var bins: [Bin]
  /// The same, `groupCount` of them.
  private(set) var groups: [Group]
  let groundDepth: Double
  private let depthStep: Double
  private let constants: ShowerConstants.Muons

  init(constants: ShowerConstants.Muons, atmosphere: Atmosphere) {
    self.constants = constants
    groundDepth = atmosphere.groundDepth
    depthStep = Self.stepOfDepth(atmosphere)
    bins = Self.levels(atmosphere).map { Bin(level: $0) }
    groups = [Group](repeating: Group(), count: Self.groupCount)
    for (index, bin) in bins.enumerated() {
      groups[index / 4].height[index % 4] = Float(bin.level.height)
      groups[index / 4].logHeight[index % 4] = Float(bin.level.logHeight)
      groups[index / 4].energyLoss[index % 4] = Float(
        MuonPath.loss * (groundDepth - bin.level.verticalDepth))
      groups[index / 4].firstNode[index % 4] = Int32(index * MuonTransport.nodesPerLevel)
    }
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

  /// Sets the bins for a shower with its depth of maximum production [g/cm2].
  mutating func update(muonMaximum centre: Double, cosZenith: Double) {
    var integral = 0.0
    let step = (2500.0 - 5) / 160
    for index in 0..<160 {
      integral += profile(5 + (Double(index) + 0.5) * step - centre) * step
    }
    for index in bins.indices {
      let x = bins[index].level.verticalDepth / cosZenith - centre
      bins[index].fraction = profile(x) * depthStep / cosZenith / integral
      bins[index].tilt = tilt(x)
      bins[index].distance = max(bins[index].level.height / cosZenith, 20)
      groups[index / 4].fraction[index % 4] = Float(bins[index].fraction)
      groups[index / 4].tilt[index % 4] = Float(bins[index].tilt)
      groups[index / 4].distance[index % 4] = Float(bins[index].distance)
    }
  }
}
