internal import Glibc
internal import ShowerModel

/// A shower of a CORSIKA file in memory, from which stations draw their particles.
///
/// Rows outside the inner radius are kept with what their copies need, 48 bytes each (twice that
/// while they are sorted). A shower of 1e19 eV thinned to 1e-5 needs some 50 MB. A station's
/// particles are drawn when it asks, from its own random numbers; no copy is stored.
struct DethinnedShower: Sendable {
  let header: CorsikaEventHeader
  let end: CorsikaEventEnd
  let ground: ShowerGround
  /// Axis distance inside which thinning cannot be undone [m].
  let innerRadius: Double
  /// Of the stations that draw from it [m2].
  let stationArea: Double
  let profile: RadialProfile
  /// Median delay of the signal of electrons and photons outside the inner radius, by the first
  /// ring [ns].
  let seam: Seam

  private let laws: ParticleLaws
  /// Slope of the asymmetry of photons [1/m].
  private let asymmetry: Double
  private let cells: ParticleCells
  private let rings: ParticleRings
  private let selection: ParticleSelection
  private let correction: MeanCorrection

  /// What the shower is like just outside the inner radius.
  struct Seam: Sendable {
    /// Mean axis distance, weighted by the signal [m].
    var distance: Double
    /// Median delay of the signal of electrons and photons [ns].
    var median: Double
  }

  /// Reads the rest of the event that a reader has begun.
  ///
  /// - Parameters:
  ///   - reader: after `nextEvent`.
  ///   - header: what that returned.
  ///   - level: number of the observation level.
  ///   - atmosphere: with its ground at the level.
  ///   - innerRadius: axis distance inside which nothing is drawn [m]; nil for that of the energy.
  ///   - stationArea: of the stations that draw from it [m2].
  ///   - constants: of the photons, for the asymmetry of the densities.
  ///   - laws: of the detector.
  ///   - selection: what stations draw.
  ///   - mayUseRings: false leaves every particle in its cone, for comparison.
  ///   - isCorrected: whether mean densities and delays are kept to those of the rows.
  ///   - check: called now and then, to end the reading by an error.
  /// - Throws: `CorsikaError`, and what `check` throws.
  init(
    reading reader: CorsikaReader, header: CorsikaEventHeader, level: Int,
    atmosphere: Atmosphere, innerRadius: Double? = nil, stationArea: Double,
    constants: ShowerConstants.Photons, laws: ParticleLaws,
    selection: ParticleSelection = .hits, mayUseRings: Bool = true, isCorrected: Bool = true,
    check: () throws -> Void = {}
  ) throws {
    self.header = header
    self.laws = laws
    asymmetry = constants.asymmetry
    self.selection = selection
    self.stationArea = stationArea
    self.innerRadius =
      innerRadius ?? Dethinning.innerRadius(energy: header.energy / CorsikaUnits.gigaelectronvolt)
    let cosZenith = cos(header.zenith)
    let height = header.levels[level - 1]
    ground = ShowerGround(
      cosZenith: cosZenith, sinZenith: sin(header.zenith), levelHeight: height,
      start: (header.firstInteraction - height) / cosZenith,
      startDepth: atmosphere.verticalDepth(height: header.firstInteraction),
      atmosphere: atmosphere)
    var collector = ParticleCollector(
      dethinning: Dethinning(
        ground: ground, innerRadius: self.innerRadius, stationArea: stationArea),
      header: header, levelHeight: height, innerRadius: self.innerRadius,
      mayUseRings: mayUseRings, laws: laws)
    var blocks = 0
    while let rows = try reader.nextRowBuffer() {
      blocks += 1
      if blocks % 10_000 == 0 { try check() }
      for row in rows where row.level == level { collector.add(row) }
    }
    guard let end = reader.eventEnd else { preconditionFailure("an event without end") }
    self.end = end
    collector.profile.finish()
    profile = collector.profile
    seam = collector.seam
    cells = ParticleCells(collector.cones, ground: ground)
    // Of the flux: flat ground counts it with the cosine, which a copy has of its station.
    let delayMaps = DelayMaps([collector.cones, collector.rings].lazy.joined(), ground: ground) {
      selection.bound($0, laws) / Double($0.pz)
    }
    rings = ParticleRings(
      collector.rings, ground: ground, slopes: profile.slopes, delayMaps: delayMaps,
      asymmetry: asymmetry, selection: selection, laws: laws)
    correction =
      isCorrected
      ? MeanCorrection(
        cells: cells, rings: rings, ground: ground, slopes: profile.slopes,
        from: self.innerRadius) : MeanCorrection()
  }

  /// Calls `body` with every particle at a place of the ground outside the inner radius, in a
  /// random sample.
  ///
  /// - Parameters:
  ///   - x: to the early side, horizontal, from the core [m].
  ///   - y: to its left [m].
  ///   - area: of the station [m2]; nil for that of the array's stations.
  ///   - random: of the station.
  ///   - body: takes a particle, and may draw random numbers.
  func sample(
    x: Double, y: Double, area: Double? = nil, using random: inout CounterRandom,
    _ body: (Arrival, inout CounterRandom) -> Void
  ) {
    let distance = ground.distance(x, y)
    let correction = correction.at(
      distance, cosine: x * ground.cosZenith / max(distance, 1))
    let area = area ?? stationArea
    cells.sample(
      x: x, y: y, area: area, using: &random, selection: selection, laws: laws,
      correction: correction,
      body)
    rings.sample(
      x: x, y: y, area: area, using: &random, selection: selection, laws: laws,
      correction: correction,
      body)
  }

