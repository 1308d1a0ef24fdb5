internal import Glibc
internal import ShowerModel
internal import ShowerSimulation

/// The model of one CORSIKA shower.
struct CorsikaModel {
  private static let azimuths = 16
  private static let delaysPerAzimuth = 800
  private var field: ShowerField
  private let zenith: Double
  private let ratios: ShowerConstants.DelayRatios
  private(set) var muonScale = 1.0

  init(
    _ shower: CorsikaShower, constants: ShowerConstants, muons: MuonTransport,
    response: FoldedResponse
  ) {
    // The muon number of the interaction model sets how much of it feeds the cascade.
    var configuration = SimulationConfiguration()
    configuration.interactionModel = .qgsjetII03
    configuration.muonScaleFactor = CorsikaComparison.modelMuonNumber
    var truth = Truth(
      shower: ShowerModel.Shower(
        logEnergy: Units.logEnergyOfEeV + log10(shower.energy), zenith: shower.zenith, azimuth: 0,
        coreX: 0, coreY: 0, time: 0),
      primary: shower.primary, xmax: shower.xmax, muonScale: 1)
    field = ShowerField(
      truth: truth, configuration: configuration, constants: constants, muons: muons,
      response: response)
    zenith = shower.zenith
    ratios = constants.delayRatios
    var (weights, sum) = (0.0, 0.0)
    for ring in shower.rings {
      let error = ring.muons.relativeError
      let w = 1 / (error * error + 0.02 * 0.02)
      weights += w
      sum += w * log(ring.muons.density / means(ring.distance).muons)
    }
    muonScale = exp(sum / weights)
    truth.muonScale = muonScale
    field.update(truth)
  }

  /// Cosines of the azimuths around the axis, of a half circle from the early side.
  private static let wholeRing = (0..<azimuths).map {
    cos((Double($0) + 0.5) / Double(azimuths) * .pi)
  }
  /// The same within 60 degrees of the early side.
  private static let earlySide = (0..<azimuths).map {
    cos((Double($0) + 0.5) / Double(azimuths) * .pi / 3)
  }

  private func upstream(_ distance: Double, _ cosine: Double) -> Double {
    distance * tan(zenith) * cosine
  }

  /// Means over azimuths.
  private struct Means {
    /// As they are counted on the ground, over cos theta.
    var muons = 0.0
    var photons = 0.0
    var electrons = 0.0
    /// [VEM/m2].
    var muonSignal = 0.0
    var photonSignal = 0.0
    var electronSignal = 0.0
    /// Of all particles.
    var totalSignal = 0.0
  }

  private mutating func means(_ distance: Double, cosines: [Double] = wholeRing) -> Means {
    var sum = Means()
    let share = 1 / Double(cosines.count)
    let cascade = field.cascade(distance: distance)
    sum.photons = cascade.photons
    sum.electrons = cascade.electrons
    for cosine in cosines {
      let signals = field.signals(distance: distance, upstream: upstream(distance, cosine))
      sum.muons += share * signals.muonDensity * signals.meanCosine / cos(zenith)
      sum.electrons += share * field.decayElectrons(signals)
      sum.muonSignal += share * signals.muons.signal
      sum.photonSignal += share * signals.photons.signal
      sum.electronSignal += share * (signals.electrons.signal + signals.decays.signal)
      sum.totalSignal += share * signals.total
    }
    return sum
  }

  typealias Value = (
    quantity: CorsikaComparison.Quantity, corsika: Double, error: Double, model: Double
  )

  mutating func values(
    _ ring: CorsikaShower.Ring, using random: inout CounterRandom
  ) -> [Value] {
    let means = means(ring.distance)
    let delays = delays(ring.distance, using: &random)
    typealias Quantity = CorsikaComparison.Quantity
    let components:
      [(
        component: CorsikaShower.Component, density: Quantity, signal: Quantity,
        times: [Quantity], model: (density: Double, signal: Double, delays: [Double]),
        ratios: [[Double]]?
      )] = [
        (
          ring.muons, .muonDensity, .muonSignal, [.muonT10, .muonT50, .muonT90],
          (means.muons, means.muonSignal, delays.muon), nil
        ),
        (
          ring.photons, .photonDensity, .photonSignal, [.photonT10, .photonT50, .photonT90],
          (means.photons, means.photonSignal, delays.photon), ratios.photon
        ),
        (
          ring.electrons, .electronDensity, .electronSignal,
          [.electronT10, .electronT50, .electronT90],
          (means.electrons, means.electronSignal, delays.electron), ratios.electron
        ),
      ]
    let total = ring.signal.map { signal in
      // Photons carry most of it.
      Value(.totalSignal, signal * cos(zenith), ring.photons.relativeError, means.totalSignal)
    }
    return components.flatMap { part -> [Value] in
      let own = part.component
      var values = [Value(part.density, own.density, own.relativeError, part.model.density)]
      if let deposit = own.deposit {
        let signal = own.density * cos(zenith) * deposit
        values.append(Value(part.signal, signal, own.relativeError, part.model.signal))
      }
      // A quantile scatters as the number of rows, a bit more than a mean.
      for (index, quantity) in part.times.enumerated() {
        let factor = part.ratios.map { ratio($0[index], distance: ring.distance) } ?? 1
        values.append(
          Value(
            quantity, own.delays[index] * factor, 1.3 * own.relativeError,
            part.model.delays[index]))
      }
      return values
    } + (total.map { [$0] } ?? [])
  }

