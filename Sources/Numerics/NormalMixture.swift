internal import Glibc

/// A density of two quantities: a mixture of bivariate normal distributions.
package struct NormalMixture: Sendable, Equatable {
  /// One normal distribution.
  package struct Component: Sendable, Equatable {
    /// Part of the probability; those of all components add up to 1.
    package var weight: Double
    package var mean: SIMD2<Double>
    /// Standard deviations.
    package var sigma: SIMD2<Double>
    /// Correlation coefficient, between -1 and 1.
    package var correlation: Double

    package init(
      weight: Double, mean: SIMD2<Double>, sigma: SIMD2<Double>, correlation: Double
    ) {
      self.weight = weight
      self.mean = mean
      self.sigma = sigma
      self.correlation = correlation
    }
  }

  package let components: [Component]
  private let terms: [Term]

  package init(_ components: [Component]) {
    self.components = components
    terms = components.map(Term.init)
  }

  /// Whether every number is finite, widths are positive and correlations below 1.
  package var isProper: Bool {
    components.allSatisfy {
      $0.weight.isFinite && $0.mean.x.isFinite && $0.mean.y.isFinite && $0.sigma.x > 0
        && $0.sigma.y > 0 && $0.sigma.x.isFinite && $0.sigma.y.isFinite && abs($0.correlation) < 1
    }
  }

  /// The density of `scale * x + shift`, component by component of the vectors.
  package func scaled(by scale: SIMD2<Double>, shiftedBy shift: SIMD2<Double>) -> NormalMixture {
    NormalMixture(
      components.map {
        Component(
          weight: $0.weight, mean: $0.mean * scale + shift, sigma: $0.sigma * scale,
          correlation: $0.correlation)
      })
  }

  /// ln of the density.
  package func logDensity(at point: SIMD2<Double>) -> Double {
    let logarithms = terms.map { $0.logDensity(at: point) }
    let largest = logarithms.max() ?? -.infinity
    guard largest.isFinite else { return largest }
    return largest + log(logarithms.reduce(0) { $0 + exp($1 - largest) })
  }

  /// The density.
  package func density(at point: SIMD2<Double>) -> Double {
    var sum = 0.0
    for term in terms { sum += exp(term.logDensity(at: point)) }
    return sum
  }

  /// What the density of a component needs at every point.
  private struct Term: Sendable, Equatable {
    let mean: SIMD2<Double>
    let inverseSigma: SIMD2<Double>
    let correlation: Double
    let factor: Double
    let logNorm: Double

    init(_ component: Component) {
      let rest = 1 - component.correlation * component.correlation
      mean = component.mean
      inverseSigma = 1 / component.sigma
      correlation = component.correlation
      factor = -0.5 / rest
      logNorm =
        log(component.weight) - log(component.sigma.x) - log(component.sigma.y) - 0.5 * log(rest)
        - log(2 * .pi)
    }

    func logDensity(at point: SIMD2<Double>) -> Double {
      let pull = (point - mean) * inverseSigma
      let square = pull.x * pull.x - 2 * correlation * pull.x * pull.y + pull.y * pull.y
      return logNorm + factor * square
    }
  }
}
