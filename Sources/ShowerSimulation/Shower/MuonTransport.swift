internal import Glibc
internal import ShowerModel

/// Muon transport integrated over the energy at production, as a table.
///
/// The integral `I = int dN/dE P E (pt/Q^2) exp(-pt/Q) dE` belongs to a ray from a level of
/// production. It depends on two numbers alone: the secant of the ray and the sine of its angle to
/// the shower axis. The table holds three things for each level. First, ln(I / sine) less its
/// steepest part, the exponential at the least energy that reaches the ground. What is left is a
/// smooth function of the logarithms of both. Second, mean and variance of the logarithm of the
/// energy, for the tilt of the spectrum that changes along the shower. Third, quantiles of the
/// energy. The table serves all zenith angles, depths of maximum and stations.
public struct MuonTransport: Sendable {
  static let secantCount = 24
  static let sineCount = 60
  static let nodesPerLevel = secantCount * sineCount
  static let quantileCount = 16
  private static let energyPoints = 90
  /// ln 0.0005.
  static let lowestLogSine = -7.60090245954208

  /// ln(I / sine) less its steepest part, mean and variance of ln(E/2 GeV), 0.
  let nodes: [SIMD4<Float>]
  /// ln E at the cumulative probabilities ((0...15)/15)^2, which are denser at low energies, where
  /// delays are. They are stored in steps of `logEnergyStep` above `lowestLogEnergy`. Half the
  /// memory is twice as often in a cache.
  let logEnergy: [UInt16]
  /// ln 0.2 and ln(320/0.2) [GeV].
  static let lowestLogEnergy = -1.60943791243410
  static let logEnergyStep = 7.37775890822787 / 65_535
  /// Nodes per unit of ln secant and ln sine.
  let perSecant: Double
  let perSine: Double
  let atmosphere: Atmosphere
  let constants: ShowerConstants.Muons

  /// Makes the table, about 0.02 s in a release build.
  public init(constants: ShowerConstants.Muons, atmosphere: Atmosphere = .telescopeArray) {
    self.constants = constants
    self.atmosphere = atmosphere
    let ground = atmosphere.groundDepth
    let secantStep = log(20.0) / Double(Self.secantCount - 1)
    let sineStep = -Self.lowestLogSine / Double(Self.sineCount - 1)
    (perSecant, perSine) = (1 / secantStep, 1 / sineStep)
    let spectrum = MuonSpectrum(constants, points: Self.energyPoints)
    let (energies, weights) = (spectrum.energies, spectrum.weights)
    let logEnergies = energies.map { log($0 / MuonSpectrum.pivotEnergy) }
    let q = constants.momentumScale
    let levels = MuonProduction.levels(atmosphere)
    let nodeCount = levels.count * Self.nodesPerLevel
    var nodes = [SIMD4<Float>](repeating: .zero, count: nodeCount)
    var quantiles = [UInt16](repeating: 0, count: nodeCount * Self.quantileCount)
    var surviving = [Double](repeating: 0, count: Self.energyPoints)
    var cumulative = [Double](repeating: 0, count: Self.energyPoints + 1)
    let logEdges = Self.logEdges(energies)
    let sines = (0..<Self.sineCount).map { exp(Self.lowestLogSine + Double($0) * sineStep) }
    // exp(-pt/Q), sine by sine.
    let suppression = sines.flatMap { sine in energies.map { exp(-$0 * sine / q) } }
    for (d, level) in levels.enumerated() {
      for s in 0..<Self.secantCount {
        let path = MuonPath(
          verticalDepth: level.verticalDepth, scaleHeight: level.scaleHeight, groundDepth: ground,
          logDepthRatio: level.logDepthRatio, secant: exp(Double(s) * secantStep))
        for e in 0..<Self.energyPoints {
          surviving[e] =
            weights[e] * path.survival(energy: energies[e]) * energies[e] * energies[e] / (q * q)
        }
        for i in 0..<Self.sineCount {
          var (sum, first, second) = (0.0, 0.0, 0.0)
          for e in 0..<Self.energyPoints {
            if surviving[e] > 0 {
              let w = surviving[e] * suppression[i * Self.energyPoints + e]
              sum += w
              first += w * logEnergies[e]
              second += w * logEnergies[e] * logEnergies[e]
            }
            cumulative[e + 1] = sum
          }
          let node = (d * Self.secantCount + s) * Self.sineCount + i
          let threshold = path.energyLoss + MuonPath.leastFinalEnergy
          if sum > 1e-30 {
            let mean = first / sum
            nodes[node] = SIMD4(
              Float(log(sum) + threshold * sines[i] / q), Float(mean),
              Float(second / sum - mean * mean), 0)
          } else {
            nodes[node].x = -70
          }
          Self.fillQuantiles(
            &quantiles, at: node * Self.quantileCount, cumulative: cumulative, logEdges: logEdges)
        }
      }
    }
    self.nodes = nodes
    logEnergy = quantiles
  }

  /// Edges in ln E of the cells around the grid points.
  private static func logEdges(_ energies: [Double]) -> [Double] {
    let logs = energies.map { log($0) }
    let half = 0.5 * (logs[1] - logs[0])
    return [logs[0]] + logs.dropLast().map { $0 + half } + [logs[logs.count - 1]]
  }

  private static func fillQuantiles(
    _ quantiles: inout [UInt16], at start: Int, cumulative: [Double], logEdges: [Double]
  ) {
    let total = cumulative[cumulative.count - 1]
    guard total > 1e-30 else {
      for j in 0..<quantileCount { quantiles[start + j] = stored(log(100.0)) }
      return
    }
    var cell = 0
    for j in 0..<quantileCount {
      let p = Double(j) / Double(quantileCount - 1)
      let wanted = min(max(p * p, 1e-6), 1 - 1e-6) * total
      while cell + 2 < cumulative.count && cumulative[cell + 1] < wanted { cell += 1 }
      let content = cumulative[cell + 1] - cumulative[cell]
      let fraction = content > 0 ? min((wanted - cumulative[cell]) / content, 1) : 0.5
      quantiles[start + j] = stored(
        logEdges[cell] + fraction * (logEdges[cell + 1] - logEdges[cell]))
    }
  }

  private static func stored(_ logEnergy: Double) -> UInt16 {
    UInt16(((logEnergy - lowestLogEnergy) / logEnergyStep).rounded())
  }
}
