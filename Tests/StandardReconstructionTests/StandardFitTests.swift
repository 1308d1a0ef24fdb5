import Foundation
import ShowerModel
import Testing

@_spi(Validation) @testable import StandardReconstruction

@Suite struct StandardFitTests {
  func fit(_ array: DetectorArray = Synthetic.array) throws -> StandardFit {
    StandardFit(array: array, energyTable: try Synthetic.energyTable())
  }

  @Test func reconstructsAnEventFromItsWaveforms() throws {
    let truth = Synthetic.parameters(zenith: 35, azimuth: -120, core: SIMD2(300, 100))
    let (result, stations) = try fit().reconstruct(Synthetic.event(truth))
    #expect(result.status == .good)
    let direction = truth.direction
    #expect(result.shower.direction.angle(to: direction) < 0.3 * Units.degree)
    #expect(hypot(result.shower.coreX - 300, result.shower.coreY - 100) < 60)
    #expect(abs(log(result.signal800 / 30)) < 0.1)
    #expect(result.stationCount == stations.count)
    #expect(stations.allSatisfy { $0.role != .excluded && abs($0.timeResidual) < 20 })
    #expect(result.directionSigma > 0.1 * Units.degree && result.directionSigma < 2 * Units.degree)
  }

  /// Of four stations the curvature is not fitted: errors belong to the curvature that is reported.
  @Test func errorsOfFewStationsBelongToTheReportedCurvature() throws {
    let event = reduced(Synthetic.event(Synthetic.parameters(zenith: 25)), to: 4)
    let fit = try fit()
    let (result, _) = fit.reconstruct(event)
    try #require(result.flags.contains(.curvatureFixed))
    let prepared = try #require(fit.prepare(event))
    let workspace = FitWorkspace()
    guard case .success(let best) = fit.bestFit(prepared, workspace) else {
      Issue.record("no fit")
      return
    }
    let covariance = try #require(
      workspace.covariance(of: best.problem, at: best.state.parameters))
    let sigma = covariance[.logSignal800, .logSignal800].squareRoot()
    #expect(abs(result.signal800Sigma / result.signal800 / sigma - 1) < 1e-9)
    #expect(result.curvature == best.state.parameters.curvature)
  }

  /// A silent station next to the core did not work, whatever the list of dead stations says.
  @Test func aSilentStationBesideTheCoreIsLeftOut() throws {
    let truth = Synthetic.parameters(zenith: 30, signal800: 40)
    let whole = Synthetic.event(truth)
    let fit = try fit()
    let before = fit.reconstruct(whole).result
    let near = try #require(
      whole.hits.filter {
        let place = Synthetic.array.stations[$0.station].position
        return truth.showerAxis.distance(of: place) > 500
      }.min {
        truth.showerAxis.distance(of: Synthetic.array.stations[$0.station].position)
          < truth.showerAxis.distance(of: Synthetic.array.stations[$1.station].position)
      })
    var event = whole
    event.hits.removeAll { $0.station == near.station }
    let after = fit.reconstruct(event).result
    #expect(after.silentCount == before.silentCount)
    #expect(abs(log(after.signal800 / before.signal800)) < 0.1)
    var keeping = FitConfiguration()
    keeping.largestSilentDensity = nil
    let other = StandardFit(
      array: Synthetic.array, energyTable: try Synthetic.energyTable(), configuration: keeping)
    let wrong = other.reconstruct(event).result
    #expect(wrong.silentCount == before.silentCount + 1)
    #expect(log(wrong.signal800 / before.signal800) < -0.2)
  }

  @Test func aShowerFromTheEastArrivesFirstInTheEast() throws {
    let truth = Synthetic.parameters(zenith: 40, azimuth: 0, core: .zero)
    let stations = Synthetic.stations(truth)
    let east = try #require(stations.max { $0.position.x < $1.position.x })
    let west = try #require(stations.min { $0.position.x < $1.position.x })
    #expect(east.time < west.time)
    let (result, _) = try fit().reconstruct(Synthetic.event(truth))
    #expect(abs(result.shower.azimuth) < 1 * Units.degree)
  }

  @Test func verticalShowerHasFiniteErrors() throws {
    let (result, _) = try fit().reconstruct(Synthetic.event(Synthetic.parameters(zenith: 0)))
    #expect(result.status == .good)
    #expect(result.shower.zenith < 0.5 * Units.degree)
    #expect(result.directionSigma.isFinite && result.directionSigma < 3 * Units.degree)
    #expect(result.covariance.allSatisfy { $0.isFinite })
  }

  @Test func eventsWithoutEnoughStationsAreRowsWithAReason() throws {
    let whole = Synthetic.event(Synthetic.parameters())
    let fit = try fit()
    #expect(fit.reconstruct(Event(id: 0, showerID: 0, hits: [])).result.status == .noCluster)
    let two = Event(id: 0, showerID: 0, hits: Array(whole.hits.prefix(2)))
    #expect(fit.reconstruct(two).result.status != .good)
    #expect(fit.reconstruct(two).result.shower.logEnergy.isNaN)
    #expect(fit.reconstruct(two).stations.count == 2)
  }

  /// The largest stations of an event.
  func reduced(_ event: Event, to count: Int) -> Event {
    func size(_ hit: Hit) -> Int { hit.upper.samples.reduce(0) { $0 + Int($1) } }
    var event = event
    event.hits = Array(event.hits.sorted { size($0) > size($1) }.prefix(count))
    event.deadStations = Synthetic.array.stations.indices.filter { index in
      !event.hits.contains { $0.station == index }
    }
    return event
  }

  @Test(arguments: [3, 4, 5, 6])
  func fewStations(count: Int) throws {
    let event = reduced(Synthetic.event(Synthetic.parameters(zenith: 20)), to: count)
    let (result, _) = try fit().reconstruct(event)
    // Three stations leave six values for six parameters; a result or a reason, never a NaN.
    if result.status == .good {
      #expect(result.covariance.allSatisfy { $0.isFinite })
      #expect(result.flags.contains(.curvatureFixed) == (count < 5))
    }
    if count >= 4 { #expect(result.status == .good) }
    if count >= 5 {
      #expect(result.shower.direction.angle(to: Synthetic.parameters(zenith: 20).direction) < 0.02)
    }
  }

  @Test func saturatedStationKeepsItsTimeOnly() throws {
    let truth = Synthetic.parameters(zenith: 25, core: SIMD2(560, 620), signal800: 120)
    let (result, stations) = try fit().reconstruct(Synthetic.event(truth))
    #expect(result.status == .good)
    #expect(result.saturatedCount >= 1)
    let saturated = stations.filter { $0.role == .saturated }
    #expect(saturated.allSatisfy { $0.isSaturated })
    #expect(abs(log(result.signal800 / 120)) < 0.15)
  }

  @Test func aStationOutOfTimeIsCleanedAway() throws {
    var event = Synthetic.event(Synthetic.parameters(zenith: 25))
    event.hits[4].windowStart += 2500
    let (result, stations) = try fit().reconstruct(event)
    let bad = stations.filter { $0.role == .badTiming || $0.role == .excluded }
    #expect(bad.map(\.station) == [event.hits[4].station])
    #expect(
      result.shower.direction.angle(to: Synthetic.parameters(zenith: 25).direction)
        < 0.4 * Units.degree)
  }

  @Test func deadStationsAreNotSilent() throws {
    let event = Synthetic.event(Synthetic.parameters())
    let all = try fit().reconstruct(event).result
    var half = event
    let hit = Set(event.hits.map(\.station))
    half.deadStations = Synthetic.array.stations.indices.filter { !hit.contains($0) }
    #expect(all.silentCount > 10)
    #expect(try fit().reconstruct(half).result.silentCount == 0)
  }

  @Test func emptyWaveformsDoNotCrash() throws {
    var event = Synthetic.event(Synthetic.parameters())
    for i in event.hits.indices {
      event.hits[i].upper.samples = []
      event.hits[i].lower.samples = [7]
    }
    #expect(try fit().reconstruct(event).result.status == .noCluster)
  }
}
