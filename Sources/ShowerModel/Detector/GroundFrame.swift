/// How the coordinates of an array lie on the Earth.
public enum GroundFrame: String, Sendable, Hashable, Codable, CaseIterable {
  /// z is the altitude, less that of the array. True of small arrays and of ideal ones.
  case flat
  /// The plane z = 0 touches the Earth at x = y = 0; away from there the ground is below it.
  case tangentPlane = "tangent plane"

  /// Mean radius of the Earth [m].
  static let earthRadius = 6_371_000.0

  /// How far the Earth's surface lies below the plane z = 0 [m], d^2 / 2R at the distance d from
  /// the origin; to 0.1 m within 40 km.
  public func drop(x: Double, y: Double) -> Double {
    self == .flat ? 0 : (x * x + y * y) / (2 * Self.earthRadius)
  }
}

extension DetectorArray {
  /// Altitude of a station above sea level [m].
  public func altitude(_ index: Int) -> Double {
    let position = stations[index].position
    return referenceAltitude + position.z + frame.drop(x: position.x, y: position.y)
  }
}
