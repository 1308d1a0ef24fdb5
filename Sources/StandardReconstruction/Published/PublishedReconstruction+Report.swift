import Glibc
import ShowerModel

/// The geometry of an event with its errors.
struct PublishedTiming {
  let fixed: TimingMinimum
  let free: TimingMinimum
  /// Of theta, phi [rad], core [L], time [L], curvature; nil where chi2 has no minimum there.
  let covariance: [Double]?
  /// Parameters that the covariance has.
  let parameterCount: Int
  /// Terms of the fit with a free curvature, by hit.
  let terms: [Int: (term: TimingTerm, leverage: Double)]

  init(
    _ fits: PublishedGeometry.Fits, _ stations: [TimingStation], _ start: PublishedStart,
    _ fit: PublishedTimingFit
  ) {
    fixed = fits.fixed
    free = fits.free
    // The last fit of the workspace is the free one.
    covariance = fit.covariance(at: fits.free.parameters)
    parameterCount = stations.count > 3 ? 6 : 5
    terms = Dictionary(
      uniqueKeysWithValues: zip(stations.map(\.hit), fit.terms(at: fits.free.parameters)))
  }

  var stationCount: Int { terms.count }
}

/// All that the fits of an event gave.
struct PublishedOutcome {
  let timing: PublishedTiming
  let lateral: PublishedLateralFit.Minimum
}

extension PublishedReconstruction {
  /// Where MINUIT does not converge, the programs state this chi2.
  private static let failedChi2 = 1e6

  /// The published result in the units and columns of the standard one.
  func result(_ outcome: PublishedOutcome, _ hits: [PublishedHit]) -> StandardResult {
    let (timing, lateral) = (outcome.timing, outcome.lateral)
    let free = timing.free.parameters
    let covariance = reportedCovariance(outcome)
    var result = StandardResult(
      reconstruction: Reconstruction(
        shower: shower(outcome), sigma: sigma(covariance, outcome), status: .good))
    if result.shower.logEnergy.isNaN { result.reconstruction.status = .outsideEnergyTable }
    // The published function goes on below its showers without limit.
    if result.shower.valueWithoutMeaning(mayBeUnknown: true) != nil {
      result.reconstruction.status = .unphysical
    }
    result.signal800 = lateral.signal800
    result.signal800Sigma = lateral.signal800 * covariance.sigma(.logSignal800)
    result.curvature = free.curvature * curvatureUnit(outcome)
    result.curvatureSigma = covariance.sigma(.curvature)
    let sine = sin(free.zenith)
    result.directionSigma = hypot(
      covariance.sigma(.zenith), sine * covariance.sigma(.azimuth))
    result.chi2Time = timing.free.isConverged ? timing.free.chi2 : Self.failedChi2
    result.chi2Signal = lateral.isConverged ? lateral.chi2 : Self.failedChi2
    result.chi2Silent = 0
    result.degreesOfFreedom = Double(timing.stationCount - 6 + lateral.signalCount - 3)
    result.edgeDistance = array.distanceToLinesOfEdge(free.core * GridUnits.length)
    result.stationCount = hits.count { $0.isAtLeast(.cleaned) }
    result.saturatedCount = hits.count { $0.flag == .saturated }
    result.silentCount = lateral.silentCount
    result.passes = 2
    result.flags = .separateFits
    if timing.parameterCount < 6 { result.flags.insert(.curvatureFixed) }
    let largest = hits.filter { $0.isAtLeast(.spaceTimeCluster) }.max { $0.charge < $1.charge }
    if let largest, array.isAtEdge(largest.station) { result.flags.insert(.atEdge) }
    result.covariance = covariance.byRows
    return result
  }

  /// The published curvature a in units of a [ns] of a front `a (1 + r/30 m)^p LDF(r)^-0.5`.
  private func curvatureUnit(_ outcome: PublishedOutcome) -> Double {
    1 / outcome.lateral.signal800.squareRoot()
  }

  private func shower(_ outcome: PublishedOutcome) -> Shower {
    let (timing, lateral) = (outcome.timing.free.parameters, outcome.lateral)
    // The time at the core of the lateral distribution, on the front of the timing fit.
    let shift = ((lateral.core - timing.core) * timing.travel).sum()
    let energy = energyTable.logEnergy(signal800: lateral.signal800, zenith: timing.zenith)
    return Shower(
      logEnergy: energy.map { $0.value + Units.logEnergyOfEeV } ?? .nan,
      zenith: timing.zenith + Self.zenithCorrection,
      azimuth: wrappedAngle(timing.azimuth + .pi), coreX: lateral.core.x * GridUnits.length,
      coreY: lateral.core.y * GridUnits.length,
      time: (timing.time + shift) * GridUnits.timeUnit)
  }

