internal import ShowerModel

/// Charges of both layers of a station by their energy deposits, with photo-statistics.
///
/// A Poisson number of photo-electrons, each with a charge that fluctuates by k; above ten of them
/// a normal number with their variance and skewness.
struct LayerCharges {
  typealias Pair = SIMD2<Double>

  /// Photo-electrons per MeV.
  private let photoElectrons: Pair
  /// k, and what follows from it.
  private let spread: Pair
  private let variance: Pair
  private let sixVariances: Pair
  /// [counts/MeV].
  private let gain: Pair

  init(upper: LayerElectronics, lower: LayerElectronics) {
    photoElectrons = Pair(upper.photoElectrons, lower.photoElectrons)
    spread = Pair(upper.singleElectronSpread, lower.singleElectronSpread)
    variance = 1 + spread * spread
    sixVariances = 6 * variance
    gain = Pair(upper.gain, lower.gain)
  }

  /// Charges [counts] of deposits [MeV] with a standard normal number for each.
  ///
  /// `random` is used for layers with less than ten photo-electrons, the upper one first.
  @inline(__always) func charges(
    _ deposits: Pair, normals: Pair, using random: inout CounterRandom
  ) -> Pair {
    let means = deposits * photoElectrons
    var seen =
      means + (variance * means).squareRoot() * normals + (normals * normals - 1) / sixVariances
    if means.x > 0, means.y > 0 {
      if means.x < 10 { seen.x = few(0, means, normals, using: &random) }
      if means.y < 10 { seen.y = few(1, means, normals, using: &random) }
    } else {
      guard means.x > 0 || means.y > 0 else { return .zero }
      // One branch for both layers: no processor foresees which it is.
      let layer = means.y > 0 ? 1 : 0
      let one = means[layer] < 10 ? few(layer, means, normals, using: &random) : seen[layer]
      seen = .zero
      seen[layer] = one
    }
    return seen.replacing(with: 0, where: seen .< 0) / photoElectrons * gain
  }

  /// Of a mean below ten: a Poisson number by inversion takes one random number, whatever the mean.
  @inline(__always) private func few(
    _ layer: Int, _ means: Pair, _ normals: Pair, using random: inout CounterRandom
  ) -> Double {
    let mean = means[layer]
    var (count, rest) = (0.0, random.uniform())
    var probability = VectorFunctions.exp(-mean)
    while rest > probability, count < 60 {
      rest -= probability
      count += 1
      probability *= mean / count
    }
    return count + spread[layer] * count.squareRoot() * normals[layer]
  }
}
