internal import Glibc
internal import ShowerModel

/// The signal density that stations at 800 m from the axis measure in the mean, true S800.
///
/// Expected particles of the shower's field, times what a particle deposits in a layer in the mean.
/// Delayed neutrons (below 1 % of it, most of them after the window) and accidental particles are
/// not counted.
enum TrueSignal {
  static let distance = 800.0
  /// Azimuths from the early to the late side. The field is even in the azimuth and smooth: four
  /// equal steps of the half circle give its mean to 0.05 %.
  static let azimuthCount = 4

  /// True S800 [VEM/m2] of the shower of a field.
  static func signal800(_ field: inout ShowerField) -> Double {
    let tangent = tan(field.truth.shower.zenith)
    let step = Double.pi / Double(azimuthCount)
    return (0..<azimuthCount).reduce(0) { sum, index in
      let upstream = distance * tangent * cos((Double(index) + 0.5) * step)
      return sum + field.signals(distance: distance, upstream: upstream).total
    } / Double(azimuthCount)
  }
}
