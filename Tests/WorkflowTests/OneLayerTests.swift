import Foundation
import ShowerModel
import ShowerSimulation
import ShowerStore
import StandardReconstruction
import Testing

/// Stations of one scintillator layer, from the shower to the stored event and the fit.
@Suite struct OneLayerTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: repository.appending(path: path), encoding: .utf8)
  }

  private static func array(layers: Int) -> DetectorArray {
    let grid = DetectorArray.idealGrid(columns: 9, rows: 9)
    var detector = grid.detector
    detector.layerCount = layers
    return DetectorArray(
      name: grid.name, spacing: grid.spacing, referenceAltitude: grid.referenceAltitude,
      stations: grid.stations, detector: detector)
  }

  /// Showers of 10 to 30 EeV in the central cell.
  private static func events(
    layers: Int, attempts: Range<Int> = 0..<40,
    _ change: (inout SimulationConfiguration) -> Void = { _ in }
  ) throws -> [Event] {
    let constants = try ShowerConstants(
      parsing: text("tables/simulation/shower-model.json"), file: "shower-model.json")
    let name = "tables/detectors/telescope-array.csv"
    let table = try ResponseTable(parsing: text(name), file: name)
    var configuration = SimulationConfiguration()
    configuration.coreArea = .centralCell
    (configuration.minimumLogEnergy, configuration.maximumLogEnergy) = (19, 19.5)
    change(&configuration)
    let simulator = try EventSimulator(
      configuration: configuration, array: array(layers: layers), constants: constants,
      response: layers == 1 ? table.upperLayer : table, seed: 6)
    let workspace = simulator.makeWorkspace()
    return attempts.compactMap { simulator.simulate(attempt: $0, in: workspace) }
  }

  private static let events = Result { try events(layers: 1) }

  private static func fit(layers: Int) throws -> StandardFit {
    let name = "tables/energy/telescope-array-simulated.csv"
    return StandardFit(
      array: array(layers: layers),
      energyTable: try EnergyTable(parsing: text(name), name: name))
  }

  private func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  @Test func hitsHaveOneLayer() throws {
    let events = try Self.events.get()
    #expect(events.count > 30)
    for hit in events.flatMap(\.hits) {
      #expect(hit.upper.samples.count == 128 && hit.lower.samples.isEmpty)
      #expect(hit.badLayers.contains(.lower) && hit.sampleCount == 128)
    }
  }

  /// A lone layer has accidental hits that two layers would not record.
  @Test func oneLayerAloneStoresWindows() throws {
    func windows(_ layers: Int, rate: Double) throws -> Int {
      try Self.events(layers: layers) {
        $0.backgroundMuonRate = 0
        $0.backgroundSingleRate = rate
      }.reduce(0) { $0 + $1.hits.count }
    }
    // 415 Hz in 64 us and 81 stations are 2.2 an event; a third of Exp(0.8 MeV) passes 0.8 MeV.
    let one = try windows(1, rate: 830) - windows(1, rate: 0)
    let two = try windows(2, rate: 830) - windows(2, rate: 0)
    #expect(one > 15 && two < one / 3, "\(one), \(two)")
  }

  @Test func variationsOfBothLayersChangeNothing() throws {
    let changed = try Self.events(layers: 1, attempts: 0..<4) { $0.bothLayersOffset = 0.2 }
    let isSame = try changed == Self.events(layers: 1, attempts: 0..<4)
    #expect(isSame)
  }

  /// Signals are those of the upper layer, errors of the fit hold, and what compares layers is not
  /// defined.
  @Test func theFitFindsTheShowers() throws {
    let fit = try Self.fit(layers: 1)
    var (pulls, signals) = ([Double](), [Double]())
    for event in try Self.events.get() {
      let (result, stations) = fit.reconstruct(event)
      guard result.status == .good, let truth = event.truth else { continue }
      pulls.append(
        result.shower.direction.angle(to: truth.shower.direction) / result.directionSigma)
      signals.append(log(result.signal800 / truth.signal800))
      let quantities = result.composition
      #expect(quantities.layerAsymmetry.isNaN && quantities.oneLayerPeakCount.isNaN)
      #expect(quantities.peakCount >= 3)
      #expect((50.0...1000).contains(quantities.areaOverPeak1200))
      for station in stations {
        #expect(station.lower.isNaN && station.signal == station.upper / station.area)
      }
    }
    #expect(pulls.count > 30)
    let size = mean(pulls.map { $0 * $0 }).squareRoot()
    #expect((0.4...1.6).contains(size), "\(size)")
    #expect(abs(mean(signals)) < 0.12, "\(mean(signals))")
  }

  /// The mean signal of a station is that of the upper of two layers.
  @Test func signalsAreThoseOfTheUpperOfTwoLayers() throws {
    func ratio(_ layers: Int) throws -> Double {
      var (signal, expected) = (0.0, 0.0)
      for event in try Self.events(layers: layers) {
        for run in event.hits.stationRuns {
          guard let first = event.hits[run].first, !first.badLayers.contains(.upper),
            let truth = first.truth,
            (5.0...50).contains(truth.muonSignal + truth.electromagneticSignal)
          else { continue }
          for hit in event.hits[run] {
            let counts = hit.upper.samples.reduce(0.0) { $0 + Double($1) - hit.upper.pedestal }
            signal += counts / hit.upper.countsPerVEM / 3
          }
          expected += truth.muonSignal + truth.electromagneticSignal
        }
      }
      return signal / expected
    }
    let (one, two) = (try ratio(1), try ratio(2))
    // The truth of two layers is their mean, that of one the upper layer.
    #expect(abs(one - 1) < 0.08, "\(one)")
    #expect(abs(one / two - 1) < 0.1, "\(one), \(two)")
  }

  @Test func eventsAreStoredAndReadAgain() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("one.h5")
    let events = try Self.events.get()
    let writer = try EventFileWriter(
      path: path, array: Self.array(layers: 1), sampleCount: 128, simulated: true,
      overwrite: false)
    try writer.append(events)
    try writer.finish(
      adding: ProvenanceStep(
        activity: "test", version: "1", commandLine: [], host: "", started: "", finished: ""))
    let reader = try EventFileReader(path: path)
    #expect(reader.array.detector.layerCount == 1)
    let read = try reader.events(0..<events.count)
    for (before, after) in zip(events, read) {
      #expect(before.hits.count == after.hits.count)
      for (a, b) in zip(before.hits, after.hits) {
        let isSame = a.upper.samples == b.upper.samples && b.lower.samples.isEmpty
        #expect(isSame && a.badLayers == b.badLayers && a.windowStart == b.windowStart)
      }
    }
  }

  /// A table of two layers, seen by its upper one, keeps hits, means and squares of that layer.
  @Test func theUpperLayerOfATableKeepsItsMoments() throws {
    let name = "tables/detectors/telescope-array.csv"
    let two = try ResponseTable(parsing: Self.text(name), file: name)
    let one = two.upperLayer
    #expect(one.layerCount == 1 && one.upperLayer == one)
    for particle in ResponseTable.Particle.allCases {
      #expect(one.rows(of: particle).count == two.rows(of: particle).count)
      for (a, b) in zip(two.rows(of: particle), one.rows(of: particle)) {
        #expect(b.hits == a.upperOnly + a.both && b.lowerOnly == 0 && b.both == 0)
        #expect(a.upper.mean == b.upper.mean && a.upper.quantiles == b.upper.quantiles)
        if a.hits <= 1 { #expect(abs(a.upper.deviation - b.upper.deviation) < 1e-9) }
      }
    }
  }
}
