/// The region of the sky in which a direction lies with a probability of 68 %: an ellipse about the
/// direction of the reconstruction. All nil where a method gives none.
public struct DirectionRegion: Sendable, Equatable {
  /// Semi-axes [rad].
  public var major: Double?
  public var minor: Double?
  /// Angle of the major axis [rad], from growing zenith to growing azimuth.
  public var angle: Double?
  /// The region of 95 % has semi-axes so many times as long.
  public var scale95: Double?
  /// Concentration of the von Mises-Fisher distribution, whose circle of 68 % has the same area:
  /// kappa = 2 ln(1 / 0.32) / (major minor), for small regions.
  public var concentration: Double?

  /// No region.
  public static let none = DirectionRegion()

  private init() {}

  /// - Parameters:
  ///   - along: semi-axis of the 68 % region along the growing zenith [rad].
  ///   - across: semi-axis along the growing azimuth [rad].
  ///   - scale95: by which both grow to the region of 95 %.
  public init(along: Double, across: Double, scale95: Double) {
    major = max(along, across)
    minor = min(along, across)
    angle = along >= across ? 0 : .pi / 2
    self.scale95 = scale95
    // -2 ln(1 - 0.68)
    concentration = 2.2788685 / (along * across)
  }
}

extension DirectionRegion {
  /// Columns of the groups under /reconstruction of networks that give regions.
  public static var columns: [Column<DirectionRegion>] {
    let columns: [Column<DirectionRegion>] = [
      .optional(
        "region68_major", unit: "rad", "Larger semi-axis of the 68 % region of the direction",
        \.major),
      .optional("region68_minor", unit: "rad", "Smaller semi-axis of it", \.minor),
      .optional(
        "region_angle", unit: "rad",
        "Angle of its major axis, from growing zenith to growing azimuth", \.angle),
      .optional(
        "region95_scale", unit: "1", "Semi-axes of the 95 % region over those of 68 %", \.scale95),
      .optional(
        "region_kappa", unit: "1",
        "Concentration of the von Mises-Fisher distribution with the same 68 % area",
        \.concentration),
    ]
    return columns.map { $0.since(minorVersion: 7) }
  }
}
