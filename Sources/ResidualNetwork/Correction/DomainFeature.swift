import Glibc
internal import ShowerModel

/// A number by which an event is compared with those that a network learned from.
///
/// Made of the standard reconstruction and its stations alone, the same for all networks. Names are
/// stored in network files: never change the meaning of one, add another.
struct DomainFeature: Sendable {
  let name: String
  /// Whether the feature takes part in the distance, or in the check of ranges only.
  let isInDistance: Bool
  let value: @Sendable (ReconstructedEvent) -> Double

  init(
    _ name: String, isInDistance: Bool = true,
    _ value: @escaping @Sendable (ReconstructedEvent) -> Double
  ) {
    self.name = name
    self.isInDistance = isInDistance
    self.value = value
  }

  /// The first two are those on which the others depend.
  static let all: [DomainFeature] = [
    DomainFeature("secant_zenith", isInDistance: false) {
      1 / max(cos($0.standard.shower.zenith), 0.05)
    },
    DomainFeature("log_signal800", isInDistance: false) { log($0.standard.signal800) },
    DomainFeature("log_curvature") { log(max($0.standard.curvature, 0.01)) },
    DomainFeature("linsley_curvature") { $0.standard.linsleyCurvature },
    DomainFeature("log_stations") { log(1 + Double($0.standard.stationCount)) },
    DomainFeature("signal_moment_3") {
      log($0.standard.composition.signalMoment3 / $0.standard.signal800)
    },
    DomainFeature("signal_moment_4") {
      log($0.standard.composition.signalMoment4 / $0.standard.composition.signalMoment3)
    },
    DomainFeature("area_over_peak_slope") { $0.standard.composition.areaOverPeakSlope },
    DomainFeature("area_over_peak") { log($0.standard.composition.areaOverPeak1200) },
    DomainFeature("layer_asymmetry") { log(0.01 + $0.standard.composition.layerAsymmetry) },
    DomainFeature("mean_log_signal_ratio") { event in
      let ratios = logSignalRatios(event)
      return ratios.reduce(0, +) / Double(ratios.count)
    },
    DomainFeature("log_reduced_chi2", isInDistance: false) {
      log(0.1 + $0.standard.reducedChi2)
    },
    DomainFeature("log_direction_error", isInDistance: false) {
      log(max($0.standard.directionSigma, 1e-5))
    },
    DomainFeature("smallest_log_signal_ratio", isInDistance: false) {
      logSignalRatios($0).min() ?? .nan
    },
    DomainFeature("largest_log_signal_ratio", isInDistance: false) {
      logSignalRatios($0).max() ?? .nan
    },
    DomainFeature("earliest_time_residual", isInDistance: false) {
      timeResiduals($0).min() ?? .nan
    },
    DomainFeature("latest_time_residual", isInDistance: false) {
      timeResiduals($0).max() ?? .nan
    },
    DomainFeature("largest_log_signal", isInDistance: false) { event in
      log(0.1 + (event.stations.filter(isInFit).map(\.signal).max() ?? .nan))
    },
    DomainFeature("clock_error", isInDistance: false) { $0.event.accuracy.clockError },
    DomainFeature("calibration_error", isInDistance: false) {
      $0.event.accuracy.calibrationError
    },
  ]

  private static func isInFit(_ signal: StationSignal) -> Bool {
    signal.role == .fitted || signal.role == .saturated
  }

  /// ln(S / S_fit) of the stations of the fit, clipped at 3.
  private static func logSignalRatios(_ event: ReconstructedEvent) -> [Double] {
    event.stations.filter(isInFit).map {
      let ratio = log(0.1 + max($0.signal, 0)) - log(max($0.expectedSignal, 1e-3))
      return max(-3, min(3, ratio))
    }
  }

  /// Times after the fitted front [100 ns], clipped at 10.
  private static func timeResiduals(_ event: ReconstructedEvent) -> [Double] {
    event.stations.filter(isInFit).map { max(-10, min(10, $0.timeResidual / 100)) }
      .filter(\.isFinite)
  }

  static func values(of event: ReconstructedEvent) -> [Float] {
    all.map { Float($0.value(event)) }
  }
}
