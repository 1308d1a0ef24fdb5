import Glibc

/// A point or a displacement: x east, y north, z up [m].
public typealias Position = SIMD3<Double>

/// A unit vector to where a shower came FROM.
///
/// `n = (sin theta cos phi, sin theta sin phi, cos theta)`, phi counted counter-clockwise from
/// east. Published azimuths of the propagation differ by 180 degrees.
public struct Direction: Sendable, Equatable {
  /// Components of the unit vector (n_x, n_y, n_z).
  public let vector: SIMD3<Double>

  /// The direction with zenith angle theta and azimuth phi [rad].
  public init(zenith: Double, azimuth: Double) {
    let sine = sin(zenith)
    vector = SIMD3(sine * cos(azimuth), sine * sin(azimuth), cos(zenith))
  }

  /// The direction of any vector that is not zero.
  public init(along vector: SIMD3<Double>) {
    self.vector = vector / (vector * vector).sum().squareRoot()
  }

  /// Angle to the vertical, theta [rad], 0...pi.
  public var zenith: Double {
    atan2((vector.x * vector.x + vector.y * vector.y).squareRoot(), vector.z)
  }

  /// Angle from east to north, phi [rad], -pi...pi; 0 for a vertical direction.
  public var azimuth: Double { atan2(vector.y, vector.x) }

  /// Unit vector e_theta, of growing zenith angle.
  public var zenithUnit: SIMD3<Double> {
    let (c, s) = (cos(azimuth), sin(azimuth))
    return SIMD3(
      vector.z * c, vector.z * s, -(vector.x * vector.x + vector.y * vector.y).squareRoot())
  }

  /// Unit vector e_phi, of growing azimuth.
  public var azimuthUnit: SIMD3<Double> { SIMD3(-sin(azimuth), cos(azimuth), 0) }

  /// Angle between two directions [rad], exact for small and for large angles.
  public func angle(to other: Direction) -> Double {
    let (a, b) = (vector, other.vector)
    let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    return atan2((cross * cross).sum().squareRoot(), (a * b).sum())
  }
}

/// An angle brought to -pi...pi [rad].
public func wrappedAngle(_ angle: Double) -> Double { remainder(angle, 2 * .pi) }
