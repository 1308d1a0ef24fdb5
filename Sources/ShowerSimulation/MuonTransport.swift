internal import Glibc
internal import ShowerModel

/// Muon transport integrated over the energy at production, as a table.
///
/// For a ray from a level of production the integral `I = int dN/dE P E (pt/Q^2) exp(-pt/Q) dE` depends on two
/// numbers alone: the secant of the ray and the sine of its angle to the shower axis. The table holds, for each
/// level, ln(I / sine) less its steepest part, the exponential at the least energy that reaches the ground, which
/// leaves a smooth function of the logarithms of both; mean and variance of the logarithm of the energy, for the
/// tilt of the spectrum that changes along the shower; and quantiles of the energy. It serves all zenith angles,
/// depths of maximum and stations.
public struct MuonTransport: Sendable {
  static let secantCount = 24
  static let sineCount = 60
  static let quantileCount = 16
  private static let energyPoints = 90
  private static let lowestLogSine = log(5e-4)

  /// ln(I / sine) less its steepest part, mean and variance of ln(E/2 GeV), 0.
  private let nodes: [SIMD4<Float>]
  /// ln E at the cumulative probabilities ((0...15)/15)^2, denser at low energies, where delays are.
  private let logEnergy: [Float]
  /// Nodes per unit of ln secant and ln sine.
  private let perSecant: Double
  private let perSine: Double
  let atmosphere: Atmosphere
  let constants: ShowerConstants.Muons

