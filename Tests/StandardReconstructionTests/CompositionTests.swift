import Foundation
import ShowerModel
import Testing

@_spi(Validation) @testable import StandardReconstruction

/// Composition quantities of hand-made traces.
///
/// 39 counts a VEM, pedestal 6, so 0.2 VEM is 7.8 counts.
@Suite struct CompositionTests {
  /// A trace at the pedestal, with counts above it at some samples.
  func trace(
    _ above: [Int: Int], samples: Int = 128, countsPerVEM: Double = 39, pedestal: Double = 6
  ) -> Waveform {
    var counts = [UInt16](repeating: 6, count: samples)
    for (sample, value) in above { counts[sample] += UInt16(value) }
    return Waveform(
      samples: counts, pedestal: pedestal, pedestalDeviation: 0.3, countsPerVEM: countsPerVEM)
  }

  func peaks(_ upper: Waveform, _ lower: Waveform) -> TracePeaks {
    var peaks = TracePeaks(.telescopeArray)
    peaks.add(Hit(station: 0, windowStart: 0, upper: upper, lower: lower))
    return peaks
  }

  @Test func peaksStandOutFromThreeNeighboursOnEachSide() {
    let flat = trace([:])
    #expect(peaks(flat, flat).count == 0 && peaks(flat, flat).largestSum == 0)
    // 7 counts are 0.18 VEM, 8 are 0.21 VEM.
    #expect(peaks(trace([20: 7]), flat).count == 0)
    #expect(peaks(trace([20: 8]), flat).count == 1)
    #expect(peaks(trace([20: 8]), trace([40: 8])).count == 2)
    // A larger sample within three of it hides a peak, one four samples away does not.
    #expect(peaks(trace([20: 20, 23: 30]), flat).count == 1)
    #expect(peaks(trace([20: 20, 24: 30]), flat).count == 2)
    #expect(peaks(trace([20: 30, 23: 20]), flat).count == 1)
    // Of equal samples the first counts, however long the plateau of a saturated trace.
    #expect(peaks(trace([20: 30, 21: 30]), flat).count == 1)
    let plateau = trace(Dictionary(uniqueKeysWithValues: (20..<60).map { ($0, 4000) }))
    #expect(peaks(plateau, flat).count == 1)
    // All neighbours must be in the window.
    #expect(peaks(trace([2: 30, 125: 30]), flat).count == 0)
    #expect(peaks(trace([3: 30, 124: 30]), flat).count == 2)
  }

  @Test func peaksOfOneLayer() {
    // |u - l| = (u + l) / 3 where one is twice the other: 39 and 78 counts, 1 and 2 VEM.
    #expect(peaks(trace([20: 39]), trace([20: 77])).oneLayerCount == 0)
    #expect(peaks(trace([20: 39]), trace([20: 79])).oneLayerCount == 2)
    // A sum of 0.28 VEM is 10.9 counts.
    #expect(peaks(trace([20: 10]), trace([:])).oneLayerCount == 0)
    #expect(peaks(trace([20: 11]), trace([:])).oneLayerCount == 1)
    // The peaks of both layers at different samples.
    #expect(peaks(trace([20: 39]), trace([22: 39])).oneLayerCount == 2)
  }

  @Test func theLargestSampleOfTheSum() {
    let peak = peaks(trace([20: 39, 30: 70]), trace([20: 39], countsPerVEM: 78))
    #expect(abs(peak.largestSum - 70.0 / 39) < 1e-12)
    let both = peaks(trace([20: 39]), trace([20: 78]))
    #expect(abs(both.largestSum - 3) < 1e-12)
  }

  @Test(arguments: [0, -39, .nan, .infinity, -Double.infinity, .leastNonzeroMagnitude])
  func uselessCalibrationsGiveNoPeaks(countsPerVEM: Double) {
    let bad = trace([20: 500], countsPerVEM: countsPerVEM)
    let (a, b) = (peaks(bad, trace([20: 500])), peaks(trace([20: 500]), bad))
    #expect(a.count == 0 && a.largestSum == 0 && b.count == 0 && b.largestSum == 0)
  }

  @Test func strangeTracesDoNotCrash() {
    let empty = trace([:], samples: 0)
    #expect(peaks(empty, empty).count == 0)
    #expect(peaks(empty, trace([20: 50])).count == 0)
    #expect(peaks(trace([3: 50], samples: 6), trace([3: 50], samples: 6)).count == 0)
    #expect(peaks(trace([3: 50], samples: 7), trace([3: 50], samples: 7)).count == 2)
    for pedestal in [Double.nan, .infinity] {
      #expect(peaks(trace([20: 50], pedestal: pedestal), trace([20: 50])).count == 0)
    }
    for pedestal in [-1e9, 1e9] {
      let odd = trace([20: 50], pedestal: pedestal)
      #expect(peaks(odd, odd).largestSum.isFinite)
    }
  }

