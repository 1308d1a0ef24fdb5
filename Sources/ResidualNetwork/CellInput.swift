import Glibc
internal import ShowerModel

/// What inputs of a cell with a working station are made of, with a waveform or without.
public struct CellView {
  /// Station from the fitted core [m].
  let offset: SIMD3<Double>
  /// From the fitted axis, at least 10 m [m].
  let distance: Double
  /// Along the fitted axis, positive on the early side [m].
  let upstream: Double
  /// ln of the fitted lateral distribution [VEM/m2].
  let logExpectedSignal: Double
  let hasWaveform: Bool
}

/// Inputs of every cell with a working station. Cells without one are zero.
public enum CellInput {
  public static let all: [ImageInput<CellView>] = [
    .flag("alive", "there is a working station") { _ in true },
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
  ]
}
