/// The errors of one method on some events, prepared for many weightings of their showers.
///
/// Sorted once: a weighting is then one pass that sums weights by blocks, and quantiles are found from
/// the sums of the blocks.
struct WeightedErrors: Sendable {
  /// Values come in blocks of this many; the last one is filled up with values of a shower of weight 0.
  static let blockSize = 64

  /// Number of events, without those that fill the last block.
  let count: Int
  let isDistance: Bool
  /// Whether the values are sorted; else only mean and variance are given.
  let isSorted: Bool
  private(set) var values: [Float]
  private(set) var showers: [Int32]

  /// Values with the number of their shower, ascending where `isSorted`.
  ///
  /// `nobody` is the number of the shower whose weight is always 0.
  init(
    values: [Float], showers: [Int32], nobody: Int32, isDistance: Bool, isSorted: Bool = true
  ) {
    count = values.count
    self.isDistance = isDistance
    self.isSorted = isSorted
    self.values = values
    self.showers = showers
    let filling = (Self.blockSize - count % Self.blockSize) % Self.blockSize
    self.values.append(contentsOf: repeatElement(0, count: filling))
    self.showers.append(contentsOf: repeatElement(nobody, count: filling))
  }

  var blockCount: Int { values.count / Self.blockSize }

  /// The statistics with every event counted once.
  var statistics: ErrorStatistics {
    if isSorted {
      return Performance.statistics(ofSorted: values[..<count], isDistance: isDistance)
    }
    let (mean, variance) = moments(values[..<count])
    return Self.momentStatistics(mean: mean, variance: variance)
  }

  private static func momentStatistics(mean: Double, variance: Double) -> ErrorStatistics {
    var result = ErrorStatistics(repeating: .nan)
    result[Statistic.mean.place] = mean
    result[Statistic.standardDeviation.place] = variance.squareRoot()
    result[Statistic.rootMeanSquare.place] = (variance + mean * mean).squareRoot()
    return result
  }

  /// The statistics with every event counted as often as its shower weighs.
  ///
  /// Equal to the statistics of the sample in which events are repeated; NaN where nothing weighs.
  ///
  /// `weights` go by number of shower [shower], with that of nobody, 0, at the end; `blockWeights` is
  /// room for `blockCount` numbers.
  func statistics(
    weights: UnsafePointer<UInt8>, blockWeights: UnsafeMutablePointer<UInt32>
  ) -> ErrorStatistics {
    values.withUnsafeBufferPointer { values in
      showers.withUnsafeBufferPointer { showers in
        let sums = Self.sums(values, showers, weights, blockWeights)
        guard sums.weight > 0 else { return ErrorStatistics(repeating: .nan) }
        let mean = sums.first / Double(sums.weight)
        let variance = max(sums.second / Double(sums.weight) - mean * mean, 0)
        var result = Self.momentStatistics(mean: mean, variance: variance)
        guard isSorted else { return result }
        var cursor = WeightedQuantiles(
          values: values, showers: showers, weights: weights,
          blockWeights: UnsafePointer(blockWeights),
          total: sums.weight)
        if isDistance {
          result[Statistic.median.place] = cursor.next(0.5)
          result[Statistic.width68.place] = cursor.next(0.68)
          result[Statistic.width95.place] = cursor.next(0.95)
        } else {
          let (low95, low68) = (cursor.next(0.025), cursor.next(0.16))
          result[Statistic.median.place] = cursor.next(0.5)
          result[Statistic.width68.place] = (cursor.next(0.84) - low68) / 2
          result[Statistic.width95.place] = (cursor.next(0.975) - low95) / 2
        }
        return result
      }
    }
  }

  /// Sums of w, w x and w x^2; the weights of the blocks are left in `blockWeights`.
  private static func sums(
    _ values: UnsafeBufferPointer<Float>, _ showers: UnsafeBufferPointer<Int32>,
    _ weights: UnsafePointer<UInt8>, _ blockWeights: UnsafeMutablePointer<UInt32>
  ) -> (weight: Int, first: Double, second: Double) {
    var (weight, first, second) = (0, 0.0, 0.0)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: blockSize) { gathered in
      for block in 0..<values.count / blockSize {
        let start = block * blockSize
        var blockWeight: UInt32 = 0
        for i in 0..<blockSize {
          let w = weights[Int(showers[start + i])]
          blockWeight &+= UInt32(w)
          gathered[i] = Float(w)
        }
        blockWeights[block] = blockWeight
        weight += Int(blockWeight)
        // Sums of 64 products lose nothing in single precision; blocks are added in double.
        var sum1 = SIMD8<Float>.zero
        var sum2 = SIMD8<Float>.zero
        let rows = UnsafeRawPointer(gathered.baseAddress.unsafelyUnwrapped)
        let columns = UnsafeRawPointer(values.baseAddress.unsafelyUnwrapped + start)
        for offset in stride(from: 0, to: 4 * blockSize, by: 32) {
          let x = columns.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
          let wx = rows.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self) * x
          sum1 += wx
          sum2 += wx * x
        }
        first += Double(sum1.sum())
        second += Double(sum2.sum())
      }
    }
    return (weight, first, second)
  }
}

/// Quantiles of a weighted sample, asked in ascending order.
private struct WeightedQuantiles {
  let values: UnsafeBufferPointer<Float>
  let showers: UnsafeBufferPointer<Int32>
  let weights: UnsafePointer<UInt8>
  let blockWeights: UnsafePointer<UInt32>
  let total: Int
  /// The block looked at, and the weight before it.
  private var block = 0
  private var weightBefore = 0

  init(
    values: UnsafeBufferPointer<Float>, showers: UnsafeBufferPointer<Int32>,
    weights: UnsafePointer<UInt8>, blockWeights: UnsafePointer<UInt32>, total: Int
  ) {
    self.values = values
    self.showers = showers
    self.weights = weights
    self.blockWeights = blockWeights
    self.total = total
  }

  /// The quantile p of the sample in which every value is repeated as often as it weighs.
  mutating func next(_ p: Double) -> Double {
    let rank = p * Double(total - 1)
    let lower = Int(rank)
    while weightBefore + Int(blockWeights[block]) <= lower {
      weightBefore += Int(blockWeights[block])
      block += 1
    }
    var index = block * WeightedErrors.blockSize
    var cumulated = weightBefore + weight(index)
    while cumulated <= lower {
      index += 1
      cumulated += weight(index)
    }
    let value = Double(values[index])
    guard lower + 1 < total, rank > Double(lower) else { return value }
    while cumulated <= lower + 1 {
      index += 1
      cumulated += weight(index)
    }
    return value + (rank - Double(lower)) * (Double(values[index]) - value)
  }

  private func weight(_ index: Int) -> Int { Int(weights[Int(showers[index])]) }
}
