internal import Glibc
public import ShowerModel

/// The model beside CORSIKA showers, ring by ring.
///
/// A shower is one fluctuation: its energy, zenith angle and Xmax are taken from CORSIKA, its muon number R_mu is that
/// which fits its muon densities best. The depth of muon production and the time scale are those of a mean shower.
public struct CorsikaComparison: Sendable {
  /// What is compared.
  public enum Quantity: String, Sendable, CaseIterable {
    case muonDensity = "muon density"
    case electromagneticSignal = "em signal"
    case muonT10 = "muon t10"
    case muonT50 = "muon t50"
    case muonT90 = "muon t90"
    case electromagneticT10 = "em t10"
    case electromagneticT50 = "em t50"
    case electromagneticT90 = "em t90"

    /// Largest deviation of the mean over showers that is accepted, relative.
    public var tolerance: Double {
      switch self {
      case .muonDensity, .electromagneticSignal, .muonT50, .electromagneticT50: 0.10
      case .muonT10, .muonT90, .electromagneticT10, .electromagneticT90: 0.15
      }
    }
  }

  /// One value of one ring.
  public struct Entry: Sendable {
    public var shower: String
    public var primary: Primary
    /// From the axis [m].
    public var distance: Double
    public var quantity: Quantity
    public var corsika: Double
    /// Statistical, relative: the thinning leaves few rows far from the core.
    public var relativeError: Double
    public var model: Double
    public var logRatio: Double { log(model / corsika) }
  }

  /// What is taken from each shower.
  public struct Shower: Sendable {
    public var name: String
    public var primary: Primary
    /// [EeV].
    public var energy: Double
    /// [rad].
    public var zenith: Double
    /// [g/cm2].
    public var xmax: Double
    /// Fitted R_mu, relative to a mean proton shower of QGSJETII-03.
    public var muonScale: Double
  }

  public let showers: [Shower]
  public let entries: [Entry]

  /// Muon number of Sibyll 2.3c, with which the showers were made, over that of QGSJETII-03.
  static let modelMuonNumber = 1.25

  /// R_mu of a mean shower of a primary in that model.
  public static func meanMuonScale(of primary: Primary) -> Double {
    modelMuonNumber * MuonNumber(primary: primary, model: .qgsjetII03).mean
  }

  public init(_ reference: [CorsikaShower], constants: ShowerConstants, seed: UInt64 = 1) {
    let muons = MuonTransport(constants: constants.muons, atmosphere: .usStandard)
    var showers: [Shower] = []
    var entries: [Entry] = []
    for (index, shower) in reference.enumerated() {
      var model = CorsikaModel(shower, constants: constants, muons: muons)
      showers.append(
        Shower(
          name: shower.name, primary: shower.primary, energy: shower.energy,
          zenith: shower.zenith, xmax: shower.xmax, muonScale: model.muonScale))
      for (number, ring) in shower.rings.enumerated() {
        var random = CounterRandom(seed: seed, event: index, station: number, stream: 110)
        for (quantity, corsika, error, value) in model.values(ring, using: &random) {
          entries.append(
            Entry(
              shower: shower.name, primary: shower.primary, distance: ring.distance,
              quantity: quantity, corsika: corsika, relativeError: error, model: value))
        }
      }
    }
    self.showers = showers
    self.entries = entries
  }

  /// Mean and root mean square of ln(model/CORSIKA) of some entries, weighted by their errors and 3 %.
  public static func summary(_ entries: [Entry]) -> (mean: Double, rms: Double) {
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
    // The muon number of the world sets what of it feeds the cascade.
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

  private func upstream(_ distance: Double, _ azimuth: Int) -> Double {
    distance * tan(zenith) * cos((Double(azimuth) + 0.5) / Double(Self.azimuths) * .pi)
  }

  /// Mean over the azimuths.
  private mutating func signals(
    _ distance: Double
  ) -> (muonDensity: Double, electromagneticSignal: Double) {
    var sum = (muonDensity: 0.0, electromagneticSignal: 0.0)
    for azimuth in 0..<Self.azimuths {
      let signals = field.signals(distance: distance, upstream: upstream(distance, azimuth))
      sum.muonDensity += signals.muonDensity / Double(Self.azimuths)
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

  /// t10, t50 and t90 of sampled particles [ns], those of each azimuth with the weight of its signal.
  private mutating func delays(
    _ distance: Double, using random: inout CounterRandom
  ) -> (muon: [Double], electromagnetic: [Double]) {
    var muons: [(Double, Double)] = []
    var others: [(Double, Double)] = []
    for azimuth in 0..<Self.azimuths {
      let a = upstream(distance, azimuth)
      let signals = field.signals(distance: distance, upstream: a)
      for _ in 0..<Self.delaysPerAzimuth {
        let muon = field.muon(distance: distance, upstream: a, using: &random).delay
        muons.append((muon, signals.muonDensity))
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
