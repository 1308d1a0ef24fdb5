internal import Glibc

/// The errors of one method in one quantity on some events, prepared for the replicas of a
/// bootstrap.
///
/// A replica weights groups of showers. Moments need one sum over groups. A quantile needs the
/// weight before that of the sample, which is a sum over groups too, and the values between the
/// two. They are searched for in a window that reaches 6 standard deviations of the bootstrap to
/// either side; one replica in 5e8 lies outside. The time of a replica thus grows with the number
/// of groups, not of events.
struct GroupedErrors: Sendable {
  /// Number of events.
  let count: Int
  let isDistance: Bool
  /// The statistics with every event counted once, or by its own weight.
  let statistics: ErrorStatistics
  /// Groups that have events here.
  private(set) var groups: [Int32] = []
  /// Sums over the events of a group [occupied group][sum], with weights v and differences d = x -
  /// shift.
  ///
  /// In this order: v, v d, v d^2; v where |x| <= 1; v before the middle of each window; v, v d,
  /// v d^2 of the trimmed sample.
  private var sums: [Float] = []
  private let shift: Double
  private var windows: [Window] = []

  /// Sums of a group.
  static let sumCount = 12
  private static let (firstWindow, firstTrimmed) = (4, 9)

  /// Values around a quantile.
  fileprivate struct Window {
    let probability: Double
    /// Values before the quantile of the sample, from which the search begins in every replica.
    var middle = 0
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
    let steps = Self.steps(of: exact)
    sums = exact.flatMap { group in
      let whole = (group / steps).rounded(.toNearestOrEven) * steps
      return (0..<Self.sumCount).map { Float(whole[$0]) }
    }
  }

  /// The steps to which the sums of groups are rounded, powers of 2, so that no weighted sum over
  /// groups is rounded [sum].
  ///
  /// A product of matrices adds in an order that depends on the processor and on the place of the
  /// column. Sums of whole steps below 2^24 are exact in single precision, in any order: equal
  /// errors get equal intervals, on every machine. No weighted sum comes near the bound here, 8
  /// standard deviations of Poisson weights above the mean.
  private static func steps(of sums: [SIMD16<Double>]) -> SIMD16<Double> {
    var (total, squares, largest) = (
      SIMD16<Double>.zero, SIMD16<Double>.zero, SIMD16<Double>.zero
    )
    for sum in sums {
      let size = sum.replacing(with: -sum, where: sum .< 0)
      total += size
      squares += size * size
      largest.replace(with: size, where: size .> largest)
    }
    var steps = total + 8 * squares.squareRoot() + 8 * largest
    for place in steps.indices {
      steps[place] = steps[place] > 0 ? scalbn(1, Int(ilogb(steps[place])) + 1 - 24) : 1
    }
    return steps
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
    for slot in exact.indices { exact[slot][Self.firstWindow + number] = below[slot] }
    windows.append(
      Window(
        probability: p, middle: middle - first, values: Array(errors.values[first..<last]),
        groups: Array(eventGroups[first..<last]),
        weights: errors.weights.map { $0[first..<last].map { Float($0) } } ?? []))
  }

  /// The same with groups named by their places among the groups of a product [group].
  func placed(_ places: [Int32]) -> GroupedErrors {
    var list = self
    list.groups = groups.map { places[Int($0)] }
    for window in windows.indices {
      list.windows[window].groups = windows[window].groups.map { places[Int($0)] }
    }
    return list
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
    // No array: this runs for every replica.
    var quantiles = ErrorStatistics()
    for number in windows.indices {
      quantiles[number] = windows[number].quantile(
        weights, total: Double(total[0]), below: Double(total[Self.firstWindow + number]))
    }
    SortedErrors.place(quantiles, isDistance: isDistance, in: &result)
    return result
  }
}

extension GroupedErrors.Window {
  /// The quantile of the weighted sample, held at the ends of the window.
  ///
  /// - Parameters:
  ///   - groupWeights: of the groups in this replica.
  ///   - total: weight of all values.
  ///   - below: weight of the values before the middle.
  /// - Returns: NaN without values.
  func quantile(_ groupWeights: UnsafePointer<Float>, total: Double, below: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    return groups.withUnsafeBufferPointer { groups in
      weights.isEmpty
        ? repeated(total: total, below: below) { Double(groupWeights[Int(groups[$0])]) }
        : weighted(total: total, below: below) {
          Double(groupWeights[Int(groups[$0])] * weights[$0])
        }
    }
  }

  /// Definition 7 on the sample in which every value is repeated as often as its group weighs.
  private func repeated(total: Double, below: Double, weight: (Int) -> Double) -> Double {
    let rank = probability * (total - 1)
    let lower = rank.rounded(.down)
    var (index, cumulated) = search(below, weight) { $0 > lower }
    guard index >= 0 else { return values[0] }
    let value = values[index]
    guard rank > lower else { return value }
    while cumulated <= lower + 1 && index + 1 < values.count {
      index += 1
      cumulated += weight(index)
    }
    return value + (rank - lower) * (values[index] - value)
  }

  /// The least value up to which a part `probability` of the weight lies.
  private func weighted(total: Double, below: Double, weight: (Int) -> Double) -> Double {
    let target = probability * total
    let (index, _) = search(below, weight) { $0 >= target }
    return values[max(index, 0)]
  }

  /// The first value up to which the weight is enough, and this weight. Held at the ends: -1 where
  /// even the weight before all values is enough.
  private func search(
    _ below: Double, _ weight: (Int) -> Double, isEnough: (Double) -> Bool
  ) -> (index: Int, cumulated: Double) {
    var (index, cumulated) = (middle - 1, below)
    // Several values at a time: their weights are added side by side.
    while index + 4 < values.count,
      case let next = cumulated + (weight(index + 1) + weight(index + 2))
        + (weight(index + 3) + weight(index + 4)), !isEnough(next)
    {
      index += 4
      cumulated = next
    }
    while !isEnough(cumulated) && index + 1 < values.count {
      index += 1
      cumulated += weight(index)
    }
    // Backwards, as long as the weight before the value is enough too.
    while index >= 3,
      case let before = cumulated - (weight(index) + weight(index - 1))
        - (weight(index - 2) + weight(index - 3)), isEnough(before)
    {
      index -= 4
      cumulated = before
    }
    while index >= 0, case let before = cumulated - weight(index), isEnough(before) {
      index -= 1
      cumulated = before
    }
    return (index, cumulated)
  }
}
