internal import Glibc
internal import ShowerModel

/// Arrival of electromagnetic particles behind the plane front.
///
/// `t = t_f (0.5 + 0.5 sqrt u) + Gamma(1.5, mean m)`: the curved front, sharp at its end, and a tail.
struct ArrivalTimes: Sendable {
  /// Cumulative Gamma(1.5) distribution at x = i/64, up to 32.
  private let cumulativeGamma: [Double]
  private static let perUnit = 64.0
  private static let count = 2049

  init() {
    cumulativeGamma = (0..<Self.count).map { index in
      let x = Double(index) / Self.perUnit
      return erf(x.squareRoot()) - 2 * (x / .pi).squareRoot() * exp(-x)
    }
  }

  /// Delay of one particle [ns].
  @inline(__always)
  static func sample(front: Double, mean: Double, using random: inout CounterRandom) -> Double {
    front * (0.5 + 0.5 * random.uniform().squareRoot())
      + mean / 1.5 * gammaThreeHalves(using: &random)
  }

  /// Gamma with shape 3/2 and scale 1: an exponential plus half the square of a normal number.
  @inline(__always) static func gammaThreeHalves(using random: inout CounterRandom) -> Double {
    let c = cos(2 * .pi * random.uniform())
    return -log(random.uniform()) - log(random.uniform()) * c * c
  }

  /// P(delay < t) for the front averaged over `steps` equal parts of its distribution.
  func cumulative(_ t: Double, front: Double, mean: Double, steps: Int) -> Double {
    var sum = 0.0
    for step in 0..<steps {
      let u = (Double(step) + 0.5) / Double(steps)
      sum += gammaCumulative((t - front * (0.5 + 0.5 * u.squareRoot())) * 1.5 / mean)
    }
    return sum / Double(steps)
  }

  @inline(__always) private func gammaCumulative(_ x: Double) -> Double {
    guard x > 0 else { return 0 }
    let position = x * Self.perUnit
    let index = Int(min(position, 1e6))
    guard index < Self.count - 1 else { return 1 }
    let fraction = position - Double(index)
    let low = cumulativeGamma[index]
    return low + fraction * (cumulativeGamma[index + 1] - low)
  }
}
