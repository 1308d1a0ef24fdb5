internal import Glibc
public import ShowerModel

/// From the axes of CORSIKA to those of this program.
///
/// CORSIKA: x to **magnetic** north, y to **west**, momenta downwards positive, and angles are
/// those of the **momentum**. Here: x east, y north, z up, and directions point to the source. So
/// `x = -y_C`, `y = x_C`, `n = -u`, and with respect to magnetic axes `phi = phi_C - 90 degrees`.
/// The declination turns magnetic to geographic axes. Coordinates must not be turned by ARRANG.
public struct CorsikaFrame: Sendable, Equatable {
  /// Angle of magnetic north east of geographic north [rad]; 0 keeps the magnetic axes.
  public let declination: Double
  private let cosine: Double
  private let sine: Double

  public init(declination: Double = 0) {
    self.declination = declination
    (cosine, sine) = (cos(declination), sin(declination))
  }

  /// A horizontal vector of CORSIKA (north, west) as (east, north), in the same unit.
  public func horizontal(_ vector: SIMD2<Double>) -> SIMD2<Double> {
    let (east, north) = (-vector.y, vector.x)
    // Magnetic north points to (sin, cos) of the declination.
    return SIMD2(east * cosine + north * sine, north * cosine - east * sine)
  }

  /// A position on the level [cm] as displacement from the core (east, north) [m].
  public func position(_ position: SIMD2<Double>) -> SIMD2<Double> {
    horizontal(position) / 100
  }

  /// A momentum (north, west, down) as a vector (east, north, up) of the flight.
  public func momentum(_ momentum: SIMD3<Double>) -> SIMD3<Double> {
    let flat = horizontal(SIMD2(momentum.x, momentum.y))
    return SIMD3(flat.x, flat.y, -momentum.z)
  }

  /// Where a shower comes from whose momentum has a zenith angle and an azimuth [rad].
  public func source(zenith: Double, momentumAzimuth: Double) -> Direction {
    Direction(
      zenith: zenith, azimuth: wrappedAngle(momentumAzimuth - .pi / 2 - declination))
  }
}

/// The plane front of a shower on CORSIKA's clock.
public struct CorsikaFront: Sendable, Equatable {
  /// Arrival at the core [ns].
  let coreTime: Double
  /// Horizontal part of the flight's direction, magnetic north and west.
  let slope: SIMD2<Double>

  /// The front at a level of the shower, whose height is in m.
  public init(_ event: CorsikaEventHeader, levelHeight: Double) {
    coreTime =
      (event.clockStart - levelHeight) / cos(event.zenith) / Units.speedOfLight
    slope =
      sin(event.zenith)
      * SIMD2(cos(event.momentumAzimuth), sin(event.momentumAzimuth))
  }

  /// How long after the front a particle arrived [ns]; the front is at it after
  /// `[(h_1 - h_obs)/cos theta + x u_x + y u_y]/c`.
  public func delay(of particle: CorsikaParticle) -> Double {
    particle.time - coreTime
      - (particle.position * slope).sum() / 100 / Units.speedOfLight
  }
}
