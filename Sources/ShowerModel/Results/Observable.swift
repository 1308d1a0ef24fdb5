import Glibc

/// A reconstructed quantity and how its error is defined.
///
/// `all` drives the tables and figures of a comparison: a new observable is one line there.
public struct Observable: Sendable {
  public let name: String
  /// Axis title, with symbols.
  public let title: String
  public let unit: String
  /// Factor from native units to `unit`, by which reports divide.
  public let scale: Double
  /// Whether the error is a distance, never negative (its width is a containment quantile).
  public let isDistance: Bool
  /// Error of an estimate, in native units.
  public let error: @Sendable (_ estimate: Shower, _ truth: Shower) -> Double

  public init(
    name: String, title: String, unit: String, scale: Double = 1, isDistance: Bool = false,
    error: @escaping @Sendable (Shower, Shower) -> Double
  ) {
    self.name = name
    self.title = title
    self.unit = unit
    self.scale = scale
    self.isDistance = isDistance
    self.error = error
  }

  public static let all: [Observable] = [
    spaceAngle, cosZenith, zenith, azimuth, logEnergy, relativeEnergy, coreDistance,
  ]

  public static let spaceAngle = Observable(
    name: "space_angle", title: "Space angle", unit: "deg", scale: Units.degree, isDistance: true
  ) { $0.direction.angle(to: $1.direction) }
  public static let cosZenith = Observable(
    name: "cos_zenith", title: "Delta cos theta", unit: "1"
  ) { cos($0.zenith) - cos($1.zenith) }
  public static let zenith = Observable(
    name: "zenith", title: "Delta theta", unit: "deg", scale: Units.degree
  ) { $0.zenith - $1.zenith }
  /// On the sphere, so that all zenith angles count alike.
  public static let azimuth = Observable(
    name: "azimuth", title: "sin theta Delta phi", unit: "deg", scale: Units.degree
  ) { sin($1.zenith) * wrappedAngle($0.azimuth - $1.azimuth) }
  public static let logEnergy = Observable(
    name: "ln_energy", title: "Delta ln E", unit: "1"
  ) { ($0.logEnergy - $1.logEnergy) * log(10) }
  public static let relativeEnergy = Observable(
    name: "relative_energy", title: "Delta E / E", unit: "1"
  ) { pow(10, $0.logEnergy - $1.logEnergy) - 1 }
  /// In the shower plane.
  public static let coreDistance = Observable(
    name: "core_distance", title: "Core distance", unit: "m", isDistance: true
  ) { $1.axis.distance(of: Position($0.coreX, $0.coreY, 0)) }
}
