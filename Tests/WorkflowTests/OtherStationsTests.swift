import Foundation
import ShowerModel
import ShowerSimulation
import StandardReconstruction
import Testing

/// Arrays of other stations than those of the Telescope Array, from the shower to the fit.
@Suite struct OtherStationsTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static let seed: UInt64 = 6
  private static let attempts = 0..<60

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: repository.appending(path: path), encoding: .utf8)
  }

  /// A small array; `change` makes its stations others.
  private static func array(
    _ change: (inout DetectorDescription) -> Void = { _ in }
  ) -> DetectorArray {
    let grid = DetectorArray.idealGrid(columns: 9, rows: 9)
    var detector = grid.detector
    change(&detector)
    return DetectorArray(
      name: grid.name, spacing: grid.spacing, referenceAltitude: grid.referenceAltitude,
      stations: grid.stations, detector: detector)
  }

  private static let muons = Result {
    let constants = try ShowerConstants(
      parsing: text("tables/simulation/shower-model.json"), file: "shower-model.json")
    let name = "tables/detectors/telescope-array.csv"
    let response = try ResponseTable(parsing: text(name), file: name)
    return (constants, MuonTransport(constants: constants.muons), response)
  }

  /// Events of the same showers, whatever the stations are: 10 to 30 EeV in the central cell.
  private static func events(
    of array: DetectorArray, _ change: (inout SimulationConfiguration) -> Void = { _ in }
  ) throws -> [Event] {
    let (constants, transport, response) = try muons.get()
    var configuration = SimulationConfiguration()
    configuration.coreArea = .centralCell
    (configuration.minimumLogEnergy, configuration.maximumLogEnergy) = (19, 19.5)
    change(&configuration)
    let simulator = try EventSimulator(
      configuration: configuration, array: array, constants: constants, response: response,
      seed: seed, muons: transport)
    let workspace = simulator.makeWorkspace()
    return attempts.compactMap { simulator.simulate(attempt: $0, in: workspace) }
  }

  private static let usual = Result { try events(of: array()) }

  private static func fit(_ array: DetectorArray) throws -> StandardFit {
    let name = "tables/energy/telescope-array-simulated.csv"
    return StandardFit(array: array, energyTable: try EnergyTable(parsing: text(name), name: name))
  }

  private typealias Made = (result: StandardResult, stations: [StationSignal])

  private static func reconstructed(
    _ events: [Event], _ array: DetectorArray
  ) throws -> [Int: Made] {
    let fit = try fit(array)
    let good = events.map { ($0.id, fit.reconstruct($0)) }.filter { $0.1.result.status == .good }
    return Dictionary(uniqueKeysWithValues: good)
  }

  private func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  /// Root of the mean square.
  private func size(_ values: [Double]) -> Double { mean(values.map { $0 * $0 }).squareRoot() }

  /// Every sample cut into two: the charge, the times and the noise stay as they were.
  @Test func samplesCutIntoHalvesMakeTheSameFit() throws {
    let events = try Self.usual.get()
    let fine = Self.array {
      $0.samplePeriod = 10
      $0.fullScale = 2047
      $0.linearLimit = 1000
    }
    let halves = events.map { event in
      func halved(_ waveform: Waveform) -> Waveform {
        Waveform(
          samples: waveform.samples.flatMap { [$0 / 2, $0 - $0 / 2] },
          pedestal: waveform.pedestal / 2, pedestalDeviation: waveform.pedestalDeviation / 2,
          countsPerVEM: waveform.countsPerVEM)
      }
      var event = event
      for index in event.hits.indices {
        event.hits[index].upper = halved(event.hits[index].upper)
        event.hits[index].lower = halved(event.hits[index].lower)
      }
      return event
    }
    let (before, after) = (
      try Self.reconstructed(events, Self.array()), try Self.reconstructed(halves, fine)
    )
    #expect(before.count > 50 && abs(before.count - after.count) <= 1)
    var (angles, signals) = ([Double](), [Double]())
    for (id, one) in before {
      guard let other = after[id] else { continue }
      let angle = one.result.shower.direction.angle(to: other.result.shower.direction)
      angles.append(angle / one.result.directionSigma)
      signals.append(
        log(other.result.signal800 / one.result.signal800)
          / (one.result.signal800Sigma / one.result.signal800))
    }
    // Onsets move by a sample where a count is odd.
    #expect(size(angles) < 0.4, "\(size(angles))")
    #expect(size(signals) < 0.3, "\(size(signals))")
  }

  /// Errors of the fit hold for electronics of 10 ns, in units of those that it states.
  @Test func simulatedSamplesOf10nsReconstructTheSameShowers() throws {
    let fine = Self.array { $0.samplePeriod = 10 }
    let events = try Self.events(of: fine) {
      $0.windowSamples = 256
      // The same height of a pulse.
      $0.countsPerMeV *= 2
    }
    let made = [
      (try Self.usual.get(), try Self.reconstructed(Self.usual.get(), Self.array())),
      (events, try Self.reconstructed(events, fine)),
    ]
    #expect(made[0].1.count > 50 && abs(made[0].1.count - made[1].1.count) <= 3)
    var pulls: [Double] = []
    for (events, results) in made {
      let errors = events.compactMap { event -> (angle: Double, signal: Double)? in
        guard let truth = event.truth, let result = results[event.id]?.result else { return nil }
        let angle = result.shower.direction.angle(to: truth.shower.direction)
        return (angle / result.directionSigma, log(result.signal800 / truth.signal800))
      }
      pulls.append(size(errors.map(\.angle)))
      #expect(abs(mean(errors.map(\.signal))) < 0.1, "\(mean(errors.map(\.signal)))")
    }
    #expect(pulls[1] > 0.6 * pulls[0] && pulls[1] < 1.5 * pulls[0], "\(pulls)")
    // Shower by shower.
    let shifts = made[0].1.compactMap { id, one in
      made[1].1[id].map { other in
        one.result.shower.direction.angle(to: other.result.shower.direction)
          / hypot(one.result.directionSigma, other.result.directionSigma)
      }
    }
    #expect(size(shifts) < 1, "\(size(shifts))")
  }

  @Test func largeStationsScatterLess() throws {
    let large = Self.array { $0.stationArea = 10 }
    var (scatter, bias) = ([Double](), [Double]())
    for array in [Self.array(), large] {
      let events = try array == large ? Self.events(of: large) : Self.usual.get()
      let made = try Self.reconstructed(events, array)
      #expect(made.count > 50)
      var ratios: [Double] = []
      for event in events {
        guard let truth = event.truth, let (result, stations) = made[event.id] else { continue }
        bias.append(log(result.signal800 / truth.signal800))
        for station in stations where station.role == .fitted {
          #expect(station.area == array.detector.stationArea)
          let hit = event.hits.first { $0.station == station.station }?.truth
          let expected = (hit?.muonSignal ?? 0) + (hit?.electromagneticSignal ?? 0)
          if (2.0...20).contains(expected) { ratios.append(station.signal / expected) }
        }
      }
      scatter.append(size(ratios.map { $0 / mean(ratios) - 1 }))
      // The mean error of ln S800, of the events of this array alone.
      let own = Array(bias.suffix(made.count))
      #expect(abs(mean(own)) < 0.1, "\(array.detector.stationArea) m2: \(mean(own))")
    }
    // Poisson numbers alone would give sqrt(3/10) = 0.55.
    #expect(scatter[1] < 0.75 * scatter[0], "\(scatter)")
  }

  @Test func thresholdsOfTheArrayMakeTheTrigger() throws {
    func numbers(_ change: (inout DetectorDescription) -> Void) throws -> (events: Int, hits: Int) {
      let events = try Self.events(of: Self.array(change)) {
        ($0.minimumLogEnergy, $0.maximumLogEnergy) = (18, 18.2)
        $0.backgroundMuonRate = 0
        $0.backgroundSingleRate = 0
      }
      return (events.count, events.reduce(0) { $0 + $1.hits.count })
    }
    let usual = try numbers { _ in }
    #expect(usual.events > 5)
    let high = try numbers { $0.triggerThreshold = 1500 }
    #expect(high.events < usual.events / 2, "\(usual), \(high)")
    let deaf = try numbers { $0.storageThreshold = 60 }
    #expect(deaf.events <= usual.events && deaf.hits < usual.hits, "\(usual), \(deaf)")
    let keen = try numbers {
      $0.storageThreshold = 8
      $0.triggerThreshold = 60
    }
    #expect(keen.events > usual.events, "\(usual), \(keen)")
    let hasty = try numbers { $0.coincidence = 1 }
    #expect(hasty.events == 0)
  }

  /// A thicker layer makes more light and the same signal in VEM; a narrower range saturates.
  @Test func layersAndElectronicsAreThoseOfTheArray() throws {
    let events = try Self.usual.get()
    func charge(_ events: [Event]) -> (counts: Double, signal: Double) {
      events.flatMap(\.hits).reduce((0, 0)) { sum, hit in
        let counts = hit.upper.samples.reduce(0.0) { $0 + Double($1) - hit.upper.pedestal }
        return (sum.0 + counts, sum.1 + counts / hit.upper.countsPerVEM)
      }
    }
    let thick = try Self.events(
      of: Self.array {
        $0.energyOfVEM *= 2
        $0.linearLimit *= 2
        $0.fullScale *= 2
      })
    let (one, two) = (charge(events), charge(thick))
    #expect(abs(two.counts / one.counts - 2) < 0.1 && abs(two.signal / one.signal - 1) < 0.05)

    let narrow = Self.array {
      $0.linearLimit = 200
      $0.fullScale = 400
    }
    let cut = try Self.events(of: narrow)
    #expect(cut.flatMap(\.hits).allSatisfy { $0.upper.samples.allSatisfy { $0 <= 400 } })
    func saturated(_ made: [Int: Made]) -> Int {
      made.values.reduce(0) { $0 + $1.result.saturatedCount }
    }
    #expect(
      saturated(try Self.reconstructed(cut, narrow))
        > 2 * saturated(try Self.reconstructed(events, Self.array())))
  }
}