  // MARK: Events

  /// Stations of the array's fifth row, a vertical axis through the middle of the first of them.
  func fit() throws -> StandardFit {
    StandardFit(
      array: .idealGrid(columns: 9, rows: 9, spacing: 500), energyTable: try Synthetic.energyTable()
    )
  }

  func station(column: Int) -> Int { (column - 1) * 9 + 4 }

  func axis(_ fit: StandardFit) -> ShowerAxis {
    ShowerAxis(
      core: fit.array.stations[station(column: 1)].position,
      direction: Direction(zenith: 0, azimuth: 0))
  }

  /// A station with its window; distances to the axis are 500 m times (column - 1).
  func signal(
    column: Int, upper: Double, lower: Double, role: StationRole = .fitted
  ) -> StationSignal {
    StationSignal(
      station: station(column: column), time: 400, timeError: 20, upper: upper, lower: lower,
      windowCount: 1, isSaturated: role == .saturated, role: role)
  }

  func hit(column: Int, _ upper: Waveform, _ lower: Waveform, start: Double = 0) -> Hit {
    Hit(station: station(column: column), windowStart: start, upper: upper, lower: lower)
  }

  func measurement(of fit: StandardFit) -> EventComposition {
    EventComposition(array: fit.array, mergeTime: fit.configuration.mergeTime)
  }

  func composition(
    _ hits: [Hit], _ signals: [StationSignal]
  ) throws -> CompositionQuantities {
    let fit = try fit()
    return measurement(of: fit).quantities(
      of: Event(id: 0, showerID: 0, hits: hits), signals, around: axis(fit))
  }

  @Test func signalsAndMoments() throws {
    let found = try composition(
      [],
      [
        signal(column: 2, upper: 60, lower: 60, role: .saturated),
        signal(column: 3, upper: 12, lower: 6), signal(column: 5, upper: 3, lower: 3),
        signal(column: 6, upper: 900, lower: 900, role: .badTiming),
        signal(column: 7, upper: 700, lower: 100, role: .excluded),
      ])
    // S = 20 (saturated), 3 at 1000 m, 1 at 2000 m.
    #expect(found.signalSum == 24 && found.largestSignal == 20)
    #expect(abs(found.signalMoment3 - (3 + 8)) < 1e-12)
    #expect(abs(found.signalMoment4 - (3 + 16)) < 1e-12)
    #expect(abs(found.layerAsymmetry - 6.0 / 24) < 1e-12)
    #expect(found.peakCount == 0 && found.largestStationPeakCount == 0)
    #expect(found.areaOverPeak1200.isNaN && found.areaOverPeakSlope.isNaN)
  }

  @Test func peaksAreThoseOfTheCluster() throws {
    let (one, two) = (trace([20: 30]), trace([20: 30, 60: 30]))
    let flat = trace([:])
    let stations = [
      signal(column: 2, upper: 60, lower: 60, role: .saturated),
      signal(column: 3, upper: 12, lower: 6), signal(column: 5, upper: 3, lower: 3),
      signal(column: 7, upper: 700, lower: 100, role: .excluded),
    ]
    let found = try composition(
      [
        hit(column: 2, one, one), hit(column: 3, two, one), hit(column: 5, one, flat),
        hit(column: 7, two, two),
      ], stations)
    #expect(found.peakCount == 6)
    #expect(found.largestStationPeakCount == 3)
    // The second peak of column 3, and that of column 5.
    #expect(found.oneLayerPeakCount == 2)
    // Windows long before or after the signal (time 400 ns, merging 10 us) are not its own.
    let windows = try composition(
      [-2560, -2100, 2560, 10_300, 10_400].map { hit(column: 5, one, flat, start: $0) }, stations)
    #expect(windows.peakCount == 3)
  }

