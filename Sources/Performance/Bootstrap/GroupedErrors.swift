internal import Glibc

/// The errors of one method in one quantity on some events, prepared for the replicas of a
/// bootstrap.
///
/// A replica weights groups of showers. Moments need one sum over groups. A quantile needs the
/// weight below a window around it, which is a sum over groups too, and the values in the window.
/// The window reaches 6 standard deviations of the bootstrap to either side; one replica in 5e8
/// lies outside. The time of a replica thus grows with the number of groups, not of events.
struct GroupedErrors: Sendable {
  /// Number of events.
  let count: Int
  let isDistance: Bool
  /// The statistics with every event counted once, or by its own weight.
  let statistics: ErrorStatistics
  /// Groups that have events here, and their sums.
  private var groups: [Int32] = []
  /// Sums over the events of a group [occupied group][sum], with weights v and differences d = x -
  /// shift.
  ///
  /// In this order: v, v d, v d^2; v where |x| <= 1; v below each window; v, v d, v d^2 of the
  /// trimmed sample.
  private var sums: [Float] = []
  private let shift: Double
  private var windows: [Window] = []

  /// Sums of a group.
  static let sumCount = 12
  private static let (firstWindow, firstTrimmed) = (4, 9)

  /// Values around a quantile.
  fileprivate struct Window {
    let probability: Double
    var values: [Double] = []
    var groups: [Int32] = []
    /// Empty where every event counts once.
    var weights: [Float] = []
  }

  /// - Parameters:
  ///   - errors: sorted.
  ///   - eventGroups: groups of the values.
  ///   - groupCount: groups of the sample, numbered from 0.
  ///   - isDistance: which quantiles are needed.
  ///   - isKept: whether a value belongs to the trimmed sample; nil where there is none.
  init(
    _ errors: SortedErrors, groups eventGroups: [Int32], groupCount: Int, isDistance: Bool,
    isKept: [Bool]? = nil
  ) {
    count = errors.values.count
    self.isDistance = isDistance
    var statistics = errors.statistics(isDistance: isDistance)
    if let isKept {
      statistics[Statistic.trimmedDeviation.place] = Self.trimmed(errors, isKept)
        .moments.variance.squareRoot()
    }
    self.statistics = statistics
    shift = count > 0 ? statistics[Statistic.median.place] : 0
    var place = [Int32](repeating: -1, count: groupCount)
    for group in eventGroups where place[Int(group)] < 0 {
      place[Int(group)] = Int32(groups.count)
      groups.append(group)
    }
    var exact = [SIMD16<Double>](repeating: .zero, count: groups.count)
    for index in 0..<count {
      let (x, v) = (errors.values[index], errors.weights?[index] ?? 1)
      let d = x - shift
      let slot = Int(place[Int(eventGroups[index])])
      exact[slot][0] += v
      exact[slot][1] += v * d
      exact[slot][2] += v * d * d
      if abs(x) <= 1 { exact[slot][3] += v }
      if isKept?[index] ?? false {
        exact[slot][Self.firstTrimmed] += v
        exact[slot][Self.firstTrimmed + 1] += v * d
        exact[slot][Self.firstTrimmed + 2] += v * d * d
      }
    }
    for (number, p) in SortedErrors.probabilities(isDistance: isDistance).enumerated() {
      addWindow(p, number, errors, eventGroups, place, &exact)
    }
    sums = exact.flatMap { group in (0..<Self.sumCount).map { Float(group[$0]) } }
  }

  /// The values of the trimmed sample.
  static func trimmed(_ errors: SortedErrors, _ isKept: [Bool]) -> SortedErrors {
    let kept = isKept.indices.filter { isKept[$0] }
    return SortedErrors(
      values: kept.map { errors.values[$0] },
      weights: errors.weights.map { weights in kept.map { weights[$0] } })
  }

