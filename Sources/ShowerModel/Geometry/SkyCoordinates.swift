import Glibc

/// A place on the Earth.
public struct GeographicSite: Sendable, Hashable {
  /// Geodetic latitude [rad], north positive.
  public var latitude: Double
  /// Longitude [rad], east positive.
  public var longitude: Double

  public init(latitude: Double, longitude: Double) {
    self.latitude = latitude
    self.longitude = longitude
  }

  /// The Central Laser Facility of the Telescope Array, where its coordinates begin.
  public static let telescopeArray = GeographicSite(
    latitude: 39.29693 * Units.degree, longitude: -112.90875 * Units.degree)
}

/// Where in the sky a shower came from.
///
/// Right ascension and declination are those of the ICRS, which is J2000 to 0.02 arcsec; longitude
/// and latitude are galactic. All in rad.
public struct SkyCoordinates: Sendable, Equatable {
  public var rightAscension: Double
  public var declination: Double
  public var galacticLongitude: Double
  public var galacticLatitude: Double

  /// The coordinates of a direction at a place and time.
  ///
  /// Precession (IAU 2006), the three largest terms of nutation (IAU 1980), the mean sidereal time
  /// of IAU 2006, and the annual aberration of a circular orbit. UT1 is taken for UTC, which differ
  /// by 0.9 s at most, 13 arcsec; refraction does not apply to cosmic rays. Together within 0.3
  /// arcmin of astropy from 2008 to 2030.
  ///
  /// Sources: N. Capitaine et al., A&A 412 (2003) 567 and A&A 432 (2005) 355; P. K. Seidelmann,
  /// Celest. Mech. 27 (1982) 79; the galactic frame as in Hipparcos, ESA SP-1200, vol. 1, 1.5.3.
  ///
  /// - Parameters:
  ///   - direction: to where the shower came from, in the horizontal frame of the site.
  ///   - second: of UTC.
  ///   - nanoseconds: after it.
  ///   - site: where the axes of the frame of the array touch the Earth.
  ///   - removesAberration: whether the aberration by the Earth's orbit is taken away, as astropy
  ///     does; the Telescope Array publishes coordinates that still have it.
  public init(
    _ direction: Direction, at second: CalendarTime, nanoseconds: Double = 0,
    site: GeographicSite, removesAberration: Bool = true
  ) {
    let days = (Double(second.seconds) + 1e-9 * nanoseconds) / 86_400 + 2_440_587.5 - 2_451_545
    // Terrestrial time is 69.2 s later since 2017, and 65 s in 2008: 1e-9 centuries matter nothing.
    let epoch = EarthOrientation(centuries: (days + 69.0 / 86_400) / 36_525)
    let sidereal = epoch.apparentSiderealTime(daysOfUT1: days)
    let apparent = Self.equatorial(direction, sidereal + site.longitude, site.latitude)
    let ofDate = removesAberration ? epoch.withoutAberration(apparent) : apparent
    self.init(icrs: epoch.toJ2000(ofDate))
  }

  /// From a unit vector of the ICRS.
  init(icrs vector: SIMD3<Double>) {
    rightAscension = Units.positive(atan2(vector.y, vector.x))
    declination = asin(min(max(vector.z, -1), 1))
    let galactic = SIMD3(
      (Self.galacticRows.0 * vector).sum(), (Self.galacticRows.1 * vector).sum(),
      (Self.galacticRows.2 * vector).sum())
    galacticLongitude = Units.positive(atan2(galactic.y, galactic.x))
    galacticLatitude = asin(min(max(galactic.z, -1), 1))
  }

  private static let galacticRows = (
    SIMD3(-0.0548755604162154, -0.8734370902348850, -0.4838350155487132),
    SIMD3(0.4941094278755837, -0.4448296299600112, 0.7469822444972189),
    SIMD3(-0.8676661490190047, -0.1980763734312015, 0.4559837761750669)
  )

  /// A horizontal direction in the equatorial frame of date, by the local sidereal time.
  private static func equatorial(
    _ direction: Direction, _ sidereal: Double, _ latitude: Double
  ) -> SIMD3<Double> {
    let (east, north, up) = (direction.vector.x, direction.vector.y, direction.vector.z)
    let (s, c) = (sin(latitude), cos(latitude))
    // Towards the meridian on the equator, towards east there, towards the pole.
    let meridian = c * up - s * north
    let pole = s * up + c * north
    return SIMD3(
      meridian * cos(sidereal) - east * sin(sidereal),
      meridian * sin(sidereal) + east * cos(sidereal), pole)
  }
}

