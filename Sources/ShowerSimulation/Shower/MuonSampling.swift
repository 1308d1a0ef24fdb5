internal import ShowerModel

extension MuonTransport {
  /// One muon at a station.
  package struct Muon {
    /// Delay behind the plane front [ns].
    package var delay: Double
    /// Cosine of its zenith angle.
    var cosine: Double
    /// ln of the kinetic energy on the ground [ln MeV] and of the cosine.
    var logKinetic: Float
    var logCosine: Float
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
    let drawn = sampleEnergy(node: node, tilt: bin.tilt, using: &random)
    let energy = max(drawn, path.energyLoss + MuonPath.leastFinalEnergy)
    let final = path.finalEnergy(energy)
    let kinetic = 1000 * (energy - path.energyLoss - MuonPath.mass)
    let logs = VectorFunctions.logs(
      SIMD4(Float(energy / final), Float(random.uniform()), Float(kinetic), Float(ray.cosine)))
    // l - z, without the difference of two large numbers.
    let pathDelay = rays.distance * rays.distance / ((ray.length + ray.along) * Units.speedOfLight)
    let delay =
      pathDelay + path.kinematicDelay(energy: energy, final: final, logLoss: Double(logs.x))
    let stretch = 1 - constants.delayTail * Double(logs.y)
    return Muon(
      delay: delay * stretch, cosine: ray.cosine, logKinetic: logs.z, logCosine: logs.w)
  }

  // No processor foresees the outcome of a draw, so these have no branches where that is possible.

  @inline(__always) private func randomLevel(
    _ rays: MuonRays, using random: inout CounterRandom
  ) -> Int {
    var wanted = Float(random.uniform()) * rays.total
    var rests = InlineArray<7, Float>(repeating: 0)
    var group = 0
    for index in 0..<MuonProduction.groupCount - 1 {
      rests[index] = wanted
      wanted -= rays.sums[index]
      // Once it is below 0, it stays there.
      group += wanted > 0 ? 1 : 0
    }
    rests[MuonProduction.groupCount - 1] = wanted
    wanted = rests[group]
    let weights = rays.weights(group)
    var lane = 0
    for index in 0..<3 {
      wanted -= weights[index]
      lane += wanted > 0 ? 1 : 0
    }
    return min(4 * group + lane, MuonProduction.levelCount - 1)
  }

  /// Draws E from the quantiles of a node and keeps it with a probability that gives the tilt E^s.
  @inline(__always) private func sampleEnergy(
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
      let exponentials = VectorFunctions.exp(
        SIMD4(
          Float(excess), Float(Self.lowestLogEnergy + Self.logEnergyStep * steps), 0, 0))
      if random.uniform() <= Double(exponentials.x) { return Double(exponentials.y) }
    }
  }

  /// A corner of a cell of the table, with the weights of the interpolation.
  @inline(__always) private func randomNode(
    first: Int, secantPart: Double, sinePart: Double, using random: inout CounterRandom
  ) -> Int {
    var choice = UniformRest(random.uniform())
    let secantStep = choice.step(secantPart)
    return first + secantStep * Self.sineCount + choice.step(sinePart)
  }
}