  private func sigma(_ covariance: PublishedCovariance, _ outcome: PublishedOutcome) -> Shower {
    let energy = energyTable.logEnergy(
      signal800: outcome.lateral.signal800, zenith: outcome.timing.free.parameters.zenith)
    return Shower(
      logEnergy: energy.map {
        hypot(
          $0.perLogSignal * covariance.sigma(.logSignal800),
          $0.perZenith * covariance.sigma(.zenith))
      } ?? .nan,
      zenith: covariance.sigma(.zenith), azimuth: covariance.sigma(.azimuth),
      coreX: covariance.sigma(.coreX), coreY: covariance.sigma(.coreY),
      time: covariance.sigma(.time))
  }

  private typealias PublishedCovariance = SmallMatrix<ReportedParameter, ReportedParameter>

  /// Covariance in native units; zero between quantities of different fits.
  private func reportedCovariance(_ outcome: PublishedOutcome) -> PublishedCovariance {
    var result = PublishedCovariance()
    let (length, time) = (GridUnits.length, GridUnits.timeUnit)
    func add(
      _ rows: [Double]?, order: Int,
      _ parameters: [(index: Int, parameter: ReportedParameter, unit: Double)]
    ) {
      for a in parameters where a.index < order {
        for b in parameters where b.index < order {
          result[a.parameter, b.parameter] =
            (rows?[a.index * order + b.index] ?? .nan) * a.unit * b.unit
        }
      }
    }
    add(
      outcome.timing.covariance, order: outcome.timing.parameterCount,
      [
        (0, .zenith, 1), (1, .azimuth, 1), (4, .time, time),
        (5, .curvature, curvatureUnit(outcome)),
      ])
    add(
      outcome.lateral.covariance, order: 3,
      [(0, .coreX, length), (1, .coreY, length), (2, .logSignal800, 1)])
    return result
  }

  // MARK: - Stations

  /// The row of every station with a waveform: its hit that came farthest, then the largest.
  func stations(
    _ hits: [PublishedHit], _ event: Event, _ outcome: PublishedOutcome?, _ workspace: Workspace
  ) -> [StationSignal] {
    var best: [Int: Int] = [:]
    for (index, hit) in hits.enumerated() {
      guard let known = best[hit.station] else {
        best[hit.station] = index
        continue
      }
      let old = hits[known]
      if (hit.flag.rawValue, hit.charge) > (old.flag.rawValue, old.charge) {
        best[hit.station] = index
      }
    }
    let rows = Dictionary(
      uniqueKeysWithValues: (outcome == nil ? [] : workspace.lateral.rows).compactMap { row in
        row.hit.map { ($0, row) }
      })
    return best.sorted { $0.key < $1.key }.map { _, index in
      station(hits[index], event, outcome, rows[index], outcome?.timing.terms[index], workspace)
    }
  }

  private func station(
    _ hit: PublishedHit, _ event: Event, _ outcome: PublishedOutcome?,
    _ row: PublishedLateralFit.Row?, _ timing: (term: TimingTerm, leverage: Double)?,
    _ workspace: Workspace
  ) -> StationSignal {
    let badLayers = event.hits[hit.windows.lowerBound].badLayers
    var signal = StationSignal(
      station: hit.station, time: hit.time * GridUnits.timeUnit,
      timeError: hit.timeVariance.squareRoot() * GridUnits.timeUnit,
      upper: badLayers.contains(.upper) ? .nan : hit.upper.charge,
      lower: badLayers.contains(.lower) ? .nan : hit.lower.charge,
      area: array.detector.stationArea, badLayers: badLayers, windowCount: hit.windows.count,
      isSaturated: hit.flag == .saturated,
      level: SelectionLevel(rawValue: hit.flag.rawValue) ?? .outside)
    signal.role =
      switch hit.flag {
      case .saturated: .saturated
      case .cleaned: .fitted
      default: .excluded
      }
    guard let outcome else { return signal }
    signal.expectedSignal = workspace.lateral.expected(
      array.place(hit.station), outcome.lateral)
    if let timing {
      signal.timeSigma = timing.term.sigma * GridUnits.timeUnit
      signal.timeResidual = timing.term.value * signal.timeSigma
      signal.timePull =
        timing.leverage < 1 - 1e-6 ? timing.term.value / (1 - timing.leverage).squareRoot() : 0
    }
    if let row {
      signal.signalTerm = .gaussian
      signal.signalSigma = row.sigma
      signal.signalPull = (row.density - signal.expectedSignal) / row.sigma
    }
    return signal
  }
}

extension SmallMatrix where Row == ReportedParameter, Column == ReportedParameter {
  fileprivate func sigma(_ parameter: ReportedParameter) -> Double {
    self[parameter, parameter].squareRoot()
  }
}
