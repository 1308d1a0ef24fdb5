internal import Glibc
public import ShowerModel

/// Places one shower of a CORSIKA file many times over an array, with new cores and azimuths.
///
/// Stations farther from the axis than `parametricRadius` see the dethinned particles of the
/// shower. Nearer stations see the parametric model. Its muons, its signal and its delays of
/// electrons and photons are scaled to the shower at that radius. Every throw is a function of the
/// seed and its number.
public struct CorsikaResampler: Sendable {
  public let simulator: EventSimulator
  /// The shower before it is placed: core and azimuth are zero.
  public let truth: Truth
  /// Number of the shower, made from CORSIKA's own numbers. It is the same in every file, and
  /// unlike those of parametric showers.
  public let showerID: Int
  /// Factor on the model's signal of electrons and photons inside the parametric radius.
  public let electromagneticFactor: Double
  /// True S800 [VEM/m2].
  public let signal800: Double
  /// Slant depth of the maximum [g/cm2]; NaN where it is not known.
  public let xmax: Double

  /// Expected signals below which a station is left empty [VEM].
  private static let leastSignal = 0.005
  /// Muon number of the models in use over that of QGSJETII-03, relative to which hadrons feed the
  /// cascade.
  private static let nominalMuonNumber = 1.25

  let shower: DethinnedShower
  private let muons: MuonTransport
  private let constants: ShowerConstants

  /// Scratch memory of one thread.
  public final class Workspace {
    fileprivate let event: EventSimulator.Workspace
    fileprivate var field: ShowerField

    fileprivate init(event: EventSimulator.Workspace, field: ShowerField) {
      self.event = event
      self.field = field
    }
  }

  /// - Parameters:
  ///   - shower: read from a file.
  ///   - primary: of it.
  ///   - simulator: of the detector, whose ground is the level of the shower.
  ///   - muons: transport in the atmosphere of the shower.
  ///   - constants: of the model.
  ///   - xmax: slant depth of the maximum [g/cm2]; NaN where it is not known.
  init(
    shower: DethinnedShower, primary: Primary, simulator: EventSimulator, muons: MuonTransport,
    constants: ShowerConstants, xmax: Double
  ) {
    self.shower = shower
    self.simulator = simulator
    self.muons = muons
    self.constants = constants
    self.xmax = xmax
    showerID = Self.identity(of: shower.header)
    let logEnergy =
      Units.logEnergyOfEeV + log10(shower.header.energy / CorsikaUnits.gigaelectronvolt)
    var truth = Truth(
      shower: Shower(
        logEnergy: logEnergy, zenith: shower.header.zenith, azimuth: 0, coreX: 0, coreY: 0,
        time: 0),
      primary: primary,
      xmax: xmax.isFinite ? xmax : Self.meanDepth(primary, logEnergy), muonScale: 1, delayScale: 1,
      parametricRadius: shower.innerRadius)
    var field = ShowerField(
      truth: truth, configuration: Self.configuration(simulator.configuration, factor: 1),
      constants: constants, muons: muons, response: simulator.folded)
    truth.muonScale = Self.fittedMuonScale(shower, &field)
    field.update(truth)
    electromagneticFactor = Self.fittedFactor(shower, &field)
    truth.delayScale = Self.fittedDelayScale(shower, &field)
    self.truth = truth
    field.configuration = Self.configuration(
      simulator.configuration, factor: electromagneticFactor)
    field.update(truth)
    signal800 = Self.signal800(shower, simulator, &field)
  }

  public func makeWorkspace() -> Workspace {
    Workspace(event: simulator.makeWorkspace(), field: makeField())
  }

  /// The model inside the parametric radius.
  func makeField() -> ShowerField {
    ShowerField(
      truth: truth,
      configuration: Self.configuration(
        simulator.configuration, factor: electromagneticFactor),
      constants: constants, muons: muons, response: simulator.folded)
  }

