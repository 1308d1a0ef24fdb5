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
  private let photonField: PhotonField
  private let photonTimes: ArrivalTimes
  private let electronTimes: ArrivalTimes
  private let hadronTimes: ArrivalTimes
  private(set) var response: ShowerResponse
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
  /// Air density of the atmosphere over that of the fitted showers, and its logarithm.
  ///
  /// Distances in the cascade go with the Moliere radius, hence with 1/density.
  private let airDensity: Double
  private let logAirDensity: Double
  private var cosZenith = 1.0
  private var delayScale = 1.0
  /// X_g/cos theta - Xmax [g/cm2].
  private(set) var depthBeyondMaximum = 0.0

  package init(
    truth: Truth, configuration: SimulationConfiguration, constants: ShowerConstants,
    muons: MuonTransport, response: FoldedResponse
  ) {
    self.response = ShowerResponse(response)
    self.truth = truth
    self.configuration = configuration
    self.constants = constants
    self.muons = muons
    airDensity = muons.atmosphere.groundDensity / constants.photons.airDensity
    logAirDensity = log(airDensity)
    photonField = PhotonField(constants.photons)
    photonTimes = ArrivalTimes(constants.photons.delay)
    electronTimes = ArrivalTimes(constants.electrons.delay)
    hadronTimes = ArrivalTimes(constants.hadrons.delay)
    production = MuonProduction(constants: constants.muons, atmosphere: muons.atmosphere)
    update(truth)
  }

  /// Turns to another shower. Keeps its storage.
  package mutating func update(_ truth: Truth) {
    self.truth = truth
    let atmosphere = muons.atmosphere
    let energy = truth.shower.energy
    cosZenith = cos(truth.shower.zenith)
    response.update(cosZenith: cosZenith, bothOffset: configuration.bothLayersOffset)
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
      * pow(
        energyRatio,
        constants.photons.energyExponent + configuration.muonEnergyExponent
          - MuonNumber.energyExponent)
    // The reference field is that of a shower which has lost its own invisible energy already.
    let reference = configuration.invisibleEnergyFraction
    let invisible = reference * pow(energyRatio, -0.07)
    pureScale = energyRatio * max(1 - invisible * truth.muonScale, 0) / (1 - reference)
    tangent = tan(truth.shower.zenith)
    delayScale = truth.delayScale.isFinite ? truth.delayScale : 1
    depthBeyondMaximum = atmosphere.groundDepth / cosZenith - truth.xmax
  }

  /// Particles, hits and signals at one place, and what their arrival times need.
  package struct Signals {
    /// Muons per m2 of the shower plane.
    package var muonDensity = 0.0
    /// Mean cosine of the muons' zenith angle.
    package var meanCosine = 1.0
    /// What a component leaves in a station, per m2 of its horizontal area.
    package struct Part {
      package var hits = 0.0
      /// Mean of the layers [VEM/m2].
      package var signal = 0.0
    }
    package var muons = Part()
    package var hadrons = Part()
    package var photons = Part()
    /// Of the cascade.
    package var electrons = Part()
    /// From decaying muons.
    package var decays = Part()
    /// Delays behind the plane front.
    package var photonArrival = ArrivalTimes.Law(median: 4, width: 1)
    package var electronArrival = ArrivalTimes.Law(median: 4, width: 1)
    package var hadronArrival = ArrivalTimes.Law(median: 4, width: 1)
    /// Of the response.
    var place = ShowerResponse.Place()

    package init() {}

    package var muonSignal: Double { muons.signal }
    /// Of all but muons.
    package var electromagneticSignal: Double {
      photons.signal + electrons.signal + decays.signal + hadrons.signal
    }
    package var total: Double { muonSignal + electromagneticSignal }
  }

  /// Photons and electrons of the cascade per m2 of the shower plane, the mean over azimuths.
  package func cascade(distance r: Double) -> (photons: Double, electrons: Double) {
    cascade(logDistance: log(max(r, 30) / 800))
  }

  /// Electrons from decaying muons per m2 of the shower plane.
  package func decayElectrons(_ signals: Signals) -> Double {
    constants.electrons.perMuon * signals.muonDensity
  }

  private func cascade(logDistance: Double) -> (photons: Double, electrons: Double) {
    let x = logDistance + logAirDensity
    let exponential = VectorFunctions.exp(
      SIMD4(
        Float(
          max(
            photonField.logDensity(logDistance: x, depthBeyondMaximum: depthBeyondMaximum), -80)),
        Float(constants.photons.hadronicExponent * x),
        Float(
          polynomial(constants.electrons.logRatio, min(x, Self.farthestRatio))
            + constants.electrons.ratioPerDepth * (depthBeyondMaximum - 280) / 100), 0))
    let hadronicFraction = min(
      max(
        constants.photons.hadronicFraction * Double(exponential.y)
          + configuration.hadronicFractionOffset, 0.05), 0.65)
    let photons =
      configuration.electromagneticFactor * airDensity * airDensity * Double(exponential.x)
      * ((1 - hadronicFraction) * pureScale + hadronicFraction * hadronicScale)
    return (photons, photons * Double(exponential.z))
  }

  /// ln(r/800 m) beyond which electrons for one photon stay as they are: 2.2 km.
  private static let farthestRatio = 1.0116

  package mutating func signals(distance r: Double, upstream a: Double) -> Signals {
    var result = Signals()
    let field = muons.field(of: production, distance: r, upstream: a, rays: &rays)
    result.muonDensity = produced * field.density
    result.meanCosine = field.meanCosine
    let logDistance = VectorFunctions.log(max(r, 30) / 800)
    let (photons, electrons) = cascade(logDistance: logDistance)
    let slope = a / max(r, 30)
    let laws = (
      photonTimes.logLaw(
        logDistance: logDistance, slope: slope, depthBeyondMaximum: depthBeyondMaximum),
      electronTimes.logLaw(
        logDistance: logDistance, slope: slope, depthBeyondMaximum: depthBeyondMaximum),
      hadronTimes.logLaw(
        logDistance: logDistance, slope: slope, depthBeyondMaximum: depthBeyondMaximum)
    )
    let exponential = VectorFunctions.exp(
      SIMD4(
        Float(laws.0.logMedian), Float(laws.1.logMedian), Float(laws.2.logMedian),
        Float(polynomial(constants.hadrons.logPerMuon, min(logDistance, Self.farthestRatio)))))
    let asymmetries = Self.asymmetries(
      constants.photons.asymmetry, constants.electrons.asymmetry, upstream: a, most: r * tangent)
    let place = response.place(logDistance: logDistance)
    result.place = place
    func part(_ component: FoldedResponse.Component, _ onGround: Double) -> Signals.Part {
      let each = response.perParticle(component, at: place)
      return Signals.Part(hits: onGround * each.hits, signal: onGround * each.signal)
    }
    // Flat ground counts density times cosine.
    let muonsOnGround = result.muonDensity * result.meanCosine
    let eachMuon = response.perParticle(.muon, at: place)
    result.muons = Signals.Part(
      hits: muonsOnGround * eachMuon.hits, signal: result.muonDensity * eachMuon.signal)
    result.hadrons = part(.hadron, muonsOnGround * Double(exponential.w))
    result.decays = part(.electron, decayElectrons(result) * cosZenith)
    result.photons = part(.photon, photons * cosZenith * asymmetries.0)
    result.electrons = part(.electron, electrons * cosZenith * asymmetries.1)
    let delay = configuration.electromagneticDelayFactor * delayScale
    let width = configuration.electromagneticWidthFactor
    result.photonArrival = ArrivalTimes.Law(
      median: Double(exponential.x) * delay, width: laws.0.width * width)
    result.electronArrival = ArrivalTimes.Law(
      median: Double(exponential.y) * delay, width: laws.1.width * width)
    result.hadronArrival = ArrivalTimes.Law(median: Double(exponential.z), width: laws.2.width)
    return result
  }

  /// The azimuthal asymmetry of a signal, `exp(b(a))/(1 + b(m)^2/4)` with `b(a) = 0.32 tanh(slope
  /// a/0.32)`, at `upstream` = a [m], at most r tan theta = `most` [m].
  static func asymmetry(_ slope: Double, upstream a: Double, most: Double) -> Double {
    asymmetries(slope, slope, upstream: a, most: most).0
  }

  /// Of two slopes.
  @inline(__always) private static func asymmetries(
    _ first: Double, _ second: Double, upstream a: Double, most: Double
  ) -> (Double, Double) {
    let argument = SIMD4(
      Float(first * a), Float(second * a), Float(first * most), Float(second * most))
    // Beyond +-20 the hyperbolic tangent is 1.
    let held = VectorFunctions.smaller(
      VectorFunctions.larger(argument / 0.32, SIMD4(repeating: -20)), SIMD4(repeating: 20))
    let bend = 0.32 * (1 - 2 / (VectorFunctions.exp(2 * held) + 1))
    let rise = VectorFunctions.exp(bend)
    return (
      Double(rise.x / (1 + 0.25 * bend.z * bend.z)), Double(rise.y / (1 + 0.25 * bend.w * bend.w))
    )
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
