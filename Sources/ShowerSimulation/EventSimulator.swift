internal import Glibc
public import ShowerModel

/// Makes triggered events of an array, from the primary particle to FADC waveforms.
///
/// Every attempt is a pure function of the seed and its number: the same bytes in any order and on any
/// thread. One simulator serves all threads, with one `Workspace` each.
public struct EventSimulator: Sendable {
  public let configuration: SimulationConfiguration
  public let array: DetectorArray
  public let seed: UInt64

  /// Expected particles below which a station is left empty.
  private static let leastParticles = 0.01
  /// Range of background in stations near the shower [ns], about the plane front at the core. Holds
  /// every window that can be recorded, as triggers come within 20 us of it.
  private static let nearBackground = -60_000.0..<65_000.0

  private let sampling: PrimarySampling
  private let constants: ShowerConstants
  private let muons: MuonTransport
  private let normal: NormalTable
  private let nominal: AttemptSettings

  /// Independent uses of random numbers, part of the counter.
  private enum Stream: Int {
    case shower, deadStations, particles, electronics, clock, noise, background, settings, badLayers
  }

  /// A simulator with a seed. The transport table of the muons is made here if not given.
  ///
  /// - Throws: `SimulationConfigurationError`.
  public init(
    configuration: SimulationConfiguration, array: DetectorArray,
    constants: ShowerConstants, seed: UInt64, muons: MuonTransport? = nil
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
    nominal = AttemptSettings(
      configuration: configuration,
      particles: StationParticles(configuration: configuration, normal: normal),
      trueSignal: TrueSignal(configuration: configuration))
  }

  /// What the settings of one attempt make of it: the nominal ones, or those drawn for it.
  fileprivate struct AttemptSettings {
    let configuration: SimulationConfiguration
    let particles: StationParticles
    let trueSignal: TrueSignal
  }

  private func settings(_ attempt: Int) -> AttemptSettings {
    guard !configuration.drawn.isEmpty else { return nominal }
    let drawn = self.configuration(attempt: attempt)
    return AttemptSettings(
      configuration: drawn, particles: nominal.particles.with(drawn),
      trueSignal: TrueSignal(configuration: drawn))
  }

  /// The settings of an attempt, with those that are drawn for every shower.
  public func configuration(attempt: Int) -> SimulationConfiguration {
    guard !configuration.drawn.isEmpty else { return configuration }
    var random = random(attempt, .settings)
    return configuration.drawingSettings(using: &random)
  }

  private func random(_ attempt: Int, _ stream: Stream, station: Int = -1) -> CounterRandom {
    CounterRandom(seed: seed, event: attempt, station: station + 1, stream: stream.rawValue)
  }

  /// The shower of an attempt, triggered or not; its time is 0, that of the core, its S800 not known yet.
  public func draw(attempt: Int) -> Truth {
    var random = random(attempt, .shower)
    return sampling.draw(configuration(attempt: attempt), using: &random)
  }

  /// Scratch memory of one thread.
  public final class Workspace {
    fileprivate let trace: StationTrace
    fileprivate var field: ShowerField
    fileprivate var isBusy: [Bool]
    fileprivate var settings: AttemptSettings
    /// Of each station in the attempt.
    fileprivate var badLayers: [LayerSet]
    fileprivate var windows: [RecordedWindow] = []
    fileprivate var triggers: [ArrayTrigger.StationTrigger] = []
    fileprivate var samples: [UInt16] = []

    fileprivate init(
      trace: StationTrace, field: ShowerField, settings: AttemptSettings, stationCount: Int
    ) {
      self.trace = trace
      self.field = field
      self.settings = settings
      badLayers = [LayerSet](repeating: [], count: stationCount)
      isBusy = [Bool](repeating: false, count: stationCount)
    }
  }

  public func makeWorkspace() -> Workspace {
    Workspace(
      trace: StationTrace(noiseTable: normal),
      field: ShowerField(
        truth: draw(attempt: 0), configuration: configuration,
        constants: constants, muons: muons),
      settings: nominal, stationCount: array.stations.count)
  }

  /// One L0 window as a station would hold it in memory.
  fileprivate struct RecordedWindow {
    var station: Int
    /// Reported time of the first sample [ns].
    var start: Double
    /// Reported time of the L0 trigger [ns].
    var time: Double
    var upper: LayerElectronics
    var lower: LayerElectronics
    /// Offset of the samples of the upper layer; those of the lower follow.
    var offset: Int
    var badLayers: LayerSet
    var truth: HitTruth
  }

  /// The event of an attempt, nil where the array does not trigger. The primary is that of `draw`.
  ///
  /// Times count from the trigger of the event, rounded to 1 ns.
  public func simulate(attempt: Int, in workspace: Workspace) -> Event? {
    simulate(draw(attempt: attempt), attempt: attempt, in: workspace)
  }