  /// The event of a throw with a number, nil where the array does not trigger.
  public func simulate(attempt: Int, in workspace: Workspace) -> Event? {
    let (azimuth, core) = simulator.place(attempt: attempt, zenith: truth.shower.zenith)
    var truth = truth
    truth.shower.azimuth = azimuth >= .pi ? -.pi : azimuth
    (truth.shower.coreX, truth.shower.coreY) = (core.x, core.y)
    workspace.field.update(truth)
    let axis = truth.shower.axis
    let (left, early) = (axis.direction.azimuthUnit, axis.direction.zenithUnit)
    // The level of the shower lies above the plane z = 0 of the array.
    let groundUpstream =
      (shower.ground.levelHeight - simulator.array.referenceAltitude) / shower.ground.cosZenith
    var coordinates = StationCoordinates(x: 0, y: 0, distance: 0, upstream: 0, planeDelay: 0)
    var signals = ShowerField.Signals()
    let event = simulator.simulate(truth, attempt: attempt, in: workspace.event) { position in
      let displacement = position - axis.core
      let across = (displacement * early).sum()
      let planeDelay = axis.planeDelay(at: position)
      let drop = simulator.array.frame.drop(x: position.x, y: position.y)
      coordinates = StationCoordinates(
        x: across / shower.ground.cosZenith, y: (displacement * left).sum(),
        distance: axis.distance(of: position),
        upstream: -planeDelay * Units.speedOfLight - groundUpstream
          + drop / shower.ground.cosZenith, planeDelay: planeDelay)
      guard coordinates.distance > shower.innerRadius else {
        signals = workspace.field.signals(
          distance: coordinates.distance, upstream: coordinates.upstream)
        return HitTruth(
          muonSignal: signals.muonSignal, electromagneticSignal: signals.electromagneticSignal)
      }
      guard coordinates.distance < Dethinning.outerRadius else { return nil }
      let (muons, others) = shower.expected(
        distance: coordinates.distance, upstream: shower.ground.upstream(coordinates.x))
      guard (muons + others) * shower.stationArea > Self.leastSignal else { return nil }
      return HitTruth(muonSignal: muons, electromagneticSignal: others)
    } filling: { station, random in
      guard coordinates.distance > shower.innerRadius else {
        let numbers = station.particles.numbers(
          signals, distance: coordinates.distance, muonScale: truth.muonScale, using: &random)
        station.particles.addShower(
          numbers, signals, field: &workspace.field, distance: coordinates.distance,
          planeTime: coordinates.planeDelay, to: station.trace, using: &random)
        return
      }
      shower.sample(x: coordinates.x, y: coordinates.y, using: &random) { arrival, random in
        station.particles.add(
          station.particles.response.deposit(of: arrival, using: &random),
          at: coordinates.planeDelay + arrival.delay, to: station.trace, using: &random)
      }
    }
    guard var event else { return nil }
    event.showerID = showerID
    event.truth?.signal800 = signal800
    event.truth?.xmax = xmax
    return event
  }

  /// Coordinates of a station relative to the axis of a throw.
  private struct StationCoordinates {
    /// On the ground of the shower, along the same line parallel to the axis [m].
    var x: Double
    var y: Double
    var distance: Double
    var upstream: Double
    /// Of the plane front behind the core [ns].
    var planeDelay: Double
  }
}

// MARK: - The model inside the parametric radius

extension CorsikaResampler {
  /// The user's detector with the nominal shower model and the muon number of today's models.
  private static func configuration(
    _ detector: SimulationConfiguration, factor: Double
  ) -> SimulationConfiguration {
    var configuration = detector
    configuration.drawn = [:]
    configuration.interactionModel = .qgsjetII03
    configuration.muonScaleFactor = nominalMuonNumber
    configuration.electromagneticFactor = factor
    return configuration
  }

  static func meanDepth(_ primary: Primary, _ logEnergy: Double) -> Double {
    primary == .photon
      ? DepthOfMaximum(photonWithLogEnergy: logEnergy).mean
      : DepthOfMaximum(
        nucleus: primary.massNumber, logEnergy: logEnergy, model: .qgsjetII04
      ).mean
  }

  private static let azimuths = 12

