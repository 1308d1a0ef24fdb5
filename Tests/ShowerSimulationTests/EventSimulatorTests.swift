import Foundation
import ShowerModel
import Testing

@_spi(Validation) @testable import ShowerSimulation

@Suite struct EventSimulatorTests {
  static func quiet() -> SimulationConfiguration {
    var configuration = SimulationConfiguration()
    configuration.backgroundMuonRate = 0
    configuration.backgroundSingleRate = 0
    configuration.deadFraction = 0
    configuration.badLayerFraction = 0
    configuration.coreArea = .centralCell
    return configuration
  }

  /// The first window of every station.
  func firstHits(_ event: Event) -> [Hit] {
    zip(event.hits.indices, event.hits).compactMap { index, hit in
      index > 0 && event.hits[index - 1].station == hit.station ? nil : hit
    }
  }

  @Test func sameEventsInAnyOrder() throws {
    let simulator = try TestSetup.simulator()
    let (forward, backward) = (simulator.makeWorkspace(), simulator.makeWorkspace())
    let first = (0..<12).map { simulator.simulate(attempt: $0, in: forward) }
    let second = (0..<12).reversed().map { simulator.simulate(attempt: $0, in: backward) }
    #expect(first == second.reversed())
    #expect(first.contains { $0 != nil })
    for (attempt, event) in first.enumerated() {
      guard let event else { continue }
      #expect(event.id == attempt && event.showerID == attempt)
      var drawn = simulator.draw(attempt: attempt)
      drawn.shower.time = event.truth?.shower.time ?? .nan
      drawn.signal800 = event.truth?.signal800 ?? .nan
      #expect(event.truth == drawn)
    }
    let other = try TestSetup.simulator(seed: 2)
    #expect(other.draw(attempt: 0) != simulator.draw(attempt: 0))
  }

  @Test func drawnShowersFollowTheConfiguration() throws {
    var configuration = SimulationConfiguration()
    configuration.primaryWeights = ["H": 3, "Fe": 1]
    let simulator = try TestSetup.simulator(configuration)
    let truths = (0..<8000).map { simulator.draw(attempt: $0) }
    let protons = truths.filter { $0.primary == .proton }.count
    #expect(abs(Double(protons) / 8000 - 0.75) < 0.02)
    #expect(truths.allSatisfy { $0.primary == .proton || $0.primary == .iron })
    // E^-1 is flat in log E; sin^2 theta is flat to 0.5.
    #expect(abs(mean(truths.map(\.shower.logEnergy)) - 19.25) < 0.03)
    let sine2 = truths.map { pow(sin($0.shower.zenith), 2) }
    #expect(abs(mean(sine2) - 0.25) < 0.007 && (sine2.max() ?? 1) <= 0.5)
    #expect(abs(mean(truths.map { cos($0.shower.azimuth) })) < 0.03)
    // The 9 x 9 cells of the grid.
    #expect(truths.allSatisfy { abs($0.shower.coreX) <= 5400 && abs($0.shower.coreY) <= 5400 })
    #expect(abs(deviation(truths.map(\.shower.coreX)) - 10_800 / 12.0.squareRoot()) < 60)

    configuration.spectralIndex = -3
    let steep = try TestSetup.simulator(configuration)
    let energies = (0..<4000).map { steep.draw(attempt: $0).shower.energy }
    // Half of E^-3 above E0 lies below sqrt(2) E0.
    #expect(abs(quantile(energies, 0.5) - 2.0.squareRoot()) < 0.04)
  }

  /// The axis is brought from the model's ground to the plane z = 0 of the array.
  @Test func coresOfAHighGround() throws {
    let low = DetectorArray.idealGrid(columns: 3, rows: 3, referenceAltitude: 1382)
    var configuration = SimulationConfiguration()
    configuration.coreArea = .centralCell
    let simulator = try TestSetup.simulator(configuration, array: low)
    for attempt in 0..<500 {
      let shower = simulator.draw(attempt: attempt).shower
      let n = shower.direction.vector
      let x = shower.coreX + 18 / n.z * n.x
      #expect(abs(x) <= 600.001)
    }
  }

