internal import Glibc
internal import ShowerModel

/// Fills the trace of a station with what arrives there: shower particles and background.
///
/// Plain numbers alone, since it is asked for every station of every shower.
package struct StationParticles: Sendable {
  /// Mean delay of decay electrons behind their muon, in medians of the photons'.
  package static let decayDelay = 0.15
  /// Delay beyond which nothing is recorded [ns].
  private static let latest = 60_000.0
  /// Hits of photons or electrons up to which each is followed; above they are summed by time bins.
  private static let individualLimit = 800.0

  private let muonDelayFactor: Double
  private let delayScatter: Double
  private let neutronRate: Double
  /// Rates of the background [1/ns].
  private let muonRate: Double
  private let singleRate: Double
  let response: ParticleResponse
  private let normal: NormalTable
  private let layerCount: Int
  /// Area of a station [m2].
  private let area: Double
  /// Deposit in a layer of the array over that in the layer of the response.
  ///
  /// A thicker layer, of a larger VEM, takes more energy of every particle in proportion.
  private let depositScale: Double

  init(
    configuration: SimulationConfiguration, detector: DetectorDescription, laws: ParticleLaws,
    normal: NormalTable
  ) {
    self.normal = normal
    layerCount = detector.layerCount
    area = detector.stationArea
    depositScale = detector.energyOfVEM / laws.energyOfVEM
    muonDelayFactor = configuration.muonDelayFactor
    delayScatter = configuration.delayScatter
    neutronRate = configuration.neutronRate
    muonRate = 1e-9 * configuration.backgroundMuonRate
    // The rate is that of both layers together.
    singleRate = 1e-9 * configuration.backgroundSingleRate * (layerCount == 1 ? 0.5 : 1)
    response = ParticleResponse(configuration, laws: laws, normal: normal)
  }

  /// Numbers of hits of the shower at one station.
  struct Numbers {
    var muons: Int
    /// Of electrons from decaying muons.
    var decays: Int
    var hadrons: Int
    /// Of the cascade; nil where they are so many that they are summed by time bins.
    var photons: Int?
    var electrons: Int?
    var neutrons: Int

    var isZero: Bool {
      muons == 0 && decays == 0 && hadrons == 0 && photons == 0 && electrons == 0 && neutrons == 0
    }
  }

  /// Draws the numbers for a station at a distance from the axis [m]; most far from it stay empty.
  func numbers(
    _ signals: ShowerField.Signals, distance: Double, muonScale: Double,
    using random: inout CounterRandom
  ) -> Numbers {
    // Late by (r/c)(0.25 + Gamma(1.5, 0.6)); the rate is uncertain by a factor 3.
    let cascade = signals.photons.signal + signals.electrons.signal
    let neutrons = neutronRate * cascade * area * distance / 1000 * muonScale / 1.15
    func followed(_ part: ShowerField.Signals.Part) -> Int? {
      part.hits * area > Self.individualLimit ? nil : random.poisson(mean: part.hits * area)
    }
    return Numbers(
      muons: poissonCount(signals.muons.hits * area, using: &random),
      decays: poissonCount(signals.decays.hits * area, using: &random),
      hadrons: poissonCount(signals.hadrons.hits * area, using: &random),
      photons: followed(signals.photons), electrons: followed(signals.electrons),
      neutrons: poissonCount(neutrons, using: &random))
  }

  /// Adds all particles of the shower at one station.
  ///
  /// `planeTime` is that of the plane front at the station [ns]; the last `signals(...)` of `field`
  /// must have been those of the station.
  func addShower(
    _ numbers: Numbers, _ signals: ShowerField.Signals, field: inout ShowerField,
    distance: Double, planeTime: Double, to trace: StationTrace, using random: inout CounterRandom
  ) {
    for _ in 0..<numbers.muons {
      let muon = field.muon(using: &random)
      add(
        response.muon(muon, using: &random),
        at: planeTime + muonDelayFactor * muon.delay, to: trace, using: &random)
    }
    let electronHits = field.response.hits(.electron, at: signals.place)
    for _ in 0..<numbers.decays {
      let muon = field.muon(using: &random)
      let delay =
        -Self.decayDelay * signals.photonArrival.median * VectorFunctions.log(random.uniform())
      add(
        electronHits.deposit(bits: UInt64(random.word()), normal: normal, using: &random),
        at: planeTime + muonDelayFactor * muon.delay + delay, to: trace, using: &random)
    }
    let hadronHits = field.response.hits(.hadron, at: signals.place)
    for _ in 0..<numbers.hadrons {
      let bits = UInt64(random.word())
      let delay = signals.hadronArrival.delay(normal: normal(bits))
      add(
        hadronHits.deposit(bits: bits >> 16, normal: normal, using: &random),
        at: planeTime + delay, to: trace, using: &random)
    }
    let scatter = delayScatter > 0 ? exp(delayScatter * random.normal()) : 1
    func addCascade(
      _ hits: ShowerResponse.Hits, _ count: Int?, _ part: ShowerField.Signals.Part,
      _ arrival: ArrivalTimes.Law
    ) {
      var arrival = arrival
      arrival.median *= scatter
      guard let count else {
        return addMany(
          hits, expected: part.hits * area, arrival: arrival, planeTime: planeTime,
          to: trace, using: &random)
      }
      for _ in 0..<count {
        let bits = UInt64(random.word())
        let delay = arrival.delay(normal: normal(bits))
        add(
          hits.deposit(bits: bits >> 16, normal: normal, using: &random), at: planeTime + delay,
          to: trace, using: &random)
      }
    }
    addCascade(
      field.response.hits(.photon, at: signals.place), numbers.photons, signals.photons,
      signals.photonArrival)
    addCascade(electronHits, numbers.electrons, signals.electrons, signals.electronArrival)
    for _ in 0..<numbers.neutrons {
      let delay =
        distance / Units.speedOfLight * (0.25 + random.gamma(shape: 1.5, scale: 0.6))
      add(response.neutron(using: &random), at: planeTime + delay, to: trace, using: &random)
    }
  }

  /// Hits of a component in numbers: a Poisson count a time bin, deposits from sums of their
  /// moments.
  private func addMany(
    _ hits: ShowerResponse.Hits, expected: Double, arrival: ArrivalTimes.Law, planeTime: Double,
    to trace: StationTrace, using random: inout CounterRandom
  ) {
    let moments = hits.moments
    let width = arrival.median < 150 ? 5.0 : 20.0
    // Less than 3e-7 of the particles come before the first edge.
    var edge =
      (arrival.median * exp(-5 * arrival.width) / width).rounded(.down) * width
    var below = arrival.cumulative(edge)
    while expected * (1 - below) > 0.5, edge < Self.latest {
      let next = arrival.cumulative(edge + width)
      let count = poissonCount(expected * (next - below), using: &random)
      if count < 16 {
        for _ in 0..<count {
          add(
            hits.deposit(bits: UInt64(random.word()), normal: normal, using: &random),
            at: planeTime + edge + width * random.uniform(), to: trace, using: &random)
        }
      } else {
        add(
          summed(count, moments, using: &random), at: planeTime + edge + 0.5 * width, to: trace,
          using: &random)
      }
      edge += width
      below = next
    }
    guard edge < Self.latest else { return }
    for _ in 0..<random.poisson(mean: expected * (1 - below)) {
      // The tail beyond the edge, exponential with its local slope.
      let slope = log(edge / arrival.median) / (arrival.width * arrival.width)
      let late = edge + random.exponential(mean: edge / max(slope, 1))
      add(
        hits.deposit(bits: UInt64(random.word()), normal: normal, using: &random),
        at: planeTime + late, to: trace, using: &random)
    }
  }

  /// Deposit of many hits: Gamma distributed in each layer (Wilson and Hilferty), correlated.
  private func summed(
    _ count: Int, _ moments: HitMoments, using random: inout CounterRandom
  ) -> ParticleResponse.Deposit {
    let upperVariance = moments.upperSquare - moments.upper * moments.upper
    let lowerVariance = moments.lowerSquare - moments.lower * moments.lower
    let covariance = moments.product - moments.upper * moments.lower
    let scale = (upperVariance * lowerVariance).squareRoot()
    let correlation = scale > 0 ? min(max(covariance / scale, -1), 1) : 0
    let bits = random.next()
    let (a, b) = (normal(bits), normal(bits >> 16))
    let second = correlation * a + (1 - correlation * correlation).squareRoot() * b
    func gamma(_ z: Double, _ mean: Double, _ variance: Double) -> Double {
      guard mean > 0, variance > 0 else { return 0 }
      let shape = Double(count) * mean * mean / variance
      let root = 1 - 1 / (9 * shape) + z / (9 * shape).squareRoot()
      return Double(count) * mean * max(root, 0) * root * root
    }
    return ParticleResponse.Deposit(
      upper: gamma(a, moments.upper, upperVariance),
      lower: gamma(second, moments.lower, lowerVariance))
  }

  /// Adds background to a range of time [ns].
  func addBackground(
    _ range: Range<Double>, to trace: StationTrace, using random: inout CounterRandom
  ) {
    let counts = backgroundCounts(range.upperBound - range.lowerBound, using: &random)
    addBackground(counts, range, to: trace, using: &random)
  }

  /// Numbers of background muons and of hits in one layer.
  struct Background {
    var muons = 0
    var singles = 0
  }

  /// Whether background may make a window: of two layers, a hit in one alone does not.
  func canTrigger(_ background: Background) -> Bool {
    background.muons > 0 || background.singles >= layerCount
  }

  /// Numbers of background muons and single-layer hits within a duration [ns], in a number of
  /// stations together.
  func backgroundCounts(
    _ duration: Double, stations: Int = 1, using random: inout CounterRandom
  ) -> Background {
    let exposure = Double(stations) * duration
    return Background(
      muons: random.poisson(mean: muonRate * exposure),
      singles: random.poisson(mean: singleRate * exposure))
  }

  func addBackground(
    _ counts: Background, _ range: Range<Double>, to trace: StationTrace,
    using random: inout CounterRandom
  ) {
    for _ in 0..<counts.muons {
      let time = random.uniform(range)
      add(response.backgroundMuon(using: &random), at: time, to: trace, using: &random)
    }
    for _ in 0..<counts.singles {
      let time = random.uniform(range)
      add(response.backgroundSingle(using: &random), at: time, to: trace, using: &random)
    }
  }

  /// Adds what a particle leaves, with photo-statistics.
  @inline(__always) func add(
    _ deposit: ParticleResponse.Deposit, at time: Double, to trace: StationTrace,
    using random: inout CounterRandom
  ) {
    let bits = UInt64(random.word())
    let charges = trace.charges.charges(
      depositScale * SIMD2(deposit.upper, deposit.lower),
      normals: SIMD2(normal(bits), normal(bits >> 16)), using: &random)
    trace.add(time: time, upper: charges.x, lower: charges.y)
  }

  /// Poisson number; normal above 1000, where the difference is below a thousandth.
  private func poissonCount(_ mean: Double, using random: inout CounterRandom) -> Int {
    guard mean > 1000 else { return random.poisson(mean: mean) }
    return max(Int((mean + mean.squareRoot() * random.normal()).rounded()), 0)
  }
}
