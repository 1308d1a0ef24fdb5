internal import Glibc
package import ShowerModel
@_spi(Validation) package import ShowerSimulation

/// Compares the simulation with the numbers it is meant to reproduce.
///
/// Every row states target, tolerance and what this program gives. Mean fields are those of proton
/// showers of QGSJETII-03, to which TA's energy scale refers. The trigger uses the nominal mixture.
/// The model has limits: mean fields follow few CORSIKA showers of two interaction models, and the
/// attenuation in the published energy tables. There is no structure within a shower and no
/// geomagnetic deflection. The model is unreliable below 200 m and beyond 2.5 km.
package struct SimulationValidation: Sendable {
  /// One compared quantity.
  package struct Row: Sendable {
    package var quantity: String
    /// Target with its source, in words.
    package var target: String
    /// What is accepted; nil where there is no stated tolerance.
    package var accepted: ClosedRange<Double>?
    package var value: Double

    /// "ok", "off", or "-" without a stated tolerance.
    package var verdict: String {
      guard let accepted else { return "-" }
      return accepted.contains(value) ? "ok" : "off"
    }

    init(_ quantity: String, _ target: Double, relative: Double, _ value: Double) {
      self.init(
        quantity, "\(target) +- \(relative * 100) %",
        target * (1 - relative)...target * (1 + relative), value)
    }

    init(_ quantity: String, _ target: Double, absolute: Double, _ value: Double) {
      self.init(
        quantity, "\(target) +- \(absolute)", target - absolute...target + absolute, value)
    }

    init(_ quantity: String, _ target: String, _ accepted: ClosedRange<Double>?, _ value: Double) {
      self.quantity = quantity
      self.target = target
      self.accepted = accepted
      self.value = value
    }
  }

  let constants: ShowerConstants
  let response: ResponseTable
  let laws: ParticleLaws
  let folded: FoldedResponse
  let muons: MuonTransport
  let seed: UInt64

  package init(constants: ShowerConstants, response: ResponseTable, seed: UInt64 = 1) {
    self.response = response
    laws = ParticleLaws(response)
    folded = FoldedResponse(laws, spectra: constants.spectra)
    self.constants = constants
    self.seed = seed
    muons = MuonTransport(constants: constants.muons)
  }

  /// All rows. Takes some seconds in a release build.
  package func rows() throws -> [Row] {
    depthRows() + signalRows() + muonRows() + timeRows() + detectorRows() + (try triggerRows())
  }

  /// Xmax of sampled showers, QGSJetII-04: published mean and rms, 1 g/cm2.
  private func depthRows() -> [Row] {
    let published: [(Primary, Double, Double, Double)] = [
      (.proton, 18, 739, 65), (.proton, 19, 793, 61), (.proton, 20, 848, 58),
      (.helium, 19, 758, 43), (.nitrogen, 19, 731, 33.5), (.iron, 18, 642, 23.5),
      (.iron, 19, 698, 22), (.iron, 20, 751, 21.5),
    ]
    return published.flatMap { primary, logEnergy, mean, deviation in
      var random = CounterRandom(
        seed: seed, event: primary.rawValue, station: Int(logEnergy), stream: .depthOfMaximum)
      let distribution = DepthOfMaximum(
        nucleus: primary.massNumber, logEnergy: logEnergy, model: .qgsjetII04)
      let values = (0..<60_000).map { _ in distribution.sample(using: &random) }
      let average = values.reduce(0, +) / Double(values.count)
      let square = values.reduce(0) { $0 + ($1 - average) * ($1 - average) }
      let name = "Xmax \(primary.symbol) lgE \(logEnergy)"
      return [
        Row("\(name) mean [g/cm2]", mean, absolute: 1, average),
        Row(
          "\(name) rms [g/cm2]", deviation, absolute: 1,
          (square / Double(values.count)).squareRoot()),
      ]
    }
  }

  /// A random shower of QGSJETII-03 with given energy [EeV] and zenith angle [rad].
  func shower(
    _ primary: Primary, energy: Double, zenith: Double, using random: inout CounterRandom
  ) -> Truth {
    let logEnergy = Units.logEnergyOfEeV + log10(energy)
    let distribution =
      primary == .photon
      ? DepthOfMaximum(photonWithLogEnergy: logEnergy)
      : DepthOfMaximum(
        nucleus: primary.massNumber, logEnergy: logEnergy, model: .qgsjetII03)
    let xmax = distribution.sample(using: &random)
    let muonScale = MuonNumber(primary: primary, model: .qgsjetII03).sample(
      depthPull: (xmax - distribution.mean) / distribution.deviation, correlation: -0.2,
      using: &random)
    return Truth(
      shower: Shower(
        logEnergy: logEnergy, zenith: zenith, azimuth: 0, coreX: 0, coreY: 0, time: 0),
      primary: primary, xmax: xmax, muonScale: muonScale,
      muonMaximum: constants.muons.meanMaximum(xmax: xmax, primary: primary)
        + constants.muons.productionFluctuation * random.normal(),
      delayScale: exp(constants.delayFluctuation * random.normal()))
  }

  /// The field of a shower of QGSJETII-03.
  func makeField(_ truth: Truth) -> ShowerField {
    var configuration = SimulationConfiguration()
    configuration.interactionModel = .qgsjetII03
    return ShowerField(
      truth: truth, configuration: configuration, constants: constants, muons: muons,
      response: folded)
  }

  private static func stream(of primary: Primary) -> RandomStream {
    switch primary {
    case .photon: .photonSignals
    case .proton: .protonSignals
    case .helium: .heliumSignals
    case .nitrogen: .nitrogenSignals
    case .iron: .ironSignals
    }
  }

  /// Mean signals of random showers at a distance [m], averaged over azimuths.
  ///
  /// `side` takes the cosine of the azimuth from the early side: all by default.
  func meanSignals(
    _ primary: Primary, energy: Double, zenith: Double, distance: Double, showers: Int = 400,
    side: ClosedRange<Double> = -1...1
  ) -> ShowerField.Signals {
    var random = CounterRandom(
      seed: seed, event: Int(1000 * energy), station: Int(zenith * 1000),
      stream: Self.stream(of: primary))
    var sum = ShowerField.Signals()
    var field = makeField(shower(primary, energy: energy, zenith: zenith, using: &random))
    let cosines = (0..<16).map { cos((Double($0) + 0.5) / 16 * .pi) }.filter(side.contains)
    let weight = 1 / Double(showers * cosines.count)
    for _ in 0..<showers {
      field.update(shower(primary, energy: energy, zenith: zenith, using: &random))
      for cosine in cosines {
        let signals = field.signals(
          distance: distance, upstream: distance * tan(zenith) * cosine)
        sum.muonDensity += weight * signals.muonDensity
        sum.muons.signal += weight * signals.muons.signal
        sum.hadrons.signal += weight * signals.hadrons.signal
        sum.photons.signal += weight * signals.photons.signal
        sum.electrons.signal += weight * signals.electrons.signal
        sum.decays.signal += weight * signals.decays.signal
      }
    }
    return sum
  }
}
