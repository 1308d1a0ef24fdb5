internal import Glibc
internal import ShowerModel

/// Fills the trace of a station with what arrives there: shower particles and background.
struct StationParticles: Sendable {
  /// Mean delay of decay electrons behind their muon, in medians of the cascade's.
  static let decayDelay = 0.15
  /// Delay beyond which nothing is recorded [ns].
  private static let latest = 60_000.0
  /// Electromagnetic hits up to which each is followed; above they are summed by time bins.
  private static let individualLimit = 300

  private var configuration: SimulationConfiguration
  private(set) var response: ParticleResponse
  private var moments: ElectromagneticMoments
  private let normal: NormalTable

  init(configuration: SimulationConfiguration, normal: NormalTable) {
    self.configuration = configuration
    self.normal = normal
    response = ParticleResponse(configuration, normal: normal)
    moments = ElectromagneticMoments(bothLayersFraction: configuration.bothLayersFraction)
  }

  /// The same with other settings; tables are shared.
  func with(_ configuration: SimulationConfiguration) -> StationParticles {
    var copy = self
    copy.configuration = configuration
    copy.response = ParticleResponse(configuration, normal: normal)
    copy.moments = ElectromagneticMoments(bothLayersFraction: configuration.bothLayersFraction)
    return copy
  }

  /// Adds all particles of the shower at one station.
  ///
  /// `planeTime` is that of the plane front at the station [ns]; the last `signals(...)` of `field` must
  /// have been those of the station.
  func addShower(
    _ signals: ShowerField.Signals, field: ShowerField, distance: Double, upstream: Double,
    planeTime: Double, to trace: StationTrace, using random: inout CounterRandom
  ) {
    let area = Units.stationArea
    let muonCount = poissonCount(
      signals.muonDensity * area * signals.meanCosine, using: &random)
    for _ in 0..<muonCount {
      let muon = field.muon(distance: distance, upstream: upstream, using: &random)
      add(
        response.muon(secant: muon.secant, using: &random),
        at: planeTime + configuration.muonDelayFactor * muon.delay,
        to: trace, using: &random)
    }
    let perSignal = area / SignalUnits.electromagneticHitVEM
    let decayCount = poissonCount(signals.decay * perSignal, using: &random)
    for _ in 0..<decayCount {
      let muon = field.muon(distance: distance, upstream: upstream, using: &random)
      let delay = random.exponential(mean: Self.decayDelay * signals.arrival.median)
      add(
        response.electromagnetic(using: &random),
        at: planeTime + configuration.muonDelayFactor * muon.delay + delay, to: trace,
        using: &random)
    }
    var arrival = signals.arrival
    if configuration.delayScatter > 0 {
      arrival.median *= exp(configuration.delayScatter * random.normal())
    }
    let expected = (signals.pure + signals.hadronic) * perSignal
    if expected <= Double(Self.individualLimit) {
      for _ in 0..<random.poisson(mean: expected) {
        let delay = arrival.delay(normal: normal(random.next()))
        add(
          response.electromagnetic(using: &random), at: planeTime + delay, to: trace, using: &random
        )
      }
    } else {
      addMany(
        expected: expected, arrival: arrival, planeTime: planeTime, to: trace, using: &random)
    }
    addNeutrons(
      signals, distance: distance, muonScale: field.truth.muonScale, planeTime: planeTime,
      to: trace, using: &random)
  }

  /// Electromagnetic hits in numbers: a Poisson count a time bin, deposits from sums of their moments.
  private func addMany(
    expected: Double, arrival: ArrivalTimes.Law, planeTime: Double, to trace: StationTrace,
    using random: inout CounterRandom
  ) {
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
            response.electromagnetic(using: &random),
            at: planeTime + edge + width * random.uniform(), to: trace, using: &random)
        }
      } else {
        add(
          summed(count, using: &random), at: planeTime + edge + 0.5 * width, to: trace,
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
        response.electromagnetic(using: &random), at: planeTime + late, to: trace, using: &random)
    }
  }

  /// Deposit of many hits: Gamma distributed in each layer (Wilson and Hilferty), correlated.
  private func summed(
    _ count: Int, using random: inout CounterRandom
  ) -> ParticleResponse.Deposit {
    let correlation = moments.covariance / moments.variance
    let bits = random.next()
    let (a, b) = (normal(bits), normal(bits >> 16))
    let second = correlation * a + (1 - correlation * correlation).squareRoot() * b
    let shape = Double(count) * moments.mean * moments.mean / moments.variance
    let total = Double(count) * moments.mean
    func gamma(_ z: Double) -> Double {
      let root = 1 - 1 / (9 * shape) + z / (9 * shape).squareRoot()
      return total * max(root, 0) * root * root
    }
    return ParticleResponse.Deposit(upper: gamma(a), lower: gamma(second))
  }

  /// Neutrons, late by `(r/c)(0.25 + Gamma(1.5, 0.6))`; rate uncertain by a factor 3.
  private func addNeutrons(
    _ signals: ShowerField.Signals, distance: Double, muonScale: Double, planeTime: Double,
    to trace: StationTrace, using random: inout CounterRandom
  ) {
    let expected =
      configuration.neutronRate * (signals.pure + signals.hadronic) * Units.stationArea
      * distance / 1000 * muonScale / 1.15
    for _ in 0..<poissonCount(expected, using: &random) {
      let delay =
        distance / Units.speedOfLight
        * (0.25 + random.gamma(shape: 1.5, scale: 0.6))
      add(response.neutron(using: &random), at: planeTime + delay, to: trace, using: &random)
    }
  }

  /// Adds background to a range of time [ns].
  func addBackground(
    _ range: Range<Double>, to trace: StationTrace, using random: inout CounterRandom
  ) {
    let counts = backgroundCounts(range.upperBound - range.lowerBound, using: &random)
    addBackground(counts, range, to: trace, using: &random)
  }

  /// Numbers of background muons and single-layer hits within a duration [ns], in a number of stations together.
  func backgroundCounts(
    _ duration: Double, stations: Int = 1, using random: inout CounterRandom
  ) -> (muons: Int, singles: Int) {
    let exposure = Double(stations) * duration * 1e-9
    return (
      random.poisson(mean: configuration.backgroundMuonRate * exposure),
      random.poisson(mean: configuration.backgroundSingleRate * exposure)
    )
  }

  func addBackground(
    _ counts: (muons: Int, singles: Int), _ range: Range<Double>, to trace: StationTrace,
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
    let bits = random.next()
    let upper = trace.upper.charge(
      deposit: deposit.upper, normal: normal(bits), using: &random)
    let lower = trace.lower.charge(
      deposit: deposit.lower, normal: normal(bits >> 16), using: &random)
    trace.add(time: time, upper: upper, lower: lower)
  }

  /// Poisson number; normal above 1000, where the difference is below a thousandth.
  private func poissonCount(_ mean: Double, using random: inout CounterRandom) -> Int {
    guard mean > 1000 else { return random.poisson(mean: mean) }
    return max(Int((mean + mean.squareRoot() * random.normal()).rounded()), 0)
  }
}
