internal import Glibc
package import ShowerModel

/// Expected signals of one shower at any place of the ground, by component.
///
/// Distances are to the axis; "upstream" is a = d.n from the core on the model's ground (1400 m).
package struct ShowerField {
  private(set) var truth: Truth
  /// Of the shower; a new one counts from the next `update` on.
  package var configuration: SimulationConfiguration
  private let constants: ShowerConstants
  private let electromagneticField: ElectromagneticField
  private let arrivalTimes: ArrivalTimes
  let muons: MuonTransport
  private(set) var production: MuonProduction
  /// Of the muons at the station of the last `signals(...)`.
  private var rays = MuonRays()

  // Constants of the shower.
  private var produced = 0.0
  private var energyRatio = 0.0
  private var hadronicScale = 0.0
  private var pureScale = 0.0
  private var tangent = 0.0
  private var delayScale = 1.0
  /// X_g/cos theta - Xmax [g/cm2].
  private(set) var depthBeyondMaximum = 0.0

  package init(
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
  package mutating func update(_ truth: Truth) {
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
    delayScale = truth.delayScale.isFinite ? truth.delayScale : 1
    depthBeyondMaximum = atmosphere.groundDepth / cosZenith - truth.xmax
  }

  /// Signals at one place [VEM/m2], and what their arrival times need.
  package struct Signals {
    /// Muons per m2 of the shower plane.
    package var muonDensity = 0.0
    /// Mean cosine of the muons' zenith angle.
    package var meanCosine = 1.0
    /// Electrons from decaying muons.
    package var decay = 0.0
    /// Electrons and photons of the electromagnetic cascade.
    package var pure = 0.0
    /// Electrons and photons from hadrons.
    package var hadronic = 0.0
    /// Delays of the electromagnetic cascade behind the plane front.
    package var arrival = ArrivalTimes.Law(median: 4, width: 1)

    package init() {}

    package var muonSignal: Double { SignalUnits.muonVEM * muonDensity }
    package var electromagneticSignal: Double { decay + pure + hadronic }
    package var total: Double { muonSignal + electromagneticSignal }
  }

  package mutating func signals(distance r: Double, upstream a: Double) -> Signals {
    var result = Signals()
    let field = muons.field(of: production, distance: r, upstream: a, rays: &rays)
    result.muonDensity = produced * field.density
    result.meanCosine = field.meanCosine
    result.decay = 0.20 * SignalUnits.muonVEM * result.muonDensity
    let logDistance = log(max(r, 30) / 800)
    let law = arrivalTimes.logLaw(
      logDistance: logDistance, upstream: a, depthBeyondMaximum: depthBeyondMaximum)
    let tanh = Self.hyperbolicTangents(Self.slope * a, Self.slope * r * tangent)
    let (x, m) = (0.32 * tanh.0, 0.32 * tanh.1)
    let exponential = VectorFunctions.exp(
      SIMD4(
        Float(
          max(
            electromagneticField.logSignal(
              logDistance: logDistance, depthBeyondMaximum: depthBeyondMaximum), -80)),
        Float(constants.electromagnetic.hadronicExponent * logDistance), Float(x),
        Float(law.logMedian)))
    let reference = configuration.electromagneticFactor * Double(exponential.x)
    let hadronicFraction = min(
      max(
        constants.electromagnetic.hadronicFraction * Double(exponential.y)
          + configuration.hadronicFractionOffset, 0.05), 0.65)
    let asymmetry = Double(exponential.z) / (1 + 0.25 * m * m)
    result.pure = (1 - hadronicFraction) * reference * pureScale * asymmetry
    result.hadronic = hadronicFraction * reference * hadronicScale * asymmetry
    result.arrival = ArrivalTimes.Law(
      median: Double(exponential.w) * configuration.electromagneticDelayFactor * delayScale,
      width: law.width * configuration.electromagneticWidthFactor)
    return result
  }

  /// Of the asymmetry `exp(x_a)/(1 + x_m^2/4)`, x = 0.32 tanh(0.105 a/(190 x 0.32)); a in m,
  /// positive early.
  private static let slope = 0.105 / (190 * 0.32)

  /// The azimuthal asymmetry of electrons and photons at `upstream` = a [m], at most r tan theta =
  /// `most` [m].
  static func asymmetry(upstream a: Double, most: Double) -> Double {
    let (x, m) = (0.32 * tanh(slope * a), 0.32 * tanh(slope * most))
    return exp(x) / (1 + 0.25 * m * m)
  }

  /// tanh of two numbers.
  @inline(__always) private static func hyperbolicTangents(
    _ a: Double, _ b: Double
  ) -> (Double, Double) {
    // Beyond +-20 it is 1.
    let held = SIMD4(Float(min(max(a, -20), 20)), Float(min(max(b, -20), 20)), 0, 0)
    let tangent = 1 - 2 / (VectorFunctions.exp(2 * held) + 1)
    return (Double(tangent.x), Double(tangent.y))
  }

  /// Distance beyond which the signal of a station stays below a limit [m], to 15 %.
  ///
  /// Sought on the early side, where signals are largest.
  mutating func reach(signal limit: Double) -> Double {
    let slope = sin(truth.shower.zenith) / max(cos(truth.shower.zenith), 0.3)
    func isAbove(_ step: Int) -> Bool {
      let r = Self.farthest * Self.reachSteps[step]
      return signals(distance: r, upstream: r * slope).total > limit
    }
    // The signal falls with the distance: by halves to the first step that is above.
    var (low, high) = (0, Self.reachSteps.count - 1)
    while low + 1 < high {
      let middle = (low + high) / 2
      if isAbove(middle) { high = middle } else { low = middle }
    }
    return Self.farthest * Self.reachSteps[low]
  }

  private static let farthest = 8000.0
  /// Distances of the search in units of the farthest, down to 1 km.
  private static let reachSteps = (0...13).map { pow(0.85, Double($0)) }

  /// One muon at the station of the last `signals(...)`.
  package func muon(using random: inout CounterRandom) -> MuonTransport.Muon {
    muons.sample(of: production, rays: rays, using: &random)
  }
}

/// Mean signals of single particles [VEM in a layer].
package enum SignalUnits {
  /// Of a muon, per unit of path.
  package static let muonVEM = 1.17
  /// Of an electromagnetic hit.
  package static let electromagneticHitVEM = 0.865
}
