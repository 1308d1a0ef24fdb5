public import Glibc

/// Draws from the distributions that the simulation needs.
///
/// Written here instead of taken from a library. The draws of an event must depend on its counter
/// alone, and must not change with the version of a library.
extension CounterRandom {
  /// Uniform in a range.
  @inlinable public mutating func uniform(_ range: Range<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// Mean 0, variance 1 (Box and Muller, one of the pair).
  @inlinable public mutating func normal() -> Double {
    (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
  }

  /// Exponential with a mean.
  @inlinable public mutating func exponential(mean: Double) -> Double { -mean * log(uniform()) }

  /// Gamma with shape k > 0 and scale (Marsaglia and Tsang, ACM TOMS 26 (2000) 363).
  public mutating func gamma(shape: Double, scale: Double) -> Double {
    guard shape >= 1 else {
      // G(k) = G(k + 1) U^(1/k).
      return gamma(shape: shape + 1, scale: scale) * pow(uniform(), 1 / shape)
    }
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      if log(uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v * scale }
    }
  }

  /// Poisson with a mean >= 0: inversion below 10, transformed rejection above.
  ///
  /// Source: Hoermann, Insurance: Mathematics and Economics 12 (1993) 39, algorithm PTRS.
  public mutating func poisson(mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    if mean < 10 {
      var product = uniform()
      let limit = exp(-mean)
      var count = 0
      while product > limit {
        product *= uniform()
        count += 1
      }
      return count
    }
    let root = mean.squareRoot()
    let b = 0.931 + 2.53 * root
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let ratio = 0.9277 - 3.6224 / (b - 2)
    while true {
      let u = uniform() - 0.5
      let v = uniform()
      let us = 0.5 - abs(u)
      let k = ((2 * a / us + b) * u + mean + 0.43).rounded(.down)
      if us >= 0.07 && v <= ratio { return Int(k) }
      if k < 0 || (us < 0.013 && v > us) { continue }
      if log(v) + log(inverseAlpha) - log(a / (us * us) + b)
        <= -mean + k * log(mean) - logFactorial(k)
      {
        return Int(k)
      }
    }
  }

  /// ln k! by Stirling's series, k >= 0; unlike `lgamma` without a global that threads would share.
  private func logFactorial(_ k: Double) -> Double {
    if k < 10 { return log((0...Int(k)).reduce(1) { $0 * Double(max($1, 1)) }) }
    let r = 1 / (k * k)
    return (k + 0.5) * log(k) - k + 0.9189385332046727
      + (1 / 12.0 - r * (1 / 360.0 - r * (1 / 1260.0 - r / 1680))) / k
  }
}