  /// Azimuthal mean of a quantity of the model at a distance from the axis.
  private static func mean(
    _ shower: DethinnedShower, _ field: inout ShowerField, distance r: Double,
    _ quantity: (ShowerField.Signals) -> Double
  ) -> Double {
    (0..<azimuths).reduce(0) { sum, index in
      let cosine = cos(2 * .pi * (Double(index) + 0.5) / Double(azimuths))
      let signals = field.signals(
        distance: r, upstream: r * shower.ground.tangent * cosine)
      return sum + quantity(signals) / Double(azimuths)
    }
  }

  /// R_mu that fits the muons per m2 of ground from the inner radius to 2 km best.
  private static func fittedMuonScale(
    _ shower: DethinnedShower, _ field: inout ShowerField
  ) -> Double {
    var (weights, sum) = (0.0, 0.0)
    for step in 0..<12 {
      let r = shower.innerRadius * pow(2000 / shower.innerRadius, (Double(step) + 0.5) / 12)
      let found = shower.profile.densities(at: r).muons
      let expected = mean(shower, &field, distance: r) { $0.muonDensity * $0.meanCosine }
      guard found > 0, expected > 0 else { continue }
      // Rings hold as many muons as their density times r^2.
      let weight = found * r * r
      weights += weight
      sum += weight * log(found / expected)
    }
    return weights > 0 ? exp(sum / weights) : 1
  }

  /// Factor on the cascade of the model that makes the signals agree just outside the inner radius.
  private static func fittedFactor(
    _ shower: DethinnedShower, _ field: inout ShowerField
  ) -> Double {
    var (found, others, cascade) = (0.0, 0.0, 0.0)
    for step in 0..<4 {
      let r = shower.innerRadius * (1.05 + 0.06 * Double(step))
      found += shower.profile.densities(at: r).otherSignal
      others += mean(shower, &field, distance: r) { $0.decays.signal + $0.hadrons.signal }
      cascade += mean(shower, &field, distance: r) { $0.photons.signal + $0.electrons.signal }
    }
    guard cascade > 0 else { return 1 }
    return min(max((found - others) / cascade, 0.1), 10)
  }

  /// Factor on the delays of the model's electrons and photons just outside the inner radius.
  private static func fittedDelayScale(
    _ shower: DethinnedShower, _ field: inout ShowerField
  ) -> Double {
    guard shower.seam.distance.isFinite, shower.seam.median > 0 else { return 1 }
    let model = mean(shower, &field, distance: shower.seam.distance) {
      log($0.photonArrival.median)
    }
    return min(max(shower.seam.median / exp(model), 0.3), 3)
  }

  /// True S800: the mean over draws of the multiplied shower 800 m from the axis, or the model's
  /// inside the parametric radius.
  private static func signal800(
    _ shower: DethinnedShower, _ simulator: EventSimulator, _ field: inout ShowerField
  ) -> Double {
    guard TrueSignal.distance > shower.innerRadius else {
      return TrueSignal.signal800(&field)
    }
    // As many particles as fall into 19,200 stations; the statistical error is some 0.3 % at 1 EeV.
    let (azimuths, area) = (64, 900.0)
    var sum = 0.0
    for index in 0..<azimuths {
      var random = CounterRandom(seed: 1, event: index, stream: .corsikaSignal800)
      let angle = 2 * .pi * (Double(index) + 0.5) / Double(azimuths)
      shower.sample(
        x: TrueSignal.distance * cos(angle) / shower.ground.cosZenith,
        y: TrueSignal.distance * sin(angle), area: area, using: &random
      ) { arrival, random in
        let deposit = simulator.response.deposit(of: arrival, using: &random)
        sum +=
          simulator.laws.layerCount == 1 ? deposit.upper : 0.5 * (deposit.upper + deposit.lower)
      }
    }
    return sum / simulator.laws.energyOfVEM / (Double(azimuths) * area)
  }

  /// A number above 2^52 from the words of the header (FNV-1a).
  private static func identity(of header: CorsikaEventHeader) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for word in 1...160 {
      hash = (hash ^ UInt64(header.words[word].bitPattern)) &* 0x100_0000_01b3
    }
    return Int(1 << 52 | hash & (1 << 52 - 1))
  }
}