  /// Expected signals of muons and of all others [VEM/m2] on the ground. They are means over
  /// azimuths, with the asymmetry of the model.
  func expected(distance r: Double, upstream a: Double) -> (muons: Double, others: Double) {
    let densities = profile.densities(at: r)
    return (
      densities.muonSignal,
      densities.otherSignal
        * ShowerField.asymmetry(asymmetry, upstream: a, most: r * ground.tangent)
    )
  }
}

/// What a station draws of the particles.
enum ParticleSelection: Sendable {
  case all
  /// Their hits: one for some six photons.
  case hits

  /// How many are drawn for one particle in the mean.
  @inline(__always) func part(
    _ species: GroundParticle.Species, kinetic: Double, secant: Double, _ laws: ParticleLaws
  ) -> Double {
    switch self {
    case .all: 1
    case .hits: laws.hits(species.particle, energy: kinetic, cosine: 1 / secant)
    }
  }

  /// At least that, wherever on its ring a particle is.
  @inline(__always) func bound(_ p: GroundParticle, _ laws: ParticleLaws) -> Double {
    switch self {
    case .all: 1
    case .hits: laws.mostHits(p.species.particle, energy: Double(p.kinetic))
    }
  }
}

/// Units of CORSIKA's files.
enum CorsikaUnits {
  /// GeV in one EeV.
  static let gigaelectronvolt = 1e9
}

/// Collects the thinned particles of a shower and sums over its rows.
private struct ParticleCollector {
  let dethinning: Dethinning
  let innerRadius: Double
  var cones: [GroundParticle] = []
  var rings: [GroundParticle] = []
  var profile: RadialProfile
  private let mayUseRings: Bool
  private let laws: ParticleLaws
  private let front: CorsikaFront
  private let cosine: Double
  private let sine: Double
  /// Delays of the signal next to the inner radius, with their weights and distances.
  private var seamDelays: [(delay: Double, weight: Double)] = []
  private var seamDistance = 0.0

  init(
    dethinning: Dethinning, header: CorsikaEventHeader, levelHeight: Double, innerRadius: Double,
    mayUseRings: Bool, laws: ParticleLaws
  ) {
    self.laws = laws
    self.dethinning = dethinning
    self.mayUseRings = mayUseRings
    self.innerRadius = innerRadius
    front = CorsikaFront(header, levelHeight: levelHeight)
    profile = RadialProfile(cosZenith: dethinning.ground.cosZenith)
    let source = CorsikaFrame().source(
      zenith: header.zenith, momentumAzimuth: header.momentumAzimuth)
    (cosine, sine) = (cos(source.azimuth), sin(source.azimuth))
  }

  mutating func add(_ row: CorsikaParticle) {
    guard let species = GroundParticle.Species(id: row.id) else { return }
    let frame = CorsikaFrame()
    let position = frame.position(row.position)
    // Turned so that the source lies along x.
    let x = position.x * cosine + position.y * sine
    let y = position.y * cosine - position.x * sine
    let r = dethinning.ground.distance(x, y)
    let momentum = row.momentum
    let size = (momentum * momentum).sum().squareRoot()
    guard size > 0 else { return }
    let secant = size / max(momentum.z, 0.02 * size)
    let delay = front.delay(of: row)
    let deposit =
      laws.meanDeposit(species, kinetic: 1000 * row.kineticEnergy, secant: secant)
      / laws.energyOfVEM
    profile.add(distance: r, weight: row.weight, deposit: deposit, isMuon: species == .muon)
    if species != .muon, r > innerRadius, r < 1.25 * innerRadius {
      let weight = row.weight * deposit
      if weight > 0 { seamDelays.append((delay, weight)) }
      seamDistance += weight * r
    }
    guard r > dethinning.thinnedRadius else { return }
    let flat = frame.momentum(momentum) / size
    let flight = SIMD3(
      flat.x * cosine + flat.y * sine, flat.y * cosine - flat.x * sine, -flat.z)
    guard
      let particle = dethinning.thinnedParticle(row, x: x, y: y, flight: flight, delay: delay)
    else { return }
    if mayUseRings, dethinning.needsRing(particle) {
      rings.append(particle)
    } else {
      cones.append(particle)
    }
  }

  var seam: DethinnedShower.Seam {
    let total = seamDelays.reduce(0) { $0 + $1.weight }
    var sum = 0.0
    let median = seamDelays.sorted { $0.delay < $1.delay }.first {
      sum += $0.weight
      return sum >= 0.5 * total
    }
    return DethinnedShower.Seam(
      distance: total > 0 ? seamDistance / total : .nan, median: median?.delay ?? .nan)
  }
}