  /// Delay of a signal over that of the number of particles.
  private func ratio(_ c: [Double], distance: Double) -> Double {
    let x = log(distance / 800)
    return exp(c[0] + c[1] * x + c[2] * x * x + c[3] * (1 / cos(zenith) - 1.1))
  }

  /// Early against late side of a ring.
  mutating func sides(
    _ ring: CorsikaShower.SideRing, using random: inout CounterRandom
  ) -> [(quantity: CorsikaComparison.SideQuantity, corsika: Double, error: Double, model: Double)] {
    let lateSide = Self.earlySide.map { -$0 }
    let (early, late) = (
      means(ring.distance, cosines: Self.earlySide), means(ring.distance, cosines: lateSide)
    )
    let earlyDelays = delays(ring.distance, cosines: Self.earlySide, using: &random)
    let lateDelays = delays(ring.distance, cosines: lateSide, using: &random)
    func asymmetry(_ e: Double, _ l: Double) -> Double { (e - l) / (e + l) }
    // The logarithm of a ratio of quantiles scatters as twice the asymmetry.
    let (muonError, error) = (2 * ring.muonAsymmetryError, 2 * ring.asymmetryError)
    return [
      (
        .muonAsymmetry, ring.muonAsymmetry, ring.muonAsymmetryError,
        asymmetry(early.muons, late.muons)
      ),
      (
        .electromagneticAsymmetry, ring.asymmetry, ring.asymmetryError,
        asymmetry(
          early.photonSignal + early.electronSignal, late.photonSignal + late.electronSignal)
      ),
      (
        .muonT50, ring.muonLogRatio, muonError, log(earlyDelays.muon[1] / lateDelays.muon[1])
      ),
      (
        .electromagneticT50, ring.logRatio, error,
        log(earlyDelays.both[1] / lateDelays.both[1])
      ),
    ]
  }

  /// t10, t50 and t90 [ns] of muons, and of the signals of photons, electrons and both.
  private struct Delays {
    var muon: [Double]
    var photon: [Double]
    var electron: [Double]
    var both: [Double]
  }

  /// Of sampled particles, those of each azimuth with the weight of its signal.
  private mutating func delays(
    _ distance: Double, cosines: [Double] = wholeRing, using random: inout CounterRandom
  ) -> Delays {
    var (muons, photons, electrons): ([(Double, Double)], [(Double, Double)], [(Double, Double)]) =
      ([], [], [])
    for cosine in cosines {
      let a = upstream(distance, cosine)
      let signals = field.signals(distance: distance, upstream: a)
      let pairs = signals.electrons.signal + signals.decays.signal
      for _ in 0..<Self.delaysPerAzimuth {
        let muon = field.muon(using: &random).delay
        muons.append((muon, signals.muonDensity * signals.meanCosine))
        photons.append(
          (signals.photonArrival.delay(normal: random.normal()), signals.photons.signal))
        let isDecay = random.uniform() * pairs < signals.decays.signal
        let delay =
          isDecay
          ? muon
            + random.exponential(mean: StationParticles.decayDelay * signals.photonArrival.median)
          : signals.electronArrival.delay(normal: random.normal())
        electrons.append((delay, pairs))
      }
    }
    return Delays(
      muon: Self.quantiles(muons), photon: Self.quantiles(photons),
      electron: Self.quantiles(electrons), both: Self.quantiles(photons + electrons))
  }

  private static func quantiles(_ values: [(Double, Double)]) -> [Double] {
    let sorted = values.sorted { $0.0 < $1.0 }
    let total = sorted.reduce(0) { $0 + $1.1 }
    return [0.1, 0.5, 0.9].map { fraction in
      var sum = 0.0
      return sorted.first {
        sum += $0.1
        return sum >= fraction * total
      }?.0 ?? .nan
    }
  }
}
