/// The density of two quantities of an event, and its regions of highest density.
///
/// A mixture of normal distributions about the values of the method. A region holds all points
/// whose density is above its level. Empty where a method gives none.
public struct DensityRegion: Sendable, Equatable {
  /// One normal distribution.
  public struct Component: Sendable, Equatable {
    /// Part of the probability.
    public var weight = 0.0
    /// Mean minus the value of the method.
    public var mean = SIMD2<Double>(0, 0)
    /// Standard deviations.
    public var sigma = SIMD2<Double>(0, 0)
    public var correlation = 0.0

    public init() {}
  }

  /// At most `mostComponents`.
  public var components: [Component] = []
  /// Density at the border of the region of 68 %.
  public var level68: Double?
  public var level95: Double?
  /// Area of the region of 68 %.
  public var area68: Double?
  public var area95: Double?

  /// Components for which a file has columns.
  public static let mostComponents = 8

  /// No density.
  public static let none = DensityRegion()

  public init() {}
}

/// The densities of an event for which a file has columns.
public struct DensityRegions: Sendable, Equatable {
  /// Of the direction, along growing zenith and growing azimuth, both [rad] on the sky.
  public var direction = DensityRegion.none
  /// Of log10(E/eV) and Xmax [g/cm2].
  public var energyXmax = DensityRegion.none

  /// No densities.
  public static let none = DensityRegions()

  public init() {}
}

extension DensityRegions {
  /// Columns of the groups under /reconstruction of networks that give both densities; others have
  /// some of them.
  public static var columns: [Column<DensityRegions>] {
    let quantities: [(WritablePath, String, Axis, Axis, area: String, level: String)] = [
      (
        \.direction, "direction", Axis("zenith", "rad", "zenith angle"),
        Axis("azimuth", "rad", "azimuth times sin(zenith)"), "sr", "1/sr"
      ),
      (
        \.energyXmax, "energy_xmax", Axis("log_energy", "1", "log10(E/eV)"),
        Axis("xmax", "g/cm2", "Xmax"), "g/cm2", "cm2/g"
      ),
    ]
    return quantities.flatMap { path, name, first, second, areaUnit, levelUnit in
      DensityRegion.columns(name, first, second, areaUnit: areaUnit, levelUnit: levelUnit).map {
        $0.lifted(path)
      }
    }
  }

  private typealias WritablePath = any WritableKeyPath<DensityRegions, DensityRegion> & Sendable

  /// Names of the columns of one density.
  ///
  /// - Parameters:
  ///   - name: `direction` or `energy_xmax`.
  ///   - components: of the mixture.
  /// - Returns: names of levels, areas, and the numbers of each component.
  public static func columnNames(of name: String, components: Int) -> [String] {
    columns.map(\.name).filter { column in
      guard column.hasPrefix("density_\(name)_") else { return false }
      let number = column.split(separator: "_").last.flatMap { Int($0) }
      return number.map { $0 <= components } ?? true
    }
  }
}

extension DensityRegions {
  /// One of the two quantities of a density.
  fileprivate struct Axis {
    let name: String
    let unit: String
    let meaning: String

    init(_ name: String, _ unit: String, _ meaning: String) {
      (self.name, self.unit, self.meaning) = (name, unit, meaning)
    }
  }
}

extension DensityRegion {
  fileprivate static func columns(
    _ name: String, _ first: DensityRegions.Axis, _ second: DensityRegions.Axis, areaUnit: String,
    levelUnit: String
  ) -> [Column<DensityRegion>] {
    let scalars: [Column<DensityRegion>] = [
      .optional(
        "density_\(name)_level68", unit: levelUnit, "Density at the border of its 68 % region",
        \.level68),
      .optional(
        "density_\(name)_level95", unit: levelUnit, "Density at the border of its 95 % region",
        \.level95),
      .optional("density_\(name)_area68", unit: areaUnit, "Area of its 68 % region", \.area68),
      .optional("density_\(name)_area95", unit: areaUnit, "Area of its 95 % region", \.area95),
    ]
    let components = (0..<mostComponents).flatMap { number in
      func column(
        _ part: String, _ unit: String, _ meaning: String,
        _ path: any WritableKeyPath<Component, Double> & Sendable
      ) -> Column<DensityRegion> {
        Column(
          "density_\(name)_\(part)_\(number + 1)", unit: unit,
          "\(meaning) of component \(number + 1)",
          get: {
            $0.components.indices.contains(number) ? $0.components[number][keyPath: path] : .nan
          },
          set: { $0.set(path, $1, ofComponent: number) })
      }
      return [
        column("weight", "1", "Weight", \.weight),
        column(
          first.name, first.unit, "Mean of \(first.meaning) minus the method's value", \.mean.x),
        column(
          second.name, second.unit, "Mean of \(second.meaning) minus the method's value", \.mean.y),
        column("\(first.name)_sigma", first.unit, "Width in \(first.meaning)", \.sigma.x),
        column("\(second.name)_sigma", second.unit, "Width in \(second.meaning)", \.sigma.y),
        column("correlation", "1", "Correlation coefficient", \.correlation),
      ]
    }
    return (scalars + components).map { $0.since(minorVersion: 7) }
  }

  /// Sets a number of a component, unless it is NaN: then there is no such component.
  private mutating func set(
    _ path: WritableKeyPath<Component, Double>, _ value: Double, ofComponent number: Int
  ) {
    guard !value.isNaN else { return }
    while components.count <= number { components.append(Component()) }
    components[number][keyPath: path] = value
  }
}
