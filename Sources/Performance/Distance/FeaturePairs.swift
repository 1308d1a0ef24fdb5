internal import Glibc
internal import Numerics

/// One feature of matched pairs, made ready to be compared again and again.
struct FeaturePairs {
  /// Pairs in which both members have the feature.
  let pairs: [Int32]
  /// Data minus reference of these pairs, in units of the width of all values.
  let differences: [Double]
  /// Half of the range from 16 % to 84 % of all values.
  let width: Double
  /// Of all values in ascending order: place in `pairs`, and 1 for data, -1 for the reference.
  private let order: [Int32]
  private let side: [Int32]
  /// Whether the next value is larger.
  private let isStep: [Bool]

  /// nil where fewer than `fewest` pairs have the feature, or all values are equal.
  init?(data: [Double], reference: [Double], fewest: Int) {
    let known = data.indices.filter { data[$0].isFinite && reference[$0].isFinite }
    guard known.count >= fewest else { return nil }
    let values = known.map { data[$0] } + known.map { reference[$0] }
    let ascending = ascendingOrder(values).map(Int.init)
    guard let first = ascending.first, let last = ascending.last, values[first] < values[last]
    else { return nil }
    let sorted = ascending.map { values[$0] }
    let central = (quantile(sorted: sorted, 0.84) - quantile(sorted: sorted, 0.16)) / 2
    // A feature that most events share has no central width.
    width = central > 0 ? central : (sorted[sorted.count - 1] - sorted[0]) / 2
    pairs = known.map(Int32.init)
    let scale = width
    differences = known.map { (data[$0] - reference[$0]) / scale }
    order = ascending.map { Int32($0 % known.count) }
    side = ascending.map { $0 < known.count ? 1 : -1 }
    isStep = sorted.indices.map { $0 + 1 == sorted.count || sorted[$0 + 1] > sorted[$0] }
  }

  var count: Int { pairs.count }

  /// The statistic of Kolmogorov and Smirnov, the largest distance of both distributions, and the
  /// mean of data minus reference in units of the width.
  func statistics(_ exchange: PairExchange) -> (distance: Double, shift: Double) {
    let signs = pairs.map { exchange.signs[Int($0)] }
    var (sum, largest) = (Int32(0), Int32(0))
    for index in order.indices {
      sum += side[index] * signs[Int(order[index])]
      if isStep[index] { largest = max(largest, abs(sum)) }
    }
    let shift = zip(differences, signs).reduce(0.0) { $0 + $1.0 * Double($1.1) }
    return (Double(largest) / Double(count), shift / Double(count))
  }
}