  /// A shower from the east reaches the eastern stations first, by the speed of light.
  @Test func showerFromTheEastArrivesInTheEastFirst() throws {
    let simulator = try TestSetup.simulator(Self.quiet())
    let truth = TestSetup.truth(energy: 60, zenith: 40 * Units.degree, azimuth: 0)
    let event = try #require(
      simulator.simulate(truth, attempt: 1, in: simulator.makeWorkspace()))
    let shower = try #require(event.truth).shower
    var delays: [Double] = []
    for hit in firstHits(event) {
      let position = simulator.array.stations[hit.station].position
      let trigger = hit.windowStart + 30 * simulator.array.detector.samplePeriod
      let distance = shower.axis.distance(of: position)
      let delay = trigger - shower.time - shower.axis.planeDelay(at: position)
      if distance < 1300 { delays.append(delay) }
      // Nothing comes before the plane front, but for the clock's error.
      #expect(delay > -60, "\(distance) m")
    }
    #expect(delays.count >= 3)
    #expect(delays.allSatisfy { $0 < 600 })
    func start(column: Int) -> Double {
      let station = simulator.array.station(atColumn: column, row: 5)
      return event.hits.first { $0.station == station }?.windowStart ?? .nan
    }
    // Column 7 is 2400 m east of column 5: 2400 m sin 40 / c = 5.1 us earlier (curvature delays
    // it).
    #expect(start(column: 5) - start(column: 7) > 3500)
    #expect(start(column: 3) - start(column: 5) > 5100)
  }

  @Test func clockStartsAtTheTrigger() throws {
    let simulator = try TestSetup.simulator(Self.quiet())
    let workspace = simulator.makeWorkspace()
    let events = (0..<20).compactMap { simulator.simulate(attempt: $0, in: workspace) }
    #expect(events.count > 10)
    for event in events {
      let times = event.hits.map { $0.windowStart + 600 }
      #expect(times.allSatisfy { abs($0) < 32_000 })
      #expect(times.contains { abs($0) < 8000 })
      let order = zip(event.hits, event.hits.dropFirst())
      #expect(
        order.allSatisfy {
          ($0.station, $0.windowStart) < ($1.station, $1.windowStart)
        })
      for hit in event.hits {
        for waveform in [hit.upper, hit.lower] {
          #expect(waveform.samples.count == 128)
          #expect(abs(waveform.pedestal - 6) < 6)
          #expect(abs(waveform.pedestalDeviation - 0.28) < 0.05)
          #expect(abs(waveform.countsPerVEM / 39.4 - 1) < 0.6)
        }
      }
    }
  }

  /// The integrated waveforms give back the expected signals.
  @Test func waveformsHoldTheExpectedSignal() throws {
    var configuration = Self.quiet()
    configuration.minimumLogEnergy = 19.3
    configuration.maximumLogEnergy = 19.7
    configuration.windowSamples = 256
    let simulator = try TestSetup.simulator(configuration)
    let workspace = simulator.makeWorkspace()
    var (measured, expected) = (0.0, 0.0)
    for attempt in 0..<40 {
      guard let event = simulator.simulate(attempt: attempt, in: workspace) else { continue }
      for hit in event.hits {
        guard let truth = hit.truth else { continue }
        let signal = truth.muonSignal + truth.electromagneticSignal
        // Enough for a certain trigger, too little for the compression.
        guard signal > 5, signal < 100 else { continue }
        for waveform in [hit.upper, hit.lower] {
          let counts =
            waveform.samples.reduce(0.0) { $0 + Double($1) } - 256 * waveform.pedestal
          measured += counts / waveform.countsPerVEM / 6 / signal
        }
        // One station counts once, whatever the number of its windows.
        if event.hits.first(where: { $0.station == hit.station }) == hit { expected += 1 }
      }
    }
    #expect(expected > 60)
    // 3 % for calibration, Poisson and shower-free fluctuations of the mean.
    #expect(abs(measured / expected - 1) < 0.05, "\(measured / expected)")
  }

  @Test func largeSignalsSaturate() throws {
    let simulator = try TestSetup.simulator(Self.quiet())
    let truth = TestSetup.truth(energy: 100, zenith: 0, coreX: 60)
    let event = try #require(
      simulator.simulate(truth, attempt: 3, in: simulator.makeWorkspace()))
    let centre = simulator.array.station(atColumn: 5, row: 5)
    let hit = try #require(event.hits.first { $0.station == centre })
    #expect(hit.upper.samples.max() == 4095)
  }

  /// Fractions of triggered proton and iron showers in the middle of an array.
  @Test func triggerEfficiency() throws {
    func efficiency(_ energy: Double, attempts: Int) throws -> Double {
      var configuration = SimulationConfiguration()
      configuration.coreArea = .centralCell
      configuration.minimumLogEnergy = 18 + log10(energy)
      configuration.maximumLogEnergy = configuration.minimumLogEnergy
      let simulator = try TestSetup.simulator(configuration)
      let workspace = simulator.makeWorkspace()
      let triggered = (0..<attempts).filter {
        simulator.simulate(attempt: $0, in: workspace) != nil
      }
      return Double(triggered.count) / Double(attempts)
    }
    #expect(abs(try efficiency(1, attempts: 150) - 0.25) < 0.13)
    #expect(abs(try efficiency(3, attempts: 60) - 0.89) < 0.12)
    #expect(try efficiency(10, attempts: 30) == 1)
  }

  @Test func accidentalsComeAtTheBackgroundRate() throws {
    // 700 Hz of muons x 64 us x 225 stations are 10 a event; some fail the threshold in one layer.
    var configuration = SimulationConfiguration()
    configuration.deadFraction = 0
    configuration.badLayerFraction = 0
    configuration.coreArea = .centralCell
    configuration.minimumLogEnergy = 19
    configuration.maximumLogEnergy = 19
    let simulator = try TestSetup.simulator(
      configuration, array: .idealGrid(columns: 15, rows: 15))
    let workspace = simulator.makeWorkspace()
    var (accidentals, events) = (0.0, 0.0)
    for attempt in 0..<25 {
      guard let event = simulator.simulate(attempt: attempt, in: workspace) else { continue }
      events += 1
      let far = event.hits.filter {
        ($0.truth?.muonSignal ?? 0) + ($0.truth?.electromagneticSignal ?? 0) < 0.02
      }
      accidentals += Double(far.count)
    }
    // Of 225 stations, some 40 lie in the shower.
    #expect(accidentals / events > 6.5 && accidentals / events < 10.5, "\(accidentals / events)")
  }

  /// Background alone: L0 of single stations at about 700 Hz, and no event.
  @Test func backgroundRateOfL0() {
    let configuration = SimulationConfiguration()
    let normal = NormalTable()
    let particles = StationParticles(
      configuration: configuration, detector: .telescopeArray, laws: TestSetup.laws, normal: normal)
    let trace = StationTrace(noiseTable: normal, detector: .telescopeArray)
    var count = 0
    let runs = 3000
    for run in 0..<runs {
      var random = CounterRandom(seed: 4, event: run)
      trace.begin(
        upper: LayerElectronics(configuration, .telescopeArray, normal: normal, using: &random),
        lower: LayerElectronics(configuration, .telescopeArray, normal: normal, using: &random),
        clockPhase: 0)
      particles.addBackground(-50_000..<50_000, to: trace, using: &random)
      var noise = NoiseRandom(random.next())
      trace.findWindows(length: 128, using: &noise) { _ in count += 1 }
    }
    let rate = Double(count) / (Double(runs) * 100e-6)
    #expect(abs(rate - 690) < 150, "\(rate) Hz")
  }

  @Test func deadStationsStaySilent() throws {
    var configuration = Self.quiet()
    configuration.deadFraction = 0.3
    configuration.minimumLogEnergy = 19.9
    configuration.maximumLogEnergy = 19.9
    let simulator = try TestSetup.simulator(configuration)
    let workspace = simulator.makeWorkspace()
    var dead = 0
    for attempt in 0..<40 {
      guard let event = simulator.simulate(attempt: attempt, in: workspace) else { continue }
      dead += event.deadStations.count
      #expect(Set(event.hits.map(\.station)).isDisjoint(with: event.deadStations))
      #expect(event.deadStations == event.deadStations.sorted())
    }
    #expect(abs(Double(dead) / 40 / 81 - 0.3) < 0.05)
  }

  /// Bad layers are drawn, marked and off; nothing else of the event changes by them.
  @Test func badLayersAreMarkedAndOff() throws {
    var configuration = Self.quiet()
    configuration.minimumLogEnergy = 19.7
    configuration.maximumLogEnergy = 19.7
    configuration.gainSpread = 0
    configuration.calibrationError = 0
    configuration.pedestalSpread = 0
    let good = try TestSetup.simulator(configuration)
    configuration.badLayerFraction = 0.2
    let bad = try TestSetup.simulator(configuration)
    let (goodWorkspace, badWorkspace) = (good.makeWorkspace(), bad.makeWorkspace())
    var (marked, stations, unchanged) = (0, 0, 0)
    var (ratios, quiet, noisy): ([Double], [Double], [Double]) = ([], [], [])
    for attempt in 0..<90 {
      guard let reference = good.simulate(attempt: attempt, in: goodWorkspace),
        let event = bad.simulate(attempt: attempt, in: badWorkspace)
      else { continue }
      #expect(reference.hits.allSatisfy { $0.badLayers.isEmpty })
      #expect(event.truth?.shower.direction == reference.truth?.shower.direction)
      for hit in event.hits {
        stations += 1
        marked +=
          (hit.badLayers.contains(.upper) ? 1 : 0) + (hit.badLayers.contains(.lower) ? 1 : 0)
        guard
          let same = reference.hits.first(where: { $0.station == hit.station }),
          event.hits.count(where: { $0.station == hit.station }) == 1,
          reference.hits.count(where: { $0.station == hit.station }) == 1
        else { continue }
        if hit.badLayers.isEmpty {
          // The event's clock may have another zero.
          unchanged += hit.upper == same.upper && hit.lower == same.lower ? 1 : 0
        }
        for layer in hit.badLayers == .both ? [] : hit.goodLayers {
          #expect(hit[layer].pedestalDeviation == same[layer].pedestalDeviation)
          quiet.append(hit[layer].pedestalDeviation)
        }
        guard hit.badLayers == .upper, hit.upper.samples.max() ?? 0 < 2000 else { continue }
        noisy.append(hit.upper.pedestalDeviation)
        #expect(hit.upper.countsPerVEM == same.upper.countsPerVEM)
        func charge(_ waveform: Waveform) -> Double {
          waveform.samples.reduce(0) { $0 + Double($1) - waveform.pedestal }
        }
        if charge(same.upper) > 150 { ratios.append(log(charge(hit.upper) / charge(same.upper))) }
      }
    }
    #expect(stations > 900 && unchanged > 250)
    // Fewer than 0.2 of those with a window: a layer with a small gain makes no trigger.
    #expect(abs(Double(marked) / Double(2 * stations) - 0.19) < 0.025)
    #expect(ratios.count > 30 && abs(deviation(ratios) - 0.5) < 0.15, "\(deviation(ratios))")
    #expect(abs(mean(ratios)) < 0.25)
    // Noise of 1.5 instead of 0.75 counts, and rounding.
    #expect(
      abs(mean(noisy) / mean(quiet) - ((2.25 + 1.0 / 12) / (0.5625 + 1.0 / 12)).squareRoot()) < 0.05
    )
    let workspace = bad.makeWorkspace()
    let again = (0..<6).map { bad.simulate(attempt: $0, in: workspace) }
    #expect(
      (0..<6).reversed().map { bad.simulate(attempt: $0, in: badWorkspace) }.reversed() == again)
  }

  /// Windows of every length hold what came in their time, and no time twice.
  @Test(arguments: [128, 192, 256, 384, 512]) func windowsOfEveryLength(length: Int) throws {
    var configuration = Self.quiet()
    configuration.minimumLogEnergy = 19.5
    configuration.maximumLogEnergy = 19.5
    configuration.windowSamples = length
    let simulator = try TestSetup.simulator(configuration)
    let workspace = simulator.makeWorkspace()
    var (charge, expected, windows) = (0.0, 0.0, 0)
    for attempt in 0..<25 {
      guard let event = simulator.simulate(attempt: attempt, in: workspace) else { continue }
      for (index, hit) in event.hits.enumerated() {
        #expect(hit.upper.samples.count == length && hit.lower.samples.count == length)
        if index > 0, event.hits[index - 1].station == hit.station {
          let distance = (hit.windowStart - event.hits[index - 1].windowStart) / 20
          #expect(distance > Double(length) - 1e-6)
        }
        guard let truth = hit.truth else { continue }
        let signal = truth.muonSignal + truth.electromagneticSignal
        guard signal > 5, signal < 100 else { continue }
        windows += 1
        for layer in [hit.upper, hit.lower] {
          charge +=
            layer.samples.reduce(0) { $0 + Double($1) - layer.pedestal } / layer.countsPerVEM / 6
        }
        if index == 0 || event.hits[index - 1].station != hit.station { expected += signal }
      }
    }
    #expect(expected > 500)
    #expect(abs(charge / expected - 1) < 0.06, "\(charge / expected)")
    #expect(length > 128 || windows > 60)
  }

  /// L0 of a proton shower at 1 km: soon after the first particles, 110-250 ns behind the plane
  /// front.
  @Test func triggersFollowTheFirstParticles() throws {
    var configuration = Self.quiet()
    configuration.timeJitter = 0
    let array = DetectorArray.idealGrid(columns: 3, rows: 3, spacing: 1000)
    let simulator = try TestSetup.simulator(configuration, array: array)
    let workspace = simulator.makeWorkspace()
    for (theta, range) in [(10.0, 150.0..<350), (44, 80..<250)] {
      var delays: [Double] = []
      for attempt in 0..<30 {
        let truth = TestSetup.truth(
          energy: 10, zenith: theta * Units.degree, azimuth: Double(attempt), xmax: 793,
          muonScale: 1.15)
        guard let event = simulator.simulate(truth, attempt: attempt, in: workspace),
          let shower = event.truth?.shower
        else { continue }
        for hit in firstHits(event) {
          let position = array.stations[hit.station].position
          let r = shower.axis.distance(of: position)
          guard r > 850, r < 1100 else { continue }
          // The trigger comes one or two samples after the particle.
          delays.append(
            hit.windowStart + 600 - 30 - shower.time - shower.axis.planeDelay(at: position))
        }
      }
      #expect(delays.count > 40)
      #expect(range.contains(quantile(delays, 0.5)), "\(theta): \(quantile(delays, 0.5))")
    }
  }

  @Test func arrayTriggerNeedsThreeNeighbours() {
    let array = DetectorArray.idealGrid(columns: 4, rows: 4)
    func triggers(_ list: [(Int, Int, Double)]) -> [ArrayTrigger.StationTrigger] {
      list.map {
        ArrayTrigger.StationTrigger(
          station: array.station(atColumn: $0.0, row: $0.1) ?? 0, time: $0.2)
      }
    }
    func time(_ list: [(Int, Int, Double)]) -> Double? {
      ArrayTrigger.time(of: triggers(list), in: array)
    }
    #expect(time([(1, 1, 0), (2, 1, 300), (3, 1, 600)]) == 300)
    #expect(time([(1, 1, 0), (2, 1, 300), (2, 2, 600)]) == 300)
    // Diagonals, gaps and late ones do not count; nor does a station twice.
    #expect(time([(1, 1, 0), (2, 2, 300), (3, 3, 600)]) == nil)
    #expect(time([(1, 1, 0), (2, 1, 300), (4, 1, 600)]) == nil)
    #expect(time([(1, 1, 0), (2, 1, 300), (3, 1, 8100)]) == nil)
    #expect(time([(1, 1, 0), (1, 1, 3000), (2, 1, 300)]) == nil)
    // The first complete coincidence gives the time.
    #expect(
      time([(1, 1, 0), (2, 1, 300), (3, 1, 600), (4, 1, 90)].sorted { $0.2 < $1.2 }) == 300)
  }
}
