import Glibc
internal import ShowerModel

/// What inputs of the event as a whole are made of: the standard fit, and what the monitoring
/// knows.
public struct EventView {
  let standard: StandardResult
  /// Unit vector to the source.
  let direction: SIMD3<Double>
  /// Fitted core relative to the centre of the image, in units of the grid spacing.
  let coreInImage: SIMD2<Double>
  let accuracy: DetectorAccuracy
}

/// Inputs of the event as a whole.
public enum EventInput {
  public static let all: [ImageInput<EventView>] = [
    .vector("direction", "n_x, n_y of the fitted axis") {
      SIMD2($0.direction.x, $0.direction.y)
    },
    .vector("core_in_image", "fitted core from the centre of the image, in grid spacings") {
      $0.coreInImage
    },
    .scalar("log_signal800", "ln S800") { log($0.standard.signal800) },
    .scalar("secant_zenith", "sec theta") { 1 / max($0.direction.z, 0.05) },
    .scalar("log_curvature", "ln a, from 0.01 ns") { log(max($0.standard.curvature, 0.01)) },
    .scalar("linsley_curvature", "a_L") { $0.standard.linsleyCurvature },
    .scalar("reduced_chi2", "ln(0.1 + chi2/ndf)") {
      log(0.1 + $0.standard.chi2 / max($0.standard.degreesOfFreedom, 0.1))
    },
    .scalar("time_chi2", "ln(0.1 + timing part of chi2 / stations)") {
      log(0.1 + $0.standard.chi2Time / Double(max($0.standard.stationCount, 1)))
    },
    .scalar("log_direction_error", "ln of the error of the direction") {
      log(max($0.standard.directionSigma, 1e-5))
    },
    .scalar("log_signal_error", "ln of the relative error of S800") {
      log(max($0.standard.signal800Sigma / $0.standard.signal800, 1e-4))
    },
    .scalar("log_core_error", "ln of the error of the core") {
      let sigma = $0.standard.reconstruction.sigma
      return 0.5 * log(max(sigma.coreX * sigma.coreX + sigma.coreY * sigma.coreY, 1e-2))
    },
    .scalar("log_stations", "ln(1 + stations in the cluster)") {
      log(1 + Double($0.standard.stationCount))
    },
    .scalar("log_silent", "ln(1 + silent stations)") { log(1 + Double($0.standard.silentCount)) },
    .scalar("saturated", "saturated stations") { Double($0.standard.saturatedCount) },
    .scalar("bad_timing", "stations used for their signal alone") {
      Double($0.standard.badTimingCount)
    },
    .flag("at_edge", "the largest signal is at the edge of the array") {
      $0.standard.flags.contains(.atEdge)
    },
    .flag("curvature_fixed", "the curvature was not fitted") {
      $0.standard.flags.contains(.curvatureFixed)
    },
    .flag("core_constrained", "the core was tied to the barycentre") {
      $0.standard.flags.contains(.coreConstrained)
    },
    .scalar("clock_error", "standard deviation of the stations' clocks, in 10 ns") {
      $0.accuracy.clockError / 10
    },
    .scalar("calibration_error", "relative error of the calibration, in 1 %") {
      100 * $0.accuracy.calibrationError
    },
  ]
}