  /// The same with a given shower, for studies. Only the rest of the attempt is random.
  public func simulate(_ truth: Truth, attempt: Int, in workspace: Workspace) -> Event? {
    let dead = begin(attempt, in: workspace)
    fillShower(truth, attempt: attempt, in: workspace)
    guard var event = end(attempt, truth: truth, dead: dead, in: workspace) else { return nil }
    event.truth?.signal800 = workspace.settings.trueSignal.signal800(&workspace.field)
    return event
  }

  /// Forgets the attempt before; returns the dead stations of this one.
  private func begin(_ attempt: Int, in workspace: Workspace) -> [Int] {
    workspace.settings = settings(attempt)
    let dead = deadStations(attempt, fraction: workspace.settings.configuration.deadFraction)
    drawBadLayers(attempt, in: workspace)
    workspace.windows.removeAll(keepingCapacity: true)
    workspace.triggers.removeAll(keepingCapacity: true)
    workspace.samples.removeAll(keepingCapacity: true)
    for index in workspace.isBusy.indices { workspace.isBusy[index] = false }
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
      truth: truth)
  }

  private func deadStations(_ attempt: Int, fraction: Double) -> [Int] {
    var random = random(attempt, .deadStations)
    return chosen(fraction, of: array.stations.count, using: &random)
  }

  /// Numbers below `count`, each with a probability, in order.
  private func chosen(
    _ fraction: Double, of count: Int, using random: inout CounterRandom
  ) -> [Int] {
    guard fraction > 0 else { return [] }
    var chosen: [Int] = []
    // Steps between them are geometric.
    let scale = 1 / log1p(-fraction)
    func step() -> Int { Int(min(log(random.uniform()) * scale, 1e9)) }
    var index = step()
    while index < count {
      chosen.append(index)
      index += 1 + step()
    }
    return chosen
  }

  private func drawBadLayers(_ attempt: Int, in workspace: Workspace) {
    for index in workspace.badLayers.indices { workspace.badLayers[index] = [] }
    var random = random(attempt, .badLayers)
    let fraction = workspace.settings.configuration.badLayerFraction
    for index in chosen(fraction, of: 2 * array.stations.count, using: &random) {
      workspace.badLayers[index / 2].insert(index % 2 == 0 ? .upper : .lower)
    }
  }

  /// Stations that the shower reaches: particles, background, windows.
  private func fillShower(_ truth: Truth, attempt: Int, in workspace: Workspace) {
    workspace.field.configuration = workspace.settings.configuration
    workspace.field.update(truth)
    let reach = workspace.field.reach(signal: Self.leastParticles / Units.stationArea)
    let axis = truth.shower.axis
    // The shower model's level ground lies above the plane z = 0 of the array.
    let groundUpstream =
      (muons.atmosphere.groundHeight - array.referenceAltitude) / axis.direction.vector.z
    for index in array.stations.indices where !workspace.isBusy[index] {
      let position = array.stations[index].position
      let distance = axis.distance(of: position)
      guard distance < reach else { continue }
      let planeDelay = axis.planeDelay(at: position)
      let upstream = -planeDelay * Units.speedOfLight - groundUpstream
      let signals = workspace.field.signals(distance: distance, upstream: upstream)
      guard signals.total * Units.stationArea > Self.leastParticles else { continue }
      workspace.isBusy[index] = true
      let clock = beginStation(index, attempt: attempt, in: workspace)
      var particleRandom = random(attempt, .particles, station: index)
      workspace.settings.particles.addShower(
        signals, field: workspace.field, distance: distance, upstream: upstream,
        planeTime: planeDelay, to: workspace.trace, using: &particleRandom)
      var backgroundRandom = random(attempt, .background, station: index)
      workspace.settings.particles.addBackground(
        Self.nearBackground, to: workspace.trace, using: &backgroundRandom)
      readOut(
        index, clockError: clock, attempt: attempt,
        truth: HitTruth(
          muonSignal: signals.muonSignal, electromagneticSignal: signals.electromagneticSignal),
        in: workspace)
    }
  }

  /// Accidental windows of all other live stations within the time that is recorded.
  private func fillBackground(around time: Double, attempt: Int, in workspace: Workspace) {
    let particles = workspace.settings.particles
    // Triggers come up to a few samples after the particle.
    let half = configuration.recordHalfWidth + 1000
    let range = time - half..<time + half
    let quiet = array.stations.indices.filter { !workspace.isBusy[$0] }
    guard !quiet.isEmpty else { return }
    // One Poisson number for all of them, spread evenly, is a Poisson number in each.
    var random = random(attempt, .background)
    let total = particles.backgroundCounts(
      range.upperBound - range.lowerBound, stations: quiet.count, using: &random)
    var counts: [Int: (muons: Int, singles: Int)] = [:]
    func station() -> Int { quiet[Int(random.uniform() * Double(quiet.count))] }
    for _ in 0..<total.muons { counts[station(), default: (0, 0)].muons += 1 }
    for _ in 0..<total.singles { counts[station(), default: (0, 0)].singles += 1 }
    // A hit in one layer alone triggers nothing.
    for (index, counts) in counts.sorted(by: { $0.key < $1.key })
    where counts.muons > 0 || counts.singles > 1 {
      let clock = beginStation(index, attempt: attempt, in: workspace)
      var backgroundRandom = self.random(attempt, .background, station: index)
      particles.addBackground(counts, range, to: workspace.trace, using: &backgroundRandom)
      readOut(
        index, clockError: clock, attempt: attempt,
        truth: HitTruth(muonSignal: 0, electromagneticSignal: 0), in: workspace)
    }
  }

  /// Empties the trace with the electronics of a station; returns the error of its clock [ns].
  private func beginStation(_ index: Int, attempt: Int, in workspace: Workspace) -> Double {
    var electronicsRandom = random(attempt, .electronics, station: index)
    let configuration = workspace.settings.configuration
    var upper = LayerElectronics(configuration, normal: normal, using: &electronicsRandom)
    var lower = LayerElectronics(configuration, normal: normal, using: &electronicsRandom)
    let bad = workspace.badLayers[index]
    if !bad.isEmpty {
      var random = random(attempt, .badLayers, station: index)
      let spread = configuration.badLayerGainSpread
      let (upperFactor, lowerFactor) = (
        exp(spread * random.normal()), exp(spread * random.normal())
      )
      let noiseFactor = configuration.badLayerNoiseFactor
      if bad.contains(.upper) { upper.spoil(gainFactor: upperFactor, noiseFactor: noiseFactor) }
      if bad.contains(.lower) { lower.spoil(gainFactor: lowerFactor, noiseFactor: noiseFactor) }
    }
    var clockRandom = random(attempt, .clock, station: index)
    workspace.trace.begin(
      upper: upper, lower: lower,
      clockPhase: Units.samplePeriod * clockRandom.uniform())
    return configuration.timeJitter * clockRandom.normal()
  }

  private func readOut(
    _ index: Int, clockError: Double, attempt: Int, truth: HitTruth, in workspace: Workspace
  ) {
    let trace = workspace.trace
    let length = configuration.windowSamples
    var counter = random(attempt, .noise, station: index)
    var noiseRandom = NoiseRandom(counter.next())
    trace.findWindows(length: length, using: &noiseRandom) { window in
      let start = trace.origin + Units.samplePeriod * Double(window.firstBin) + clockError
      let time = start + Units.samplePeriod * Double(StationTrace.preTriggerBins)
      workspace.windows.append(
        RecordedWindow(
          station: index, start: start, time: time, upper: trace.upper, lower: trace.lower,
          offset: workspace.samples.count, badLayers: workspace.badLayers[index], truth: truth))
      workspace.samples.append(
        contentsOf: trace.samples(layer: .upper, from: window.firstBin, count: length))
      workspace.samples.append(
        contentsOf: trace.samples(layer: .lower, from: window.firstBin, count: length))
      if window.passesStationTrigger {
        workspace.triggers.append(ArrayTrigger.StationTrigger(station: index, time: time))
      }
    }
  }

  /// Windows within the recorded time, by station and time.
  private func hits(
    of workspace: Workspace, around time: Double, clockZero: Double
  ) -> [Hit] {
    let length = configuration.windowSamples
    var recorded = workspace.windows.indices.filter {
      abs(workspace.windows[$0].time - time) < configuration.recordHalfWidth
    }
    // Windows of a station are in order of time already; a stable order needs the index.
    recorded.sort {
      (workspace.windows[$0].station, $0) < (workspace.windows[$1].station, $1)
    }
    return recorded.map { index in
      let window = workspace.windows[index]
      func waveform(_ layer: LayerElectronics, _ offset: Int) -> Waveform {
        Waveform(
          samples: Array(workspace.samples[offset..<offset + length]),
          pedestal: layer.monitoredPedestal, pedestalDeviation: layer.monitoredDeviation,
          countsPerVEM: layer.countsPerVEM)
      }
      return Hit(
        station: window.station, windowStart: window.start - clockZero,
        upper: waveform(window.upper, window.offset),
        lower: waveform(window.lower, window.offset + length), badLayers: window.badLayers,
        truth: window.truth)
    }
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

  /// The event of an attempt whose particles come from elsewhere than the model, nil where the array does not trigger.
  ///
  /// `expect` says what is expected at a place, nil where nothing is; `fill` adds the particles that reach a station.
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
      workspace.settings.particles.addBackground(
        Self.nearBackground, to: workspace.trace, using: &backgroundRandom)
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
