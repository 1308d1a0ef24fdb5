import Glibc
public import ShowerModel

/// Numbers of an event by which data are compared with a simulation.
///
/// They are the domain features of networks, and means over the stations of the fit of what
/// networks see of a waveform. Zenith angle and S800, on which all others depend, are
/// `position`. What the monitoring says (clock and calibration) is no measurement and left out.
public struct EventFeatures: Sendable {
  /// ln S800 and sec theta of the standard fit.
  public let position: SIMD2<Double>
  /// In the order of `names`; NaN where the event does not have one.
  public let values: [Double]

  /// Domain features that are no measured feature at a position.
  private static let leftOut: Set = [
    "secant_zenith", "log_signal800", "clock_error", "calibration_error",
  ]
  private static let fromFit = DomainFeature.all.filter { !leftOut.contains($0.name) }

  public static let names =
    fromFit.map(\.name) + ["log_time_spread", "log_near_time_spread"]
    + TraceFeatures.summaryNames.map { "trace_\($0)" }

  /// - Parameters:
  ///   - event: with a standard fit.
  ///   - samplePeriod: length of a sample [ns].
  public init(_ event: ReconstructedEvent, samplePeriod: Double) {
    position = SIMD2(log(event.standard.signal800), EventImager.secZenith(event.standard))
    let fit = Self.fromFit.map { $0.value(event) }
    values = fit + Self.timeSpreads(event) + Self.traceMeans(event, samplePeriod)
  }

  /// ln of the root mean square of the time residuals [ns], from 1 ns: of all stations with a
  /// timing term, and of the four of them with the largest signals, where clocks show.
  private static func timeSpreads(_ event: ReconstructedEvent) -> [Double] {
    let timed = event.stations.filter {
      ($0.role == .fitted || $0.role == .saturated) && $0.timeResidual.isFinite
    }.sorted { ($1.signal, $0.station) < ($0.signal, $1.station) }
    return [timed[...], timed.prefix(4)].map { stations in
      let squares = stations.reduce(0.0) { $0 + pow(min(abs($1.timeResidual), 1e4), 2) }
      return 0.5 * log(1 + squares / Double(stations.count))
    }
  }

  /// Means over the stations of the fit, over those that have the number.
  private static func traceMeans(_ event: ReconstructedEvent, _ samplePeriod: Double) -> [Double] {
    let inFit = Set(
      event.stations.filter { $0.role == .fitted || $0.role == .saturated }.map(\.station))
    var sums = [Double](repeating: 0, count: TraceFeatures.summaryNames.count)
    var counts = sums
    for group in event.event.hits.stationRuns
    where inFit.contains(event.event.hits[group.lowerBound].station) {
      let hits = event.event.hits[group]
      let samples = hits.first?.upper.samples.count ?? 0
      guard samples > 1 else { continue }
      let numbers = TraceFeatures(hits, samples: samples, samplePeriod: samplePeriod).summary
      for (index, number) in numbers.enumerated() where number.isFinite {
        sums[index] += number
        counts[index] += 1
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : .nan }
  }
}

extension TraceFeatures {
  static let summaryNames = [
    "start", "rise", "length", "area_over_peak", "peaks", "jumps", "layer_overlap", "late_fraction",
  ]

  /// The numbers of `summaryNames`, means of both layers: t10, t50 - t10 and t90 - t10 [us], then
  /// ln of charge over peak, of the peaks and of the jumps, as inputs have them.
  var summary: [Double] {
    func mean(_ value: (LayerNumbers) -> Double) -> Double {
      let finite = layers.map(value).filter(\.isFinite)
      return finite.reduce(0, +) / Double(finite.count)
    }
    return [
      mean { $0.quantiles.x }, mean { $0.quantiles.y - $0.quantiles.x },
      mean { $0.quantiles.z - $0.quantiles.x }, mean { log($0.areaOverPeak) },
      mean { log(1 + $0.peaks) }, mean { log(1 + $0.jumps) }, overlap, late,
    ]
  }
}