/// How the Earth is turned against the ICRS at a time.
private struct EarthOrientation {
  /// Julian centuries of terrestrial time since J2000.
  let centuries: Double
  /// Nutation in longitude and obliquity, and the obliquity of date [rad].
  let longitudeNutation: Double
  let obliquityNutation: Double
  let obliquity: Double

  private static let arcsecond = Units.degree / 3600

  init(centuries t: Double) {
    centuries = t
    let node = (125.04452 - 1934.136261 * t) * Units.degree
    let sun = (280.4665 + 36_000.7698 * t) * Units.degree
    let moon = (218.3165 + 481_267.8813 * t) * Units.degree
    longitudeNutation =
      (-17.20 * sin(node) - 1.32 * sin(2 * sun) - 0.23 * sin(2 * moon)) * Self.arcsecond
    obliquityNutation =
      (9.20 * cos(node) + 0.57 * cos(2 * sun) + 0.10 * cos(2 * moon)) * Self.arcsecond
    obliquity = (84_381.406 - 46.836769 * t - 0.0001831 * t * t) * Self.arcsecond
  }

  /// Greenwich apparent sidereal time [rad].
  func apparentSiderealTime(daysOfUT1 days: Double) -> Double {
    let turns =
      0.7790572732640 + 0.00273781191135448 * days + days.truncatingRemainder(dividingBy: 1)
    let t = centuries
    let precession = (0.014506 + (4612.156534 + 1.3915817 * t) * t) * Self.arcsecond
    return 2 * .pi * turns + precession + longitudeNutation * cos(obliquity)
  }

  /// A direction without the aberration by the Earth's orbit, in the frame of date.
  func withoutAberration(_ apparent: SIMD3<Double>) -> SIMD3<Double> {
    // The Sun's true longitude; the Earth moves 90 degrees ahead of the opposite direction.
    let anomaly = (357.5291 + 35_999.0503 * centuries) * Units.degree
    let sun =
      (280.4665 + 36_000.7698 * centuries + 1.9146 * sin(anomaly) + 0.02 * sin(2 * anomaly))
      * Units.degree
    let speed = 20.49552 * Self.arcsecond
    let velocity = SIMD3(
      speed * sin(sun), -speed * cos(sun) * cos(obliquity), -speed * cos(sun) * sin(obliquity))
    let still = apparent - velocity
    return still / (still * still).sum().squareRoot()
  }

  /// From the true equator and equinox of date to those of J2000.
  func toJ2000(_ vector: SIMD3<Double>) -> SIMD3<Double> {
    // Nutation away: true to mean equinox.
    var v = Self.aboutX(vector, obliquity + obliquityNutation)
    v = Self.aboutZ(v, longitudeNutation)
    v = Self.aboutX(v, -obliquity)
    // Precession away.
    let t = centuries
    let zeta = (2.650545 + (2306.083227 + (0.2988499 + 0.01801828 * t) * t) * t) * Self.arcsecond
    let z = (-2.650545 + (2306.077181 + (1.0927348 + 0.01826837 * t) * t) * t) * Self.arcsecond
    let theta = (2004.191903 + (-0.4294934 - 0.04182264 * t) * t) * t * Self.arcsecond
    v = Self.aboutZ(v, z)
    v = Self.aboutY(v, -theta)
    return Self.aboutZ(v, zeta)
  }

  // Coordinates in a frame that is turned by an angle about an axis.
  private static func aboutX(_ v: SIMD3<Double>, _ angle: Double) -> SIMD3<Double> {
    SIMD3(v.x, v.y * cos(angle) + v.z * sin(angle), -v.y * sin(angle) + v.z * cos(angle))
  }
  private static func aboutY(_ v: SIMD3<Double>, _ angle: Double) -> SIMD3<Double> {
    SIMD3(v.x * cos(angle) - v.z * sin(angle), v.y, v.x * sin(angle) + v.z * cos(angle))
  }
  private static func aboutZ(_ v: SIMD3<Double>, _ angle: Double) -> SIMD3<Double> {
    SIMD3(v.x * cos(angle) + v.y * sin(angle), -v.x * sin(angle) + v.y * cos(angle), v.z)
  }
}
