internal import Glibc
internal import ShowerModel

extension EventSimulator {
  /// Expected particles below which a station is left empty.
  private static let leastParticles = 0.01
  /// Range of background in stations near the shower [ns], about the plane front at the core. Holds
  /// every window that can be recorded, as triggers come within 20 us of it.
  static let nearBackground = -60_000.0..<65_000.0

  /// Stations that the shower reaches: particles, background, windows.
  func fillShower(_ truth: Truth, attempt: Int, in workspace: Workspace) {
    let settings = workspace.settings
    workspace.field.configuration = settings.configuration
    workspace.field.update(truth)
    let area = array.detector.stationArea
    let reach = workspace.field.reach(signal: Self.leastParticles / area)
    let axis = truth.shower.axis
    // The shower model's level ground lies above the plane z = 0 of the array.
    let groundUpstream =
      (muons.atmosphere.groundHeight - array.referenceAltitude) / axis.direction.vector.z
    for index in array.stations.indices where !workspace.isBusy[index] {
      let position = array.stations[index].position
      let distance = axis.distance(of: position)
      guard distance < reach else { continue }
      let planeDelay = axis.planeDelay(at: position)
      // The depth is that of the altitude: the Earth and its atmosphere are curved.
      let drop = array.frame.drop(x: position.x, y: position.y)
      let upstream =
        -planeDelay * Units.speedOfLight - groundUpstream + drop / axis.direction.vector.z
      let signals = workspace.field.signals(distance: distance, upstream: upstream)
      guard signals.total * area > Self.leastParticles else { continue }
      workspace.isBusy[index] = true
      var particleRandom = random(attempt, .particles, station: index)
      let numbers = settings.particles.numbers(
        signals, distance: distance, muonScale: truth.muonScale, using: &particleRandom)
      var backgroundRandom = random(attempt, .background, station: index)
      let background = settings.particles.backgroundCounts(
        Self.nearBackground.upperBound - Self.nearBackground.lowerBound, using: &backgroundRandom)
      guard !numbers.isZero || settings.particles.canTrigger(background) else { continue }
      let clock = beginStation(index, attempt: attempt, in: workspace)
      settings.particles.addShower(
        numbers, signals, field: &workspace.field, distance: distance, planeTime: planeDelay,
        to: workspace.trace, using: &particleRandom)
      settings.particles.addBackground(
        background, Self.nearBackground, to: workspace.trace, using: &backgroundRandom)
      readOut(
        index, clockError: clock, attempt: attempt,
        truth: HitTruth(
          muonSignal: signals.muonSignal, electromagneticSignal: signals.electromagneticSignal),
        in: workspace)
    }
  }

  /// Accidental windows of all other live stations within the time that is recorded.
  func fillBackground(around time: Double, attempt: Int, in workspace: Workspace) {
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
    var counts: [Int: StationParticles.Background] = [:]
    func station() -> Int { quiet[Int(random.uniform() * Double(quiet.count))] }
    for _ in 0..<total.muons { counts[station(), default: .init()].muons += 1 }
    for _ in 0..<total.singles { counts[station(), default: .init()].singles += 1 }
    for (index, counts) in counts.sorted(by: { $0.key < $1.key })
    where particles.canTrigger(counts) {
      let clock = beginStation(index, attempt: attempt, in: workspace)
      var backgroundRandom = self.random(attempt, .background, station: index)
      particles.addBackground(counts, range, to: workspace.trace, using: &backgroundRandom)
      readOut(
        index, clockError: clock, attempt: attempt,
        truth: HitTruth(muonSignal: 0, electromagneticSignal: 0), in: workspace)
    }
  }

  /// Empties the trace with the electronics of a station; returns the error of its clock [ns].
  func beginStation(_ index: Int, attempt: Int, in workspace: Workspace) -> Double {
    var electronicsRandom = random(attempt, .electronics, station: index)
    let settings = workspace.settings
    func electronics() -> LayerElectronics {
      LayerElectronics(
        settings.configuration, array.detector, normal: normal, using: &electronicsRandom)
    }
    var (upper, lower) = (electronics(), electronics())
    let bad = workspace.badLayers[index]
    if bad != array.detector.absentLayers {
      var random = random(attempt, .badLayers, station: index)
      let spread = settings.configuration.badLayerGainSpread
      let (upperFactor, lowerFactor) = (
        exp(spread * random.normal()), exp(spread * random.normal())
      )
      let noiseFactor = settings.configuration.badLayerNoiseFactor
      if bad.contains(.upper) { upper.spoil(gainFactor: upperFactor, noiseFactor: noiseFactor) }
      if bad.contains(.lower) { lower.spoil(gainFactor: lowerFactor, noiseFactor: noiseFactor) }
    }
    var clockRandom = random(attempt, .clock, station: index)
    workspace.trace.begin(
      upper: upper, lower: lower,
      clockPhase: array.detector.samplePeriod * clockRandom.uniform())
    return settings.configuration.timeJitter * clockRandom.normal()
  }

  func readOut(
    _ index: Int, clockError: Double, attempt: Int, truth: HitTruth, in workspace: Workspace
  ) {
    let trace = workspace.trace
    let length = configuration.windowSamples
    var counter = random(attempt, .noise, station: index)
    var noiseRandom = NoiseRandom(counter.next())
    trace.findWindows(length: length, using: &noiseRandom) { window in
      let start = trace.origin + trace.samplePeriod * Double(window.firstBin) + clockError
      let time = start + trace.samplePeriod * Double(StationTrace.preTriggerBins)
      workspace.windows.append(
        RecordedWindow(
          station: index, start: start, time: time, upper: trace.upper, lower: trace.lower,
          offset: workspace.samples.count, badLayers: workspace.badLayers[index], truth: truth))
      workspace.samples.append(
        contentsOf: trace.samples(layer: .upper, from: window.firstBin, count: length))
      if array.detector.layerCount == 2 {
        workspace.samples.append(
          contentsOf: trace.samples(layer: .lower, from: window.firstBin, count: length))
      }
      if window.passesStationTrigger {
        workspace.triggers.append(ArrayTrigger.StationTrigger(station: index, time: time))
      }
    }
  }
}

// MARK: - Stations that do not work

extension EventSimulator {
  /// Stations that do not work in the attempt.
  func deadStations(_ attempt: Int, fraction: Double) -> [Int] {
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

  /// Layers that the monitoring has excluded.
  func drawBadLayers(_ attempt: Int, in workspace: Workspace) {
    let absent = array.detector.absentLayers
    for index in workspace.badLayers.indices { workspace.badLayers[index] = absent }
    var random = random(attempt, .badLayers)
    let fraction = workspace.settings.configuration.badLayerFraction
    let layers = array.detector.layerCount
    for index in chosen(fraction, of: layers * array.stations.count, using: &random) {
      workspace.badLayers[index / layers].insert(index % layers == 0 ? .upper : .lower)
    }
  }
}
