internal import ShowerModel

extension MuonTransport {
  /// One muon at a station.
  package struct Muon {
    /// Delay behind the plane front [ns].
    package var delay: Double
    /// Cosine of its zenith angle.
    var cosine: Double
    /// Kinetic energy on the ground [MeV].
    var kinetic: Double
  }

  /// Draws a muon at the station of the last `field(...)` with `rays`.
  ///
  /// The production bin is drawn by the weights. The energy is drawn from a node of the table,
  /// which is chosen with the weights of the interpolation. Delay and angle follow from the
  /// formulas.
  func sample(
    of production: MuonProduction, rays: MuonRays, using random: inout CounterRandom
  ) -> Muon {
    let index = randomLevel(rays, using: &random)
    let bin = production.bins[index]
    let ray = rays[index]
    let secant = 1 / ray.cosine
    let path = MuonPath(
      verticalDepth: bin.level.verticalDepth, scaleHeight: bin.level.scaleHeight,
      groundDepth: production.groundDepth, logDepthRatio: bin.level.logDepthRatio, secant: secant)
    let node = randomNode(
      first: ray.node, secantPart: ray.secantPart, sinePart: ray.sinePart, using: &random)
    let logEnergy = sampleLogEnergy(node: node, tilt: bin.tilt, using: &random)
    let energy = max(VectorFunctions.exp(logEnergy), path.energyLoss + MuonPath.leastFinalEnergy)
    // l - z, without the difference of two large numbers.
    let pathDelay = rays.distance * rays.distance / ((ray.length + ray.along) * Units.speedOfLight)
    let delay = pathDelay + path.kinematicDelay(energy: energy)
    let stretch = 1 - constants.delayTail * VectorFunctions.log(random.uniform())
    return Muon(
      delay: delay * stretch, cosine: ray.cosine,
      kinetic: 1000 * (energy - path.energyLoss - MuonPath.mass))
  }

  @inline(__always) private func randomLevel(
    _ rays: MuonRays, using random: inout CounterRandom
  ) -> Int {
    var wanted = Float(random.uniform()) * rays.total
    var group = 0
    while group < MuonProduction.groupCount - 1 {
      let sum = rays.weights[group].sum()
      if wanted <= sum { break }
      wanted -= sum
      group += 1
    }
    let weights = rays.weights[group]
    var lane = 0
    while lane < 3 && weights[lane] < wanted {
      wanted -= weights[lane]
      lane += 1
    }
    return min(4 * group + lane, MuonProduction.levelCount - 1)
  }

  /// Draws ln E from the quantiles of a node and keeps it with a probability that gives the tilt
  /// E^s.
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
      let steps = low + (position - Double(lower)) * (Double(logEnergy[first + lower + 1]) - low)
      let excess = tilt * Self.logEnergyStep * (steps - bound)
      if random.uniform() <= VectorFunctions.exp(excess) {
        return Self.lowestLogEnergy + Self.logEnergyStep * steps
      }
    }
  }

  /// A corner of a cell of the table, with the weights of the interpolation.
  @inline(__always) private func randomNode(
    first: Int, secantPart: Double, sinePart: Double, using random: inout CounterRandom
  ) -> Int {
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
    let (secantStep, sineStep) = (round(secantPart), round(sinePart))
    return first + secantStep * Self.sineCount + sineStep
  }
}
