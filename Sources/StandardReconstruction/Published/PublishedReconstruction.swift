import Glibc
public import ShowerModel

/// The reconstruction that the Telescope Array published, from waveforms to energy.
///
/// The chain of its programs rufptn and rufldf: hits and their cluster; geometry from times with a
/// core from the signals, twice, with a cleaning; the lateral distribution about a fixed axis;
/// geometry with a free curvature. The published zenith angle is that of the last fit and half a
/// degree. The energy is that of S800 and of the fitted zenith angle in a table.
///
/// Errors are those that the programs state, from second derivatives of chi2.
/// Source: a public copy of the programs; D. Ivanov, Ph.D. thesis, Rutgers 2012.
public struct PublishedReconstruction: Sendable {
  /// Added to the fitted zenith angle when it is published [rad].
  public static let zenithCorrection = 0.5 * Units.degree

  public let array: DetectorArray
  public let energyTable: EnergyTable

  /// - Parameters:
  ///   - array: with stations of two layers.
  ///   - energyTable: that of the experiment, `telescope-array-published`.
  public init(array: DetectorArray, energyTable: EnergyTable) {
    self.array = array
    self.energyTable = energyTable
  }

  /// What a thread keeps between events: memory, no values.
  public final class Workspace {
    let timing = PublishedTimingFit()
    let lateral = PublishedLateralFit()

    fileprivate init() {}
  }

  /// A workspace. Not for use from two threads at once: one a thread.
  public func makeWorkspace() -> Workspace { Workspace() }

  /// Reconstructs one event from its waveforms.
  ///
  /// - Parameters:
  ///   - event: with its waveforms, in the order of the readout.
  ///   - workspace: of `makeWorkspace()`, to spare making one for each event.
  /// - Returns: the result, and every station with a waveform with its part in it. In the result,
  ///   `chi2Time` and `chi2Signal` are those of the two fits, with `stationCount - 6` degrees of
  ///   freedom and the rest of `degreesOfFreedom`.
  public func reconstruct(
    _ event: Event, workspace: Workspace? = nil
  ) -> (result: StandardResult, stations: [StationSignal]) {
    let workspace = workspace ?? makeWorkspace()
    var hits = PublishedHitFinder(samplePeriod: array.detector.samplePeriod).hits(of: event.hits)
    PublishedClusters(array: array).flag(&hits)
    hits.mergeLaterHits()
    guard let start = PublishedStart(hits, array) else {
      return (.failed(.noCluster), stations(hits, event, nil, workspace))
    }
    guard clean(&hits, event, from: start, workspace.timing) != nil,
      let (fits, fitted) = geometry(&hits, from: start, workspace.timing),
      fits.free.isConverged
    else { return (.failed(.underdetermined), stations(hits, event, nil, workspace)) }
    let timing = PublishedTiming(fits, fitted, start, workspace.timing)
    guard
      let lateral = workspace.lateral.minimise(
        hits, array, axis: fits.fixed.parameters, centre: start.core), lateral.signal800 > 0
    else { return (.failed(.underdetermined), stations(hits, event, nil, workspace)) }
    let outcome = PublishedOutcome(timing: timing, lateral: lateral)
    var result = self.result(outcome, hits)
    let stations = stations(hits, event, outcome, workspace)
    if result.reconstruction.hasGeometry {
      result.composition = EventComposition(array: array, mergeTime: 10 * Units.microsecond)
        .quantities(of: event, stations, around: result.shower.axis)
    }
    return (result, stations)
  }

  /// The first geometry: removes hits out of time, and flags saturated ones.
  private func clean(
    _ hits: inout [PublishedHit], _ event: Event, from start: PublishedStart,
    _ fit: PublishedTimingFit
  ) -> TimingMinimum? {
    var stations = timingStations(hits, from: .spaceTimeCluster)
    guard let cleaned = PublishedGeometry.first.clean(&stations, from: start, fit) else {
      return nil
    }
    for station in stations {
      let isSaturated = PublishedSaturation.isSaturated(hits[station.hit], event.hits)
      hits[station.hit].flag = isSaturated ? .saturated : .cleaned
    }
    return cleaned
  }

  /// The second geometry, of the hits that the first one has left.
  private func geometry(
    _ hits: inout [PublishedHit], from start: PublishedStart, _ fit: PublishedTimingFit
  ) -> (PublishedGeometry.Fits, [TimingStation])? {
    let before = timingStations(hits, from: .cleaned)
    var stations = before
    guard let cleaned = PublishedGeometry.second.clean(&stations, from: start, fit) else {
      return nil
    }
    let left = Set(stations.map(\.hit))
    for station in before where !left.contains(station.hit) {
      hits[station.hit].flag = .spaceTimeCluster
    }
    guard let fits = PublishedGeometry.second.fits(stations, from: cleaned, fit) else {
      return nil
    }
    return (fits, stations)
  }

  private func timingStations(
    _ hits: [PublishedHit], from level: PublishedFlag
  ) -> [TimingStation] {
    hits.indices.filter { hits[$0].isAtLeast(level) && hits[$0].charge > 0 }.map {
      TimingStation(
        hit: $0, hits[$0], array.stations[hits[$0].station].position,
        area: array.detector.stationArea)
    }
  }
}
