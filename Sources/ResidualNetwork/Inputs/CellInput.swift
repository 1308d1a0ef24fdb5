import Glibc
internal import ShowerModel

/// What inputs of a cell with a working station are made of, with a waveform or without.
public struct CellView: Sendable {
  /// Station from the fitted core [m].
  let offset: SIMD3<Double>
  /// The same along and across the fitted axis, in the plane of the shower [m].
  let inShowerPlane: SIMD2<Double>
  /// From the fitted axis, at least 10 m [m].
  let distance: Double
  /// Along the fitted axis, positive on the early side [m].
  let upstream: Double
  /// ln of the fitted lateral distribution [VEM/m2].
  let logExpectedSignal: Double
  let hasWaveform: Bool

  static let nowhere = CellView(
    offset: .zero, inShowerPlane: .zero, distance: 10, upstream: 0, logExpectedSignal: 0,
    hasWaveform: false)
}

/// Inputs of every cell with a working station. Cells without one are zero.
public enum CellInput {
  /// The mask of working stations.
  static let alive = "alive"

  /// What the grid of stations is best fed with.
  public static let standard = [
    alive, "triggered", "offset", "height", "distance", "log_distance", "upstream",
    "log_expected_signal",
  ]

  public static let all: [ImageInput<CellView>] = [
    .flag(alive, "there is a working station") { _ in true },
    .flag("triggered", "the station has a waveform") { $0.hasWaveform },
    .vector("offset", "station from the fitted core, on the ground [km]") {
      SIMD2($0.offset.x, $0.offset.y) / Units.kilometre
    },
    .scalar("height", "height of the station [km]") { $0.offset.z / Units.kilometre },
    .scalar("distance", "distance from the fitted axis [km]") { $0.distance / Units.kilometre },
    .scalar("log_distance", "ln of the distance from the fitted axis [km]") {
      log($0.distance / Units.kilometre)
    },
    .scalar("upstream", "position along the fitted axis [km]") {
      $0.upstream / Units.kilometre
    },
    .scalar("log_expected_signal", "ln of the fitted lateral distribution [VEM/m2]") {
      $0.logExpectedSignal
    },
    .scalar("along", "station from the fitted core in the shower plane, along the axis [km]") {
      $0.inShowerPlane.x / Units.kilometre
    },
    .odd("across", "the same, across the axis [km]") { $0.inShowerPlane.y / Units.kilometre },
  ]
}
