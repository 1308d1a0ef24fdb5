internal import Glibc
package import ShowerModel
package import ShowerSimulation

/// The model beside CORSIKA showers, ring by ring.
///
/// A shower is one fluctuation. Its energy, zenith angle and Xmax are taken from CORSIKA. Its muon
/// number R_mu is the one that fits its muon densities best. The depth of muon production and the
/// time scale are those of a mean shower.
package struct CorsikaComparison: Sendable {
  /// What is compared.
  package enum Quantity: String, Sendable, CaseIterable {
    case muonDensity = "muon density"
    case electromagneticSignal = "em signal"
    case muonT10 = "muon t10"
    case muonT50 = "muon t50"
    case muonT90 = "muon t90"
    case electromagneticT10 = "em t10"
    case electromagneticT50 = "em t50"
    case electromagneticT90 = "em t90"

    /// Largest deviation of the mean over showers that is accepted, relative.
    package var tolerance: Double {
      switch self {
      case .muonDensity, .electromagneticSignal, .muonT50, .electromagneticT50: 0.10
      case .muonT10, .muonT90, .electromagneticT10, .electromagneticT90: 0.15
      }
    }
  }

  /// One value of one ring.
  package struct Entry: Sendable {
    package var shower: String
    package var primary: Primary
    /// From the axis [m].
    package var distance: Double
    package var quantity: Quantity
    package var corsika: Double
    /// Statistical, relative: the thinning leaves few rows far from the core.
    package var relativeError: Double
    package var model: Double
    package var logRatio: Double { log(model / corsika) }
  }

  /// What is taken from each shower.
  package struct Shower: Sendable {
    package var name: String
    package var primary: Primary
    /// [EeV].
    package var energy: Double
    /// [rad].
    package var zenith: Double
    /// [g/cm2].
    package var xmax: Double
    /// Fitted R_mu, relative to a mean proton shower of QGSJETII-03.
    package var muonScale: Double
  }

  /// Differences between early and late side, within 60 degrees of the plane of the axis.
  package enum SideQuantity: String, Sendable, CaseIterable {
    case muonAsymmetry = "muon (E-L)/(E+L)"
    case electromagneticAsymmetry = "em (E-L)/(E+L)"
    case muonT50 = "muon ln t50 E/L"
    case electromagneticT50 = "em ln t50 E/L"
  }

  /// One difference of one ring.
  package struct SideEntry: Sendable {
    package var shower: String
    package var primary: Primary
    /// From the axis [m].
    package var distance: Double
    package var quantity: SideQuantity
    package var corsika: Double
    /// Statistical.
    package var error: Double
    package var model: Double
  }

  package let showers: [Shower]
  package let entries: [Entry]
  /// Of the showers whose sides are known.
  package let sides: [SideEntry]

  /// Muon number of Sibyll 2.3c, with which the showers were made, over that of QGSJETII-03.
  static let modelMuonNumber = 1.25

  /// R_mu of a mean shower of a primary in that model.
  package static func meanMuonScale(of primary: Primary) -> Double {
    modelMuonNumber * MuonNumber(primary: primary, model: .qgsjetII03).mean
  }

  package init(_ reference: [CorsikaShower], constants: ShowerConstants, seed: UInt64 = 1) {
    let muons = MuonTransport(constants: constants.muons, atmosphere: .usStandard)
    var showers: [Shower] = []
    var entries: [Entry] = []
    var sides: [SideEntry] = []
    for (index, shower) in reference.enumerated() {
      var model = CorsikaModel(shower, constants: constants, muons: muons)
      showers.append(
        Shower(
          name: shower.name, primary: shower.primary, energy: shower.energy,
          zenith: shower.zenith, xmax: shower.xmax, muonScale: model.muonScale))
      for (number, ring) in shower.rings.enumerated() {
        var random = CounterRandom(
          seed: seed, event: index, station: number, stream: .corsikaRings)
        for (quantity, corsika, error, value) in model.values(ring, using: &random) {
          entries.append(
            Entry(
              shower: shower.name, primary: shower.primary, distance: ring.distance,
              quantity: quantity, corsika: corsika, relativeError: error, model: value))
        }
      }
      for (number, ring) in shower.sides.enumerated() {
        var random = CounterRandom(
          seed: seed, event: index, station: number, stream: .corsikaSides)
        for (quantity, corsika, error, value) in model.sides(ring, using: &random) {
          sides.append(
            SideEntry(
              shower: shower.name, primary: shower.primary, distance: ring.distance,
              quantity: quantity, corsika: corsika, error: error, model: value))
        }
      }
    }
    self.showers = showers
    self.entries = entries
    self.sides = sides
  }

  /// Mean difference model - CORSIKA, weighted by the errors, with its own error.
  package static func summary(_ sides: [SideEntry]) -> (mean: Double, error: Double) {
    let weights = sides.map { 1 / ($0.error * $0.error) }
    let sum = weights.reduce(0, +)
    let mean = zip(weights, sides).reduce(0) { $0 + $1.0 * ($1.1.model - $1.1.corsika) } / sum
    return (mean, 1 / sum.squareRoot())
  }

  /// Mean and root mean square of ln(model/CORSIKA) of some entries, weighted by their errors and 3
  /// %.
  package static func summary(_ entries: [Entry]) -> (mean: Double, rms: Double) {
    var (weights, first, second) = (0.0, 0.0, 0.0)
    for entry in entries {
      let w = 1 / (entry.relativeError * entry.relativeError + 0.03 * 0.03)
      weights += w
      first += w * entry.logRatio
      second += w * entry.logRatio * entry.logRatio
    }
    return (first / weights, (second / weights).squareRoot())
  }
}

