import Glibc

/// One component of the difference between a shower and the standard reconstruction of it.
///
/// What a network learns (true minus standard), what it adds, and what explained variance is about.
public struct Residual: Sendable {
  public let name: String
  public let title: String
  public let unit: String
  /// Factor from native units to `unit`, by which reports divide.
  public let scale: Double
  /// Whether it changes sign in the mirror image of an event about the shower axis. Its mean is
  /// then zero.
  public let isOdd: Bool
  /// The component of `shower` about `standard`, in native units; 0 where they are equal.
  public let value: @Sendable (_ shower: Shower, _ standard: Shower) -> Double

  public init(
    name: String, title: String, unit: String, scale: Double = 1, isOdd: Bool = false,
    value: @escaping @Sendable (Shower, Shower) -> Double
  ) {
    self.name = name
    self.title = title
    self.unit = unit
    self.scale = scale
    self.isOdd = isOdd
    self.value = value
  }

  /// In the order of `Shower.shifted(by:)`.
  public static let all: [Residual] = [
    directionZenith, directionAzimuth, logEnergy, coreAlong, coreAcross,
  ]

  /// Gnomonic coordinate along e_theta of the standard axis, u = n.e_theta / n.n_std.
  public static let directionZenith = Residual(
    name: "direction_zenith", title: "direction along theta", unit: "deg", scale: Units.degree
  ) { shower, standard in
    gnomonic(shower, about: standard, standard.direction.zenithUnit)
  }
  /// Gnomonic coordinate along e_phi of the standard axis, v = n.e_phi / n.n_std.
  public static let directionAzimuth = Residual(
    name: "direction_azimuth", title: "direction across", unit: "deg", scale: Units.degree,
    isOdd: true
  ) { shower, standard in
    gnomonic(shower, about: standard, standard.direction.azimuthUnit)
  }
  /// ln(E / E_std).
  public static let logEnergy = Residual(
    name: "ln_energy", title: "ln E", unit: "1"
  ) { ($0.logEnergy - $1.logEnergy) * log(10) }
  /// Core shift in the shower plane along the projected axis, (dx cos phi + dy sin phi) cos theta.
  public static let coreAlong = Residual(
    name: "core_along", title: "core along", unit: "m"
  ) { shower, standard in
    let (dx, dy) = (shower.coreX - standard.coreX, shower.coreY - standard.coreY)
    return (dx * cos(standard.azimuth) + dy * sin(standard.azimuth)) * cos(standard.zenith)
  }
  /// Core shift across it, dy cos phi - dx sin phi.
  public static let coreAcross = Residual(
    name: "core_across", title: "core across", unit: "m", isOdd: true
  ) { shower, standard in
    let (dx, dy) = (shower.coreX - standard.coreX, shower.coreY - standard.coreY)
    return dy * cos(standard.azimuth) - dx * sin(standard.azimuth)
  }

  private static func gnomonic(
    _ shower: Shower, about standard: Shower, _ unit: SIMD3<Double>
  ) -> Double {
    let n = shower.direction.vector
    return (n * unit).sum() / (n * standard.direction.vector).sum()
  }
}

extension Shower {
  /// This shower moved by residuals in the order of `Residual.all`, the inverse of their `value`.
  ///
  /// All zero gives the shower back bit for bit. The time is kept.
  public func shifted(by residuals: [Double]) -> Shower {
    precondition(residuals.count == Residual.all.count)
    guard residuals.contains(where: { $0 != 0 }) else { return self }
    let (u, v) = (residuals[0], residuals[1])
    let old = direction
    let new = Direction(along: old.vector + u * old.zenithUnit + v * old.azimuthUnit)
    let along = residuals[3] / cos(zenith)
    let across = residuals[4]
    return Shower(
      logEnergy: logEnergy + residuals[2] / log(10), zenith: new.zenith, azimuth: new.azimuth,
      coreX: coreX + along * cos(azimuth) - across * sin(azimuth),
      coreY: coreY + along * sin(azimuth) + across * cos(azimuth), time: time)
  }
}
