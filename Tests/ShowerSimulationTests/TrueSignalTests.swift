import Foundation
import ShowerModel
import Testing

@testable import ShowerSimulation

/// True S800 is what stations at 800 m measure in the mean.
@Suite struct TrueSignalTests {
  static let stationCount = 24

  /// Stations on the ground at 800 m from an axis through the origin, in equal steps of the azimuth
  /// around it.
  static func ring(around direction: Direction) -> DetectorArray {
    let n = direction.vector
    let across = Position(-sin(direction.azimuth), cos(direction.azimuth), 0)
    let forward = Position(
      cos(direction.azimuth) * n.z, sin(direction.azimuth) * n.z, -sin(direction.zenith))
    let stations = (0..<stationCount).map { index in
      let angle = 2 * Double.pi * (Double(index) + 0.3) / Double(stationCount)
      let inPlane = 800 * (cos(angle) * across + sin(angle) * forward)
      return Station(
        id: index, column: index / 6, row: index % 6, position: inPlane - inPlane.z / n.z * n)
    }
    return DetectorArray(name: "ring", spacing: 1200, referenceAltitude: 1400, stations: stations)
  }

  /// Both layers' mean density of every station [VEM/m2], over all its windows.
  static func densities(_ event: Event) -> [Double] {
    var sums = [Double](repeating: 0, count: stationCount)
    for hit in event.hits {
      for waveform in [hit.upper, hit.lower] {
        let counts = waveform.samples.reduce(0.0) { $0 + Double($1) }
        let charge = counts - Double(waveform.samples.count) * waveform.pedestal
        sums[hit.station] += charge / waveform.countsPerVEM / (2 * 3)
      }
    }
    return sums
  }

  @Test(arguments: [(0.0, 0.0), (32, 0), (55, 0), (32, 0.3)])
  func stationsMeasureIt(zenith: Double, bothLayersOffset: Double) throws {
    var configuration = EventSimulatorTests.quiet()
    configuration.neutronRate = 0
    configuration.windowSamples = 256
    configuration.bothLayersOffset = bothLayersOffset
    let truth = TestSetup.truth(energy: 25, zenith: zenith * Units.degree, azimuth: 0.4)
    let array = Self.ring(around: truth.shower.direction)
    #expect(
      array.stations.allSatisfy {
        abs(truth.shower.axis.distance(of: $0.position) - 800) < 1e-6 && abs($0.position.z) < 1e-6
      })
    let simulator = try TestSetup.simulator(configuration, array: array)
    let workspace = simulator.makeWorkspace()
    var measured: [Double] = []
    var expected = Double.nan
    for attempt in 0..<90 {
      let event = try #require(simulator.simulate(truth, attempt: attempt, in: workspace))
      // The mean of a ring holds every azimuth: what is left is fluctuation.
      measured.append(mean(Self.densities(event)))
      expected = try #require(event.truth).signal800
    }
    let error = deviation(measured) / Double(measured.count).squareRoot()
    #expect(error < 0.005 * expected)
    // The mean muon stands for all: beyond 45 degrees some are flatter than the response table.
    withKnownIssue("1.8 % less is measured at 55 degrees", isIntermittent: true) {
      #expect(
        abs(mean(measured) - expected) < 3 * error, "\(mean(measured)) +- \(error), \(expected)")
    } when: {
      zenith > 45
    }
  }

  /// The few azimuths are enough, and the field of an event does not depend on the one before.
  @Test(arguments: [0.0, 20, 45, 60])
  func azimuthsAreEnough(zenith: Double) {
    var field = TestSetup.showerField(TestSetup.truth(energy: 5, zenith: zenith * Units.degree))
    let quick = TrueSignal.signal800(&field)
    let tangent = tan(zenith * Units.degree)
    let fine = mean(
      (0..<360).map {
        field.signals(
          distance: 800, upstream: 800 * tangent * cos((Double($0) + 0.5) * Units.degree)
        ).total
      })
    #expect(abs(quick / fine - 1) < 5e-4, "\(quick) \(fine)")
  }
}