  /// Makes the table, about 0.1 s in a release build.
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
    let nodeCount = levels.count * Self.secantCount * Self.sineCount
    var nodes = [SIMD4<Float>](repeating: .zero, count: nodeCount)
    var quantiles = [Float](repeating: 0, count: nodeCount * Self.quantileCount)
    var surviving = [Double](repeating: 0, count: Self.energyPoints)
    var cumulative = [Double](repeating: 0, count: Self.energyPoints + 1)
    let logEdges = Self.logEdges(energies)
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
          let sine = exp(Self.lowestLogSine + Double(i) * sineStep)
          var (sum, first, second) = (0.0, 0.0, 0.0)
          for e in 0..<Self.energyPoints {
            if surviving[e] > 0 {
              let w = surviving[e] * exp(-energies[e] * sine / q)
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
              Float(log(sum) + threshold * sine / q), Float(mean),
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
    _ quantiles: inout [Float], at start: Int, cumulative: [Double], logEdges: [Double]
  ) {
    let total = cumulative[cumulative.count - 1]
    guard total > 1e-30 else {
      for j in 0..<quantileCount { quantiles[start + j] = Float(log(100.0)) }
      return
    }
    var cell = 0
    for j in 0..<quantileCount {
      let p = Double(j) / Double(quantileCount - 1)
      let wanted = min(max(p * p, 1e-6), 1 - 1e-6) * total
      while cell + 2 < cumulative.count && cumulative[cell + 1] < wanted { cell += 1 }
      let content = cumulative[cell + 1] - cumulative[cell]
      let fraction = content > 0 ? min((wanted - cumulative[cell]) / content, 1) : 0.5
      quantiles[start + j] = Float(
        logEdges[cell] + fraction * (logEdges[cell + 1] - logEdges[cell]))
    }
  }

  /// Muons at one station.
  public struct Field: Sendable {
    /// Per m2 of the shower plane.
    public var density: Double
    /// Mean cosine of the zenith angle.
    public var meanCosine: Double
  }

  /// Density at a station for one produced muon a shower, with the cumulative weights of the bins in what flat
  /// ground counts: densities times cosines.
  func field(
    of production: MuonProduction, distance: Double, upstream: Double, cumulative: inout [Double]
  ) -> Field {
    let r = max(distance, 30)
    let logDistance = log(r)
    var (sum, cosineSum) = (0.0, 0.0)
    production.bins.withUnsafeBufferPointer { bins in
      cumulative.withUnsafeMutableBufferPointer { cumulative in
        for index in 0..<bins.count {
          let bin = bins[index]
          let ray = MuonRay(bin: bin, upstream: upstream, distance: r)
          let w =
            bin.fraction * integral(index, bin: bin, ray: ray, logDistance: logDistance) * ray.sine
            * ray.dilution(r)
          sum += w
          cosineSum += w * ray.cosine
          cumulative[index] = cosineSum
        }
      }
    }
    return Field(density: sum, meanCosine: sum > 0 ? cosineSum / sum : 1)
  }

  /// A cell of the table along one axis: lower node and weight of the upper one.
  @inline(__always) private func cell(_ x: Double, _ count: Int) -> (Int, Double) {
    let clipped = min(max(x, 0), Double(count - 1) - 1e-9)
    let node = Int(clipped)
    return (node, clipped - Double(node))
  }

  /// I / sine at a level with its tilt, bilinear in logarithms.
  @inline(__always) private func integral(
    _ level: Int, bin: MuonProduction.Bin, ray: MuonRay, logDistance: Double
  ) -> Double {
    let logLength = log(ray.length)
    let (s, fs) = cell((logLength - bin.level.logHeight) * perSecant, Self.secantCount)
    let (i, fi) = cell((logDistance - logLength - Self.lowestLogSine) * perSine, Self.sineCount)
    return nodes.withUnsafeBufferPointer { table in
      let base = (level * Self.secantCount + s) * Self.sineCount + i
      let next = base + Self.sineCount
      let along = Float(fi)
      let low = table[base] + along * (table[base + 1] - table[base])
      let high = table[next] + along * (table[next + 1] - table[next])
      let node = low + Float(fs) * (high - low)
      let threshold =
        MuonPath.loss * (atmosphere.groundDepth - bin.level.verticalDepth) / ray.cosine
        + MuonPath.leastFinalEnergy
      // The mean of (E/2 GeV)^s for energies that are log-normal.
      let tilt = bin.tilt * (Double(node.y) + 0.5 * bin.tilt * Double(node.z))
      return exp(Double(node.x) + tilt - threshold * ray.sine / constants.momentumScale)
    }
  }

  /// One muon at a station.
  struct Muon {
    /// Delay behind the plane front [ns].
    var delay: Double
    /// Secant of its zenith angle.
    var secant: Double
  }

  /// Draws a muon: its production bin by the cumulative weights, its energy from a node of the table
  /// (chosen with the weights of the interpolation), delay and angle from the formulas.
  func sample(
    of production: MuonProduction, distance: Double, upstream: Double, cumulative: [Double],
    using random: inout CounterRandom
  ) -> Muon {
    let r = max(distance, 30)
    let wanted = random.uniform() * cumulative[MuonProduction.levelCount - 1]
    var index = 0
    while index < MuonProduction.levelCount - 1 && cumulative[index] < wanted { index += 1 }
    let bin = production.bins[index]
    let ray = MuonRay(bin: bin, upstream: upstream, distance: r)
    let path = ray.path(bin, groundDepth: production.groundDepth)
    let node = randomNode(index, bin: bin, ray: ray, logDistance: log(r), using: &random)
    let logEnergy = sampleLogEnergy(node: node, tilt: bin.tilt, using: &random)
    let energy = max(exp(logEnergy), path.energyLoss + MuonPath.leastFinalEnergy)
    let delay = ray.pathDelay + path.kinematicDelay(energy: energy)
    return Muon(
      delay: delay * (1 + random.exponential(mean: constants.delayTail)), secant: 1 / ray.cosine)
  }

  /// Draws ln E from the quantiles of a node and keeps it with a probability that gives the tilt E^s.
  @inline(__always) private func sampleLogEnergy(
    node: Int, tilt: Double, using random: inout CounterRandom
  ) -> Double {
    let first = node * Self.quantileCount
    let bound = Double(logEnergy[tilt > 0 ? first + Self.quantileCount - 1 : first])
    while true {
      // Cumulative probabilities of the quantiles are squares.
      let position = random.uniform().squareRoot() * Double(Self.quantileCount - 1)
      let lower = Int(position)
      let low = Double(logEnergy[first + lower])
      let value = low + (position - Double(lower)) * (Double(logEnergy[first + lower + 1]) - low)
      if random.uniform() <= exp(tilt * (value - bound)) { return value }
    }
  }

  @inline(__always) private func randomNode(
    _ level: Int, bin: MuonProduction.Bin, ray: MuonRay, logDistance: Double,
    using random: inout CounterRandom
  ) -> Int {
    let logLength = log(ray.length)
    let (s, fs) = cell((logLength - bin.level.logHeight) * perSecant, Self.secantCount)
    let (i, fi) = cell((logDistance - logLength - Self.lowestLogSine) * perSine, Self.sineCount)
    // One draw decides both roundings: what is left of it is uniform again.
    var u = random.uniform()
    func round(_ fraction: Double) -> Int {
      if u < fraction {
        u /= fraction
        return 1
      }
      u = (u - fraction) / (1 - fraction)
      return 0
    }
    let (secantNode, sineNode) = (s + round(fs), i + round(fi))
    return (level * Self.secantCount + secantNode) * Self.sineCount + sineNode
  }
}
