/// The quantile `p` of ascending values, interpolated linearly; NaN without values.
///
/// Definition 7 of Hyndman and Fan (1996), which is the default of `numpy.quantile`.
/// - Parameters:
///   - sorted: ascending values.
///   - p: probability, from 0 to 1.
/// - Returns: the value at rank (n - 1) p.
package func quantile(sorted: [Double], _ p: Double) -> Double {
  guard let last = sorted.last else { return .nan }
  let rank = p * Double(sorted.count - 1)
  let lower = Int(rank)
  guard lower + 1 < sorted.count else { return last }
  return sorted[lower] + (rank - Double(lower)) * (sorted[lower + 1] - sorted[lower])
}

/// The quantile `p` of values in any order, by the same definition; NaN without values.
package func quantile(of values: [Double], _ p: Double) -> Double {
  quantile(sorted: values.sorted(), p)
}
