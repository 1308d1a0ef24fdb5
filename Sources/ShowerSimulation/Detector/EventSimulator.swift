internal import Glibc
public import ShowerModel

/// Makes triggered events of an array, from the primary particle to FADC waveforms.
///
/// Every attempt is a pure function of the seed and its number: the same bytes in any order and on
/// any thread. One simulator serves all threads, with one `Workspace` each. It never changes. It is
/// a class since copies of its many tables, one for every closure in its loops, cost a tenth of
/// the time.
public final class EventSimulator: Sendable {
  public let configuration: SimulationConfiguration
  public let array: DetectorArray
  public let seed: UInt64

  private let sampling: PrimarySampling
  let constants: ShowerConstants
  let muons: MuonTransport
  let normal: NormalTable
  /// What particles leave in a station, by the response table.
  let laws: ParticleLaws
  /// The same folded with the spectra of the shower model.
  let folded: FoldedResponse
  let nominal: AttemptSettings

  /// A simulator with a seed and the response of the array's stations. The transport table of the
  /// muons is made here if not given.
  ///
  /// - Throws: `SimulationConfigurationError`.
  public convenience init(
    configuration: SimulationConfiguration, array: DetectorArray,
    constants: ShowerConstants, response: ResponseTable, seed: UInt64, muons: MuonTransport? = nil
  ) throws {
    let laws = ParticleLaws(response)
    try self.init(
      configuration: configuration, array: array, constants: constants, laws: laws,
      folded: FoldedResponse(laws, spectra: constants.spectra), seed: seed, muons: muons)
  }

  /// The same with a response that several simulators share.
  init(
    configuration: SimulationConfiguration, array: DetectorArray, constants: ShowerConstants,
    laws: ParticleLaws, folded: FoldedResponse, seed: UInt64, muons: MuonTransport? = nil
  ) throws {
    try configuration.validate()
    guard ArrayTrigger.isPossible(in: array) else {
      throw SimulationConfigurationError(
        description:
          "array \(array.name): no station has two neighbours on the grid, so nothing triggers")
    }
    guard array.stations.count < Int(UInt16.max) else {
      throw SimulationConfigurationError(
        description: "array \(array.name): \(array.stations.count) stations, the most are 65534")
    }
    self.configuration = configuration
    self.array = array
    self.constants = constants
    self.seed = seed
    self.muons = muons ?? MuonTransport(constants: constants.muons)
    sampling = PrimarySampling(
      configuration: configuration, constants: constants, array: array,
      groundHeight: self.muons.atmosphere.groundHeight)
    normal = NormalTable()
    self.laws = laws
    self.folded = folded
    nominal = AttemptSettings(configuration, array.detector, laws: laws, normal: normal)
  }

  /// The settings of an attempt, with those that are drawn for every shower.
  public func configuration(attempt: Int) -> SimulationConfiguration {
    guard !configuration.drawn.isEmpty else { return configuration }
    var random = random(attempt, .detectorSettings)
    return configuration.drawingSettings(using: &random)
  }

  func random(_ attempt: Int, _ stream: RandomStream, station: Int = -1) -> CounterRandom {
    CounterRandom(seed: seed, event: attempt, station: station + 1, stream: stream)
  }

  /// The shower of an attempt, triggered or not; its time is 0, that of the core, its S800 not
  /// known yet.
  public func draw(attempt: Int) -> Truth {
    var random = random(attempt, .shower)
    return sampling.draw(configuration(attempt: attempt), using: &random)
  }

  /// The event of an attempt, nil where the array does not trigger. The primary is that of `draw`.
  ///
  /// Times count from the trigger of the event, rounded to 1 ns.
  public func simulate(attempt: Int, in workspace: Workspace) -> Event? {
    simulate(draw(attempt: attempt), attempt: attempt, in: workspace)
  }

  /// The same with a given shower, for studies. Only the rest of the attempt is random.
  package func simulate(_ truth: Truth, attempt: Int, in workspace: Workspace) -> Event? {
    let dead = begin(attempt, in: workspace)
    fillShower(truth, attempt: attempt, in: workspace)
    guard var event = end(attempt, truth: truth, dead: dead, in: workspace) else { return nil }
    event.truth?.signal800 = TrueSignal.signal800(&workspace.field)
    return event
  }

  /// Forgets the attempt before; returns the dead stations of this one.
  private func begin(_ attempt: Int, in workspace: Workspace) -> [Int] {
    workspace.begin(settings(attempt))
    let dead = deadStations(attempt, fraction: workspace.settings.configuration.deadFraction)
    drawBadLayers(attempt, in: workspace)
    for index in dead { workspace.isBusy[index] = true }
    return dead
  }

  /// The event that the filled stations make, nil where the array does not trigger.
  private func end(
    _ attempt: Int, truth: Truth, dead: [Int], in workspace: Workspace
  ) -> Event? {
    guard let eventTime = ArrayTrigger.time(of: workspace.triggers, in: array) else { return nil }
    fillBackground(around: eventTime, attempt: attempt, in: workspace)

    let clockZero = eventTime.rounded()
    var truth = truth
    truth.shower.time = -clockZero
    return Event(
      id: attempt, showerID: attempt,
      hits: hits(of: workspace, around: eventTime, clockZero: clockZero), deadStations: dead,
      truth: truth,
      accuracy: DetectorAccuracy(
        clockError: workspace.settings.configuration.timeJitter,
        calibrationError: workspace.settings.configuration.calibrationError))
  }
}

// MARK: - Showers from elsewhere

extension EventSimulator {
  /// What a station needs to be filled by a shower from elsewhere.
  struct EmptyStation {
    let position: Position
    let trace: StationTrace
    let particles: StationParticles
    /// Settings of the attempt.
    let configuration: SimulationConfiguration
  }

  /// The event of an attempt whose particles come from elsewhere than the model, nil where the
  /// array does not trigger.
  ///
  /// `expect` says what is expected at a place, nil where nothing is; `fill` adds the particles
  /// that reach a station.
  func simulate(
    _ truth: Truth, attempt: Int, in workspace: Workspace,
    expecting expect: (Position) -> HitTruth?,
    filling fill: (EmptyStation, inout CounterRandom) -> Void
  ) -> Event? {
    let dead = begin(attempt, in: workspace)
    for index in array.stations.indices where !workspace.isBusy[index] {
      guard let hitTruth = expect(array.stations[index].position) else { continue }
      workspace.isBusy[index] = true
      let clock = beginStation(index, attempt: attempt, in: workspace)
      var random = random(attempt, .particles, station: index)
      let station = EmptyStation(
        position: array.stations[index].position, trace: workspace.trace,
        particles: workspace.settings.particles, configuration: workspace.settings.configuration)
      fill(station, &random)
      var backgroundRandom = self.random(attempt, .background, station: index)
      let background = station.particles.backgroundCounts(
        Self.nearBackground.upperBound - Self.nearBackground.lowerBound, using: &backgroundRandom)
      station.particles.addBackground(
        background, Self.nearBackground, to: workspace.trace, using: &backgroundRandom)
      readOut(index, clockError: clock, attempt: attempt, truth: hitTruth, in: workspace)
    }
    return end(attempt, truth: truth, dead: dead, in: workspace)
  }

  /// What particles leave in the nominal detector.
  var response: ParticleResponse { nominal.particles.response }

  /// A core and an azimuth for a shower of a zenith angle, from the random numbers of an attempt.
  func place(attempt: Int, zenith: Double) -> (azimuth: Double, core: Position) {
    var random = random(attempt, .shower)
    return sampling.place(configuration(attempt: attempt), zenith: zenith, using: &random)
  }
}
