internal import Glibc

/// Regions of highest density of a mixture: all points whose density is above a level.
///
/// Computed from points that are the same for every mixture: a spiral of 128 points through each
/// component, with equal parts of its probability (Vogel, Mathematical Biosciences 44, 179, 1979).
/// The part of the probability above a level is that of the points above it. The area is the mean
/// of 1/density over these points. Nothing is random, and errors are below 1 % of the probability.
package struct HighestDensity: Sendable {
  /// ln of the density of each point, falling.
  private let logDensities: [Double]
  /// Probability of the points before each one, and half of its own.
  private let masses: [Double]
  /// The same for the area.
  private let areas: [Double]

  package init(_ mixture: NormalMixture) {
    var points: [(logDensity: Double, weight: Double)] = []
    points.reserveCapacity(mixture.components.count * Self.spiral.count)
    for component in mixture.components where component.weight > 0 {
      let (correlation, sigma) = (component.correlation, component.sigma)
      let rest = (1 - correlation * correlation).squareRoot()
      let weight = component.weight / Double(Self.spiral.count)
      for place in Self.spiral {
        let offset = SIMD2(place.x, correlation * place.x + rest * place.y)
        let density = mixture.density(at: component.mean + sigma * offset)
        points.append((log(density), weight))
      }
    }
    points.sort { $0.logDensity > $1.logDensity }
    var (mass, area) = (0.0, 0.0)
    var (masses, areas): ([Double], [Double]) = ([], [])
    masses.reserveCapacity(points.count)
    areas.reserveCapacity(points.count)
    for (logDensity, weight) in points {
      let part = weight * exp(-logDensity)
      masses.append(mass + 0.5 * weight)
      areas.append(area + 0.5 * part)
      mass += weight
      area += part
    }
    logDensities = points.map(\.logDensity)
    self.masses = masses
    self.areas = areas
  }

  /// Density at the border of the region that holds a part of the probability, and its area.
  package func region(holding mass: Double) -> (level: Double, area: Double) {
    guard let last = masses.indices.last else { return (.nan, .nan) }
    let next = (0..<last + 1).partitioningIndex { masses[$0] >= mass }
    guard next > 0, next <= last else {
      let nearest = min(next, last)
      return (exp(logDensities[nearest]), areas[nearest])
    }
    let part = (mass - masses[next - 1]) / (masses[next] - masses[next - 1])
    func between(_ values: [Double]) -> Double {
      values[next - 1] + part * (values[next] - values[next - 1])
    }
    return (exp(between(logDensities)), between(areas))
  }

  /// Part of the probability where the density is higher; 0 to 1.
  package func mass(above logDensity: Double) -> Double {
    guard let last = masses.indices.last else { return .nan }
    let next = (0..<last + 1).partitioningIndex { logDensities[$0] <= logDensity }
    guard next > 0 else { return 0 }
    guard next <= last else { return 1 }
    let step = logDensities[next] - logDensities[next - 1]
    let part = step < 0 ? (logDensity - logDensities[next - 1]) / step : 0
    return masses[next - 1] + part * (masses[next] - masses[next - 1])
  }

  /// Points of a normal distribution with unit width.
  private static let spiral: [SIMD2<Double>] = {
    let count = 128
    let goldenAngle = Double.pi * (3 - 5.0.squareRoot())
    return (0..<count).map { index in
      let radius = (-2 * log(1 - (Double(index) + 0.5) / Double(count))).squareRoot()
      return radius * SIMD2(cos(goldenAngle * Double(index)), sin(goldenAngle * Double(index)))
    }
  }()
}