/// The model of one CORSIKA shower.
private struct CorsikaModel {
  private static let azimuths = 16
  private static let delaysPerAzimuth = 800
  private var field: ShowerField
  private let zenith: Double
  private(set) var muonScale = 1.0

  init(_ shower: CorsikaShower, constants: ShowerConstants, muons: MuonTransport) {
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
      truth: truth, configuration: configuration, constants: constants, muons: muons)
    zenith = shower.zenith
    var (weights, sum) = (0.0, 0.0)
    for ring in shower.rings {
      let error = ring.muonDensity.relativeError
      let w = 1 / (error * error + 0.02 * 0.02)
      weights += w
      sum += w * log(ring.muonDensity.value / signals(ring.distance).muonDensity)
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

  /// Mean over azimuths; muons as they are counted on the ground, over cos theta.
  private mutating func signals(
    _ distance: Double, cosines: [Double] = wholeRing
  ) -> (muonDensity: Double, electromagneticSignal: Double) {
    var sum = (muonDensity: 0.0, electromagneticSignal: 0.0)
    for cosine in cosines {
      let signals = field.signals(distance: distance, upstream: upstream(distance, cosine))
      sum.muonDensity +=
        signals.muonDensity * signals.meanCosine / cos(zenith) / Double(Self.azimuths)
      sum.electromagneticSignal += signals.electromagneticSignal / Double(Self.azimuths)
    }
    return sum
  }

  typealias Value = (
    quantity: CorsikaComparison.Quantity, corsika: Double, error: Double, model: Double
  )

  mutating func values(
    _ ring: CorsikaShower.Ring, using random: inout CounterRandom
  ) -> [Value] {
    let means = signals(ring.distance)
    let delays = delays(ring.distance, using: &random)
    // A quantile scatters as the number of rows, a bit more than a mean.
    let muonError = 1.2 / max(ring.muonRows, 1).squareRoot()
    let error = 1.3 / max(ring.electromagneticRows, 1).squareRoot()
    let muonTimes = zip([.muonT10, .muonT50, .muonT90], ring.muonDelays).enumerated().map {
      Value($1.0, $1.1, muonError, delays.muon[$0])
    }
    let times = zip(
      [.electromagneticT10, .electromagneticT50, .electromagneticT90], ring.electromagneticDelays
    ).enumerated().map { Value($1.0, $1.1, error, delays.electromagnetic[$0]) }
    return [
      Value(
        .muonDensity, ring.muonDensity.value, ring.muonDensity.relativeError, means.muonDensity),
      Value(
        .electromagneticSignal, ring.electromagneticSignal.value,
        ring.electromagneticSignal.relativeError, means.electromagneticSignal),
    ] + muonTimes + times
  }

  /// Early against late side of a ring.
  mutating func sides(
    _ ring: CorsikaShower.SideRing, using random: inout CounterRandom
  ) -> [(quantity: CorsikaComparison.SideQuantity, corsika: Double, error: Double, model: Double)] {
    let lateSide = Self.earlySide.map { -$0 }
    let (early, late) = (
      signals(ring.distance, cosines: Self.earlySide), signals(ring.distance, cosines: lateSide)
    )
    let earlyDelays = delays(ring.distance, cosines: Self.earlySide, using: &random)
    let lateDelays = delays(ring.distance, cosines: lateSide, using: &random)
    func asymmetry(_ e: Double, _ l: Double) -> Double { (e - l) / (e + l) }
    // The logarithm of a ratio of quantiles scatters as twice the asymmetry.
    let (muonError, error) = (2 * ring.muonAsymmetryError, 2 * ring.asymmetryError)
    return [
      (
        .muonAsymmetry, ring.muonAsymmetry, ring.muonAsymmetryError,
        asymmetry(early.muonDensity, late.muonDensity)
      ),
      (
        .electromagneticAsymmetry, ring.asymmetry, ring.asymmetryError,
        asymmetry(early.electromagneticSignal, late.electromagneticSignal)
      ),
      (
        .muonT50, ring.muonLogRatio, muonError, log(earlyDelays.muon[1] / lateDelays.muon[1])
      ),
      (
        .electromagneticT50, ring.logRatio, error,
        log(earlyDelays.electromagnetic[1] / lateDelays.electromagnetic[1])
      ),
    ]
  }

  /// t10, t50 and t90 of sampled particles [ns], those of each azimuth with the weight of its
  /// signal.
  private mutating func delays(
    _ distance: Double, cosines: [Double] = wholeRing, using random: inout CounterRandom
  ) -> (muon: [Double], electromagnetic: [Double]) {
    var muons: [(Double, Double)] = []
    var others: [(Double, Double)] = []
    for cosine in cosines {
      let a = upstream(distance, cosine)
      let signals = field.signals(distance: distance, upstream: a)
      for _ in 0..<Self.delaysPerAzimuth {
        let muon = field.muon(using: &random).delay
        muons.append((muon, signals.muonDensity * signals.meanCosine))
        let isDecay = random.uniform() * signals.electromagneticSignal < signals.decay
        let delay =
          isDecay
          ? muon + random.exponential(mean: StationParticles.decayDelay * signals.arrival.median)
          : signals.arrival.delay(normal: random.normal())
        others.append((delay, signals.electromagneticSignal))
      }
    }
    return (Self.quantiles(muons), Self.quantiles(others))
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