  /// Area over peak rises by 0.1 ns/m: 60 ns at 1000 m. Both layers have one sample p of peak.
  @Test func areaOverPeakIsALineInDistance() throws {
    func made(_ column: Int, areaOverPeak: Double) -> (Hit, StationSignal) {
      let peak = trace([30: 39])
      let area = areaOverPeak / 20
      return (
        hit(column: column, peak, peak), signal(column: column, upper: area, lower: area)
      )
    }
    // 500 m is too near, and the station at 3500 m too small (S = 0.08).
    let all = [
      made(2, areaOverPeak: 500), made(3, areaOverPeak: 60), made(4, areaOverPeak: 110),
      made(6, areaOverPeak: 210), made(8, areaOverPeak: 5),
    ]
    let found = try composition(all.map(\.0), all.map(\.1))
    #expect(abs(found.areaOverPeakSlope - 0.1) < 1e-9)
    #expect(abs(found.areaOverPeak1200 - 80) < 1e-9)
    let two = try composition(all.prefix(3).map(\.0), all.prefix(3).map(\.1))
    #expect(two.areaOverPeak1200.isNaN && two.areaOverPeakSlope.isNaN)
  }

  /// Three stations at the same distance make no line.
  @Test func areaOverPeakNeedsASpreadInDistance() throws {
    let fit = try fit()
    let centre = fit.array.stations[40].position
    let around = [(3, 5), (5, 3), (5, 7), (7, 5)].map { ($0 - 1) * 9 + $1 - 1 }
    let stations = around.sorted().map {
      StationSignal(
        station: $0, time: 400, timeError: 20, upper: 5, lower: 5, windowCount: 1,
        isSaturated: false, role: .fitted)
    }
    let peak = trace([30: 39])
    let event = Event(
      id: 0, showerID: 0,
      hits: stations.map { Hit(station: $0.station, windowStart: 0, upper: peak, lower: peak) })
    let found = measurement(of: fit).quantities(
      of: event, stations,
      around: ShowerAxis(core: centre, direction: Direction(zenith: 0, azimuth: 0)))
    #expect(found.areaOverPeak1200.isNaN && found.areaOverPeakSlope.isNaN)
    #expect(found.peakCount == 8 && found.signalMoment3.isFinite)
  }

  @Test func nothingToSumIsNoNumber() throws {
    let none = try composition([], [])
    #expect(none.signalMoment3.isNaN && none.layerAsymmetry.isNaN && none.signalSum.isNaN)
    #expect(none.largestSignal.isNaN && none.largestStationPeakCount.isNaN && none.peakCount == 0)
    // Signals that are no number, as bad calibrations give, are left out.
    let bad = try composition(
      [], [signal(column: 3, upper: .nan, lower: 1), signal(column: 4, upper: 6, lower: 6)])
    #expect(bad.signalSum == 2 && bad.layerAsymmetry == 0)
    let infinite = try composition([], [signal(column: 3, upper: .infinity, lower: 1)])
    #expect(infinite.signalSum.isNaN && infinite.signalMoment4.isNaN)
  }

  @Test func wholeEventsHaveThem() throws {
    let fit = StandardFit(array: Synthetic.array, energyTable: try Synthetic.energyTable())
    let truth = Synthetic.parameters(zenith: 20)
    let (result, stations) = fit.reconstruct(Synthetic.event(truth))
    let found = result.composition
    #expect(result.status == .good)
    #expect(found.peakCount == 2 * Double(stations.count) && found.oneLayerPeakCount == 0)
    #expect(found.largestStationPeakCount == 2 && found.layerAsymmetry < 1e-12)
    // Pulses of single muons, spread over two samples: 85 ns and up at all distances.
    #expect((80..<110).contains(found.areaOverPeak1200))
    #expect(abs(found.areaOverPeakSlope) < 0.02)
    #expect(abs(found.signalSum - stations.reduce(0) { $0 + $1.signal }) < 1e-9)
    let core = result.shower
    #expect(
      result.edgeDistance == Synthetic.array.distanceInsideEdge(core.coreX, core.coreY)
        && result.edgeDistance > 6000)
    let failed = fit.reconstruct(Event(id: 0, showerID: 0, hits: [])).result
    #expect(failed.composition.peakCount.isNaN && failed.edgeDistance.isNaN)
  }

  @Test func eventsOfUselessCalibrationDoNotCrash() throws {
    let fit = StandardFit(array: Synthetic.array, energyTable: try Synthetic.energyTable())
    for countsPerVEM in [0, Double.nan, -39, .infinity] {
      var event = Synthetic.event(Synthetic.parameters())
      for index in event.hits.indices where index % 3 == 0 {
        event.hits[index].upper.countsPerVEM = countsPerVEM
        event.hits[index].lower.countsPerVEM = countsPerVEM
      }
      let composition = fit.reconstruct(event).result.composition
      for column in CompositionQuantities.columns {
        #expect(!column.value(of: composition).isInfinite, "\(column.name) at \(countsPerVEM)")
      }
    }
  }
}
