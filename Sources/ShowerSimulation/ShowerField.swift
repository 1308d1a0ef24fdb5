internal import Glibc
internal import ShowerModel

/// Expected signals of one shower at any place of the ground, by component.
///
/// Distances are to the axis; "upstream" is a = d.n from the core on the model's ground (1400 m).
struct ShowerField {
  private(set) var truth: Truth
  /// Of the shower; a new one counts from the next `update` on.
  var configuration: SimulationConfiguration
  private let constants: ShowerConstants
  private let electromagneticField: ElectromagneticField
  private let arrivalTimes: ArrivalTimes
  let muons: MuonTransport
  private(set) var production: MuonProduction
  /// Cumulative weights of the production bins at the station of the last `signals(...)`.
  private(set) var cumulative = [Double](repeating: 0, count: MuonProduction.levelCount)

  // Constants of the shower.
  private var produced = 0.0
  private var energyRatio = 0.0
  private var hadronicScale = 0.0
  private var pureScale = 0.0
  private var tangent = 0.0
  /// X_g/cos theta - Xmax [g/cm2].
  private(set) var depthBeyondMaximum = 0.0

  init(
    truth: Truth, configuration: SimulationConfiguration, constants: ShowerConstants,
    muons: MuonTransport
  ) {
    self.truth = truth
    self.configuration = configuration
    self.constants = constants
    self.muons = muons
    electromagneticField = ElectromagneticField(constants.electromagnetic)
    arrivalTimes = ArrivalTimes(constants.delay)
    production = MuonProduction(constants: constants.muons, atmosphere: muons.atmosphere)
    update(truth)
  }

  /// Turns to another shower. Keeps its storage.
  mutating func update(_ truth: Truth) {
    self.truth = truth
    let atmosphere = muons.atmosphere
    let energy = truth.shower.energy
    let cosZenith = cos(truth.shower.zenith)
    production.update(
      muonMaximum: truth.muonMaximum.isFinite
        ? truth.muonMaximum
        : constants.muons.meanMaximum(xmax: truth.xmax, primary: truth.primary),
      cosZenith: cosZenith)
    produced = MuonNumber.produced(
      energy: energy, muonScale: truth.muonScale, exponent: configuration.muonEnergyExponent,
      constants: constants.muons)
    energyRatio = energy / 10
    // Hadrons feed the cascade of every model alike: models differ in their muons.
    hadronicScale =
      truth.muonScale / configuration.nominalMuonNumber
      * pow(energyRatio, configuration.muonEnergyExponent)
    // The reference field is that of a shower which has lost its own invisible energy already.
    let reference = configuration.invisibleEnergyFraction
    let invisible = reference * pow(energyRatio, -0.07)
    pureScale = energyRatio * max(1 - invisible * truth.muonScale, 0) / (1 - reference)
    tangent = tan(truth.shower.zenith)
    depthBeyondMaximum = atmosphere.groundDepth / cosZenith - truth.xmax
  }

  /// Signals at one place [VEM/m2], and what their arrival times need.
  struct Signals {
    /// Muons per m2 of the shower plane.
    var muonDensity = 0.0
    /// Mean cosine of the muons' zenith angle.
    var meanCosine = 1.0
    /// Electrons from decaying muons.
    var decay = 0.0
    /// Electrons and photons of the electromagnetic cascade.
    var pure = 0.0
    /// Electrons and photons from hadrons.
    var hadronic = 0.0
    /// Delays of the electromagnetic cascade behind the plane front.
    var arrival = ArrivalTimes.Law(median: 4, width: 1)

    var muonSignal: Double { SignalUnits.muonVEM * muonDensity }
    var electromagneticSignal: Double { decay + pure + hadronic }
    var total: Double { muonSignal + electromagneticSignal }
  }

  mutating func signals(distance r: Double, upstream a: Double) -> Signals {
    var result = Signals()
    let field = muons.field(
      of: production, distance: r, upstream: a, cumulative: &cumulative)
    result.muonDensity = produced * field.density
    result.meanCosine = field.meanCosine
    result.decay = 0.20 * SignalUnits.muonVEM * result.muonDensity
    let reference =
      configuration.electromagneticFactor
      * electromagneticField.signal(distance: r, depthBeyondMaximum: depthBeyondMaximum)
    let hadronicFraction = min(
      max(
        constants.electromagnetic.hadronicFraction
          * pow(r / 800, constants.electromagnetic.hadronicExponent)
          + configuration.hadronicFractionOffset, 0.05), 0.65)
    let asymmetry = Self.asymmetry(upstream: a, most: r * tangent)
    result.pure = (1 - hadronicFraction) * reference * pureScale * asymmetry
    result.hadronic = hadronicFraction * reference * hadronicScale * asymmetry
    result.arrival = arrivalTimes.law(
      distance: r, upstream: a, depthBeyondMaximum: depthBeyondMaximum)
    result.arrival.median *=
      configuration.electromagneticDelayFactor
      * (truth.delayScale.isFinite ? truth.delayScale : 1)
    result.arrival.width *= configuration.electromagneticWidthFactor
    return result
  }

  /// `exp(x_a)/(1 + x_m^2/4)`, x = 0.32 tanh(0.105 a/(190 x 0.32)); a in m, positive early.
  @inline(__always) static func asymmetry(upstream a: Double, most: Double) -> Double {
    let x = 0.32 * tanh(0.105 * a / (190 * 0.32))
    let m = 0.32 * tanh(0.105 * most / (190 * 0.32))
    return exp(x) / (1 + 0.25 * m * m)
  }

  /// Distance beyond which the signal of a station stays below a limit [m].
  ///
  /// Sought on the early side, where signals are largest.
  mutating func reach(signal limit: Double) -> Double {
    var r = 8000.0
    let sine = sin(truth.shower.zenith)
    while r > 1000 {
      let next = r * 0.85
      if signals(distance: next, upstream: next * sine / max(cos(truth.shower.zenith), 0.3)).total
        > limit
      {
        return r
      }
      r = next
    }
    return r
  }

  /// One muon at the station of the last `signals(...)`.
  func muon(
    distance: Double, upstream: Double, using random: inout CounterRandom
  ) -> MuonTransport.Muon {
    muons.sample(
      of: production, distance: distance, upstream: upstream, cumulative: cumulative,
      using: &random)
  }
}

/// Mean signals of single particles [VEM in a layer].
enum SignalUnits {
  /// Of a muon, per unit of path.
  static let muonVEM = 1.17
  /// Of an electromagnetic hit.
  static let electromagneticHitVEM = 0.865
}
