import Glibc
internal import ShowerModel

/// How often each shower counts in a replica of the bootstrap: Poisson numbers of mean 1.
///
/// They stand for drawing showers with replacement, and need no second look at the sample.
enum PoissonWeights {
  /// A number u of 16 bits stands for as many as there are limits <= u: 65536 P(k <= i), i = 0...7.
  private static let limits: SIMD8<UInt16> = {
    var limits = SIMD8<UInt16>()
    var (probability, sum) = (exp(-1.0), 0.0)
    for k in 0..<8 {
      sum += probability
      probability /= Double(k + 1)
      limits[k] = UInt16(min((sum * 65536).rounded(), 65535))
    }
    return limits
  }()

  /// Fills in the weights of one replica [shower].
  static func fill(_ weights: UnsafeMutableBufferPointer<UInt8>, seed: UInt64, replica: Int) {
    var random = CounterRandom(seed: seed, event: replica, stream: .poissonWeights)
    let limits = limits
    var index = 0
    while index < weights.count {
      var bits = random.next()
      for place in index..<min(index + 4, weights.count) {
        let u = SIMD8<UInt16>(repeating: UInt16(truncatingIfNeeded: bits))
        // A true lane is all ones, -1.
        let passed = unsafeBitCast(u .>= limits, to: SIMD8<Int16>.self)
        weights[place] = UInt8(truncatingIfNeeded: -Int(passed.wrappedSum()))
        bits >>= 16
      }
      index += 4
    }
  }
}
