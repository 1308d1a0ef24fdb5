import Glibc
internal import ShowerModel

/// What inputs of a station with a waveform are made of.
public struct StationView {
  /// Signal, time and role as the standard reconstruction has them.
  let signal: StationSignal
  /// Where it stands.
  let place: CellView
  /// Start of the trace minus the fitted plane front at the station [ns].
  let traceDelay: Double
  /// Numbers of the trace; without meaning where no input asks for one.
  let trace: TraceFeatures
}

/// Inputs of every station with a waveform.
public enum StationInput {
  /// The masks of the layers.
  static let upperBad = "upper_bad"
  static let lowerBad = "lower_bad"

  /// What a network on the grid is best fed with: the cells tell where a station stands.
  public static let standard = [
    "log_signal", "log_signal_ratio", "layer_asymmetry", "time_residual", "log_time_residual",
    "log_time_error", "trace_delay", "saturated", "used", "bad_timing", upperBad, lowerBad,
    "extra_windows",
  ]

  public static let all: [ImageInput<StationView>] = signals + places + TraceFeatures.inputs

  /// Where the station stands, as the cells have it.
  private static let places: [ImageInput<StationView>] = [
    .vector("offset", "station from the fitted core, on the ground [km]") {
      SIMD2($0.place.offset.x, $0.place.offset.y) / Units.kilometre
    },
    .scalar("along", "station from the fitted core in the shower plane, along the axis [km]") {
      $0.place.inShowerPlane.x / Units.kilometre
    },
    .odd("across", "the same, across the axis [km]") {
      $0.place.inShowerPlane.y / Units.kilometre
    },
    .scalar("height", "height of the station [km]") { $0.place.offset.z / Units.kilometre },
    .scalar("distance", "distance from the fitted axis [km]") {
      $0.place.distance / Units.kilometre
    },
    .scalar("log_distance", "ln of the distance from the fitted axis [km]") {
      log($0.place.distance / Units.kilometre)
    },
    .scalar("upstream", "position along the fitted axis [km]") {
      $0.place.upstream / Units.kilometre
    },
    .scalar("log_expected_signal", "ln of the fitted lateral distribution [VEM/m2]") {
      $0.place.logExpectedSignal
    },
  ]

  private static func logSignalRatio(_ view: StationView) -> Double {
    let ratio = log(0.1 + max(view.signal.signal, 0)) - view.place.logExpectedSignal
    return max(-3, min(3, ratio))
  }

  private static func timeResidual(_ view: StationView) -> Double {
    max(-10, min(10, view.signal.timeResidual / 100))
  }

  /// Signal, time and state.
  private static let signals: [ImageInput<StationView>] = [
    .scalar("log_signal", "ln(0.1 VEM/m2 + S)") { log(0.1 + max($0.signal.signal, 0)) },
    .scalar("log_signal_ratio", "ln(S / S_fit), clipped at 3") { logSignalRatio($0) },
    .scalar("layer_asymmetry", "(upper - lower) / (upper + lower), 0 with a bad layer") {
      guard $0.signal.badLayers.isEmpty else { return 0 }
      let sum = $0.signal.upper + $0.signal.lower
      return sum > 0.1 ? max(-1, min(1, ($0.signal.upper - $0.signal.lower) / sum)) : 0
    },
    .scalar("time_residual", "leading edge minus fitted front [100 ns], clipped at 10") {
      timeResidual($0)
    },
    .scalar("log_time_residual", "the same t as sign(t) ln(1 + |t|)") {
      let t = $0.signal.timeResidual / 100
      return t < 0 ? -log1p(-t) : log1p(t)
    },
    .scalar("log_time_error", "ln(10 ns + error of the leading edge)") {
      log(10 + max($0.signal.timeError, 0))
    },
    .scalar("trace_delay", "start of the trace minus fitted plane front [us], clipped at 10") {
      max(-10, min(10, $0.traceDelay / Units.microsecond))
    },
    .flag("saturated", "the electronics saturated") { $0.signal.isSaturated },
    .flag("used", "the station has a timing term in the fit") {
      $0.signal.role == .fitted || $0.signal.role == .saturated
    },
    .flag("bad_timing", "the station is used for its signal alone") {
      $0.signal.role == .badTiming
    },
    .flag(upperBad, "the upper layer is bad: its trace is zero") {
      $0.signal.badLayers.contains(.upper)
    },
    .flag(lowerBad, "the lower layer is bad: its trace is zero") {
      $0.signal.badLayers.contains(.lower)
    },
    .scalar("extra_windows", "readout windows beyond the first") {
      Double(max($0.signal.windowCount, 1) - 1)
    },
  ]
}
