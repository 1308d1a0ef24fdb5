internal import Glibc
internal import ShowerModel

/// The equal-area projection of the whole sky onto an ellipse by E. Hammer (1892).
///
/// `x = -2 √2 cos b sin(l/2) / q`, `y = √2 sin b / q`, `q = √(1 + cos b cos(l/2))`, with l from the
/// centre of the map: the sky is seen from inside, so longitudes grow to the left. The ellipse has
/// the half axes 2 √2 and √2.
struct HammerProjection: Sendable {
  /// Longitude in the middle of the map [rad].
  let centre: Double

  /// - Parameters:
  ///   - longitude: of a direction [rad].
  ///   - latitude: of it [rad].
  /// - Returns: its place on the map.
  func point(_ longitude: Double, _ latitude: Double) -> SIMD2<Double> {
    let l = wrappedAngle(longitude - centre)
    let q = (1 + cos(latitude) * cos(l / 2)).squareRoot()
    return [
      -2 * 2.0.squareRoot() * cos(latitude) * sin(l / 2) / q, 2.0.squareRoot() * sin(latitude) / q,
    ]
  }

  /// A line through directions, with a gap where it leaves the map on one side and comes back on
  /// the other.
  func line(_ directions: [(longitude: Double, latitude: Double)]) -> [[Double]] {
    var rows: [[Double]] = []
    for direction in directions {
      let point = point(direction.longitude, direction.latitude)
      if let last = rows.last, !last.isEmpty, abs(last[0] - point.x) > 1.5 { rows.append([]) }
      rows.append([point.x, point.y])
    }
    return rows
  }
}

/// The directions at an angle from another, a circle of the sky.
///
/// - Parameters:
///   - longitude: of the centre [rad].
///   - latitude: of the centre [rad].
///   - radius: [rad].
///   - points: number of steps around the circle.
/// - Returns: directions, the last one the first.
func skyCircle(
  _ longitude: Double, _ latitude: Double, radius: Double, points: Int = 60
) -> [(longitude: Double, latitude: Double)] {
  (0...points).map { step in
    let turn = 2 * .pi * Double(step) / Double(points)
    let sine = sin(latitude) * cos(radius) + cos(latitude) * sin(radius) * cos(turn)
    let end = asin(min(max(sine, -1), 1))
    let shift = atan2(
      sin(turn) * sin(radius) * cos(latitude), cos(radius) - sin(latitude) * sin(end))
    return (longitude + shift, end)
  }
}