  /// Finds the values that a quantile may be in a replica, and the weight of each group below them.
  private mutating func addWindow(
    _ p: Double, _ number: Int, _ errors: SortedErrors, _ eventGroups: [Int32], _ place: [Int32],
    _ exact: inout [SIMD16<Double>]
  ) {
    func weight(_ index: Int) -> Double { errors.weights?[index] ?? 1 }
    let total = exact.reduce(0) { $0 + $1[0] }
    // The weight below the quantile, by group: its fluctuation is that of sum w (below - p all).
    var below = [Double](repeating: 0, count: groups.count)
    var (middle, sum) = (0, 0.0)
    while middle < count && sum + weight(middle) < p * total {
      below[Int(place[Int(eventGroups[middle])])] += weight(middle)
      sum += weight(middle)
      middle += 1
    }
    let variance = zip(below, exact).reduce(0) { $0 + pow($1.0 - p * $1.1[0], 2) }
    let reach = count <= 256 ? .infinity : 6 * variance.squareRoot() + 4 * total / Double(count)
    var (first, left) = (middle, sum)
    while first > 0 && sum - left < reach {
      first -= 1
      left -= weight(first)
    }
    var (last, right) = (middle, sum)
    while last < count && right - sum < reach {
      right += weight(last)
      last += 1
    }
    for index in 0..<first {
      exact[Int(place[Int(eventGroups[index])])][Self.firstWindow + number] += weight(index)
    }
    windows.append(
      Window(
        probability: p, values: Array(errors.values[first..<last]),
        groups: Array(eventGroups[first..<last]),
        weights: errors.weights.map { $0[first..<last].map { Float($0) } } ?? []))
  }

  /// Writes the sums into columns of a matrix by rows [group][column], whose other values there are
  /// 0.
  func fill(_ matrix: inout [Float], from column: Int, columns: Int) {
    for (place, group) in groups.enumerated() {
      let start = Int(group) * columns + column
      for sum in 0..<Self.sumCount { matrix[start + sum] = sums[place * Self.sumCount + sum] }
    }
  }

  /// The statistics with every event counted as often as its group weighs.
  ///
  /// Where events count once, equal to the statistics of the sample in which events are repeated.
  /// NaN where nothing weighs.
  /// - Parameters:
  ///   - total: the weighted sums over groups [sum].
  ///   - weights: of the groups [group].
  /// - Returns: all statistics.
  func statistics(_ total: UnsafePointer<Float>, weights: UnsafePointer<Float>) -> ErrorStatistics {
    var result = ErrorStatistics(repeating: .nan)
    guard total[0] > 0 else { return result }
    func moments(_ first: Int) -> (mean: Double, variance: Double) {
      let weight = Double(total[first])
      let mean = Double(total[first + 1]) / weight
      return (mean, max(Double(total[first + 2]) / weight - mean * mean, 0))
    }
    let (difference, variance) = moments(0)
    let mean = shift + difference
    result[Statistic.mean.place] = mean
    result[Statistic.standardDeviation.place] = variance.squareRoot()
    result[Statistic.rootMeanSquare.place] = (variance + mean * mean).squareRoot()
    result[Statistic.coverage.place] = Double(total[3]) / Double(total[0])
    result[Statistic.trimmedDeviation.place] = moments(Self.firstTrimmed).variance.squareRoot()
    let quantiles = windows.enumerated().map { number, window in
      window.quantile(
        weights, total: Double(total[0]), below: Double(total[Self.firstWindow + number]))
    }
    SortedErrors.place(quantiles, isDistance: isDistance, in: &result)
    return result
  }
}

extension GroupedErrors.Window {
  /// The quantile of the weighted sample, held at the ends of the window.
  func quantile(_ groupWeights: UnsafePointer<Float>, total: Double, below: Double) -> Double {
    weights.isEmpty
      ? repeated(groupWeights, total: total, below: below)
      : weighted(groupWeights, total: total, below: below)
  }

  /// Definition 7 on the sample in which every value is repeated as often as its group weighs.
  private func repeated(_ groupWeights: UnsafePointer<Float>, total: Double, below: Double)
    -> Double
  {
    let rank = probability * (total - 1)
    let lower = rank.rounded(.down)
    var cumulated = below
    var index = -1
    groups.withUnsafeBufferPointer { groups in
      while cumulated <= lower && index + 1 < groups.count {
        index += 1
        cumulated += Double(groupWeights[Int(groups[index])])
      }
    }
    guard index >= 0 else { return values.first ?? .nan }
    let value = values[index]
    guard rank > lower else { return value }
    groups.withUnsafeBufferPointer { groups in
      while cumulated <= lower + 1 && index + 1 < groups.count {
        index += 1
        cumulated += Double(groupWeights[Int(groups[index])])
      }
    }
    return value + (rank - lower) * (values[index] - value)
  }

  /// The least value up to which a part `probability` of the weight lies.
  private func weighted(_ groupWeights: UnsafePointer<Float>, total: Double, below: Double)
    -> Double
  {
    let target = probability * total
    var cumulated = below
    for index in groups.indices {
      let weight = Double(groupWeights[Int(groups[index])] * weights[index])
      cumulated += weight
      if weight > 0 && cumulated >= target { return values[index] }
    }
    return values.last ?? .nan
  }
}
