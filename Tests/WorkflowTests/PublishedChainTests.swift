import Foundation
import ShowerModel
import ShowerStore
import StandardReconstruction
import Testing

/// The published chain against the results of the experiment's own programs, event by event.
@Suite struct PublishedChainTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func place(_ path: String) -> URL { repository.appending(path: path) }

  /// Rows of `results.csv` by column.
  private struct Expected {
    let columns: [String]
    let rows: [[Double]]

    init() throws {
      let text = try String(
        contentsOf: place("Fixtures/published-chain/results.csv"), encoding: .utf8)
      let lines = text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
      columns = lines[0]
      rows = lines.dropFirst().map { $0.map { Double($0) ?? .nan } }
    }

    func callAsFunction(_ row: Int, _ name: String) throws -> Double {
      rows[row][try #require(columns.firstIndex(of: name))]
    }
  }

  private static func table() throws -> EnergyTable {
    let name = "tables/energy/telescope-array-published.csv"
    return try EnergyTable(
      parsing: String(contentsOf: place(name), encoding: .utf8), name: name)
  }

  /// The events, results and stations of the fixture.
  private static func reconstructed() throws -> (
    chain: PublishedReconstruction, events: [Event],
    made: [(result: StandardResult, stations: [StationSignal])]
  ) {
    let reader = try EventFileReader(path: place("Fixtures/published-chain/events.h5").path)
    let events = try reader.events(0..<reader.eventCount)
    let chain = PublishedReconstruction(array: reader.array, energyTable: try table())
    let workspace = chain.makeWorkspace()
    return (chain, events, events.map { chain.reconstruct($0, workspace: workspace) })
  }

  /// The published function goes on without limit, to energies that no file may call good.
  @Test func energiesWithoutMeaningAreNoGoodResults() throws {
    let (chain, events, made) = try Self.reconstructed()
    let name = "tables/energy/telescope-array-published.csv"
    let text = try String(contentsOf: Self.place(name), encoding: .utf8)
    let head = text.split(separator: "\n").prefix { $0.hasPrefix("#") || $0.hasPrefix("sec") }
    let tiny = try EnergyTable(
      parsing: (head + ["1.00,-11.8,0,0,0,0,0,0,0", "1.02,-11.8,0,0,0,0,0,0,0"])
        .joined(separator: "\n"), name: "tiny")
    let other = PublishedReconstruction(array: chain.array, energyTable: tiny)
    let workspace = other.makeWorkspace()
    var changed = 0
    for (event, usual) in zip(events, made) where usual.result.status == .good {
      let result = other.reconstruct(event, workspace: workspace).result
      #expect(result.status == .unphysical)
      #expect(abs(result.shower.logEnergy + 11.8) < 1e-9)
      changed += 1
    }
    #expect(changed > 20)
  }

  @Test func stationsAndDegreesOfFreedomAreThoseOfTheExperiment() throws {
    let (_, events, made) = try Self.reconstructed()
    let expected = try Expected()
    #expect(made.count == 30 && expected.rows.count == 30)
    for (row, (result, stations)) in made.enumerated() {
      let label = "event \(events[row].id)"
      #expect(Double(events[row].id) == (try expected(row, "event")))
      #expect(
        Double(result.stationCount) == (try expected(row, "stations_in_geometry")), "\(label)")
      #expect(
        result.timingDegreesOfFreedom == (try expected(row, "geometry_free_ndf")), "\(label)")
      #expect(result.signalDegreesOfFreedom == (try expected(row, "ldf_ndf")), "\(label)")
      let counted = stations.count { $0.level == .cleaned || $0.level == .saturated }
      #expect(counted == result.stationCount, "\(label)")
    }
  }

  /// The experiment minimises with MINUIT, which stops at an expected distance of 1e-4 in chi2.
  @Test func fitsAreThoseOfTheExperiment() throws {
    let (_, events, made) = try Self.reconstructed()
    let expected = try Expected()
    var determined = 0
    for (row, (result, _)) in made.enumerated() {
      let label = "event \(events[row].id)"
      let zenith = (result.shower.zenith / Units.degree - 0.5)
      let signal = log(result.signal800 / (try expected(row, "ldf_s800")))
      #expect(abs(signal) < 2e-3, "\(label)")
      #expect(abs(result.shower.coreX - (try expected(row, "ldf_core_x_m"))) < 1, "\(label)")
      #expect(abs(result.shower.coreY - (try expected(row, "ldf_core_y_m"))) < 1, "\(label)")
      #expect(abs(result.chi2Signal - (try expected(row, "ldf_chi2"))) < 2e-3, "\(label)")
      // With fewer times than parameters the minimum of the directions is not unique.
      guard result.timingDegreesOfFreedom >= 0 else { continue }
      determined += 1
      #expect(abs(zenith - (try expected(row, "geometry_free_zenith_deg"))) < 0.01, "\(label)")
      let azimuth = result.shower.azimuth / Units.degree
      let turn = remainder(azimuth - (try expected(row, "geometry_free_azimuth_deg")), 360)
      #expect(abs(turn) * sin(result.shower.zenith) < 0.01, "\(label)")
      #expect(abs(result.chi2Time - (try expected(row, "geometry_free_chi2"))) < 2e-4, "\(label)")
      let border = result.edgeDistance / 1200 - (try expected(row, "border_distance_1200m"))
      #expect(abs(border) < 1.0 / 1200, "\(label)")
    }
    #expect(determined >= 25)
  }

  @Test func statedErrorsAreThoseOfTheExperiment() throws {
    let (_, events, made) = try Self.reconstructed()
    let expected = try Expected()
    for (row, (result, _)) in made.enumerated() where result.timingDegreesOfFreedom >= 0 {
      let sigma = result.reconstruction.sigma
      for (ours, theirs) in [
        (sigma.zenith / Units.degree, try expected(row, "geometry_free_zenith_error_deg")),
        (sigma.azimuth / Units.degree, try expected(row, "geometry_free_azimuth_error_deg")),
        (result.signal800Sigma / result.signal800, try expected(row, "ldf_scale_error")),
      ] {
        #expect(abs(ours / theirs - 1) < 0.03, "event \(events[row].id)")
      }
    }
  }

  @Test func energyIsThatOfTheTableBeforeTheZenithCorrection() throws {
    let table = try Self.table()
    let expected = try Expected()
    for row in expected.rows.indices {
      let value = try #require(
        table.logEnergy(
          signal800: try expected(row, "ldf_s800"),
          zenith: try expected(row, "geometry_free_zenith_deg") * Units.degree))
      #expect(abs(value.value * log(10) - log(try expected(row, "ldf_energy_eev"))) < 1e-5)
    }
    let (_, _, made) = try Self.reconstructed()
    for (result, _) in made {
      let value = try #require(
        table.logEnergy(
          signal800: result.signal800,
          zenith: result.shower.zenith - PublishedReconstruction.zenithCorrection))
      #expect(abs(result.shower.logEnergy - 18 - value.value) < 1e-12)
    }
  }

  @Test func emptyAndDeadEventsHaveAReason() throws {
    let (chain, events, _) = try Self.reconstructed()
    var event = events[0]
    event.hits = []
    #expect(chain.reconstruct(event).result.status == .noCluster)
    event = events[0]
    for index in event.hits.indices { event.hits[index].badLayers = .upper }
    let bad = chain.reconstruct(event)
    #expect(bad.result.status == .noCluster && !bad.stations.isEmpty)
    event = events[0]
    event.hits = Array(event.hits.prefix(1))
    #expect(chain.reconstruct(event).result.status != .good)
  }

  @Test func workspacesKeepNothingOfEarlierEvents() throws {
    let (chain, events, made) = try Self.reconstructed()
    for (event, expected) in zip(events, made).reversed() {
      let fresh = chain.reconstruct(event)
      #expect(fresh.result.shower == expected.result.shower)
      #expect(fresh.result.covariance == expected.result.covariance)
    }
  }
}
