internal import Glibc
internal import Numerics
internal import ShowerModel

/// Resamples parent showers with replacement; all events of a shower go with it.
///
/// Every replica gives every group of showers a weight from a Poisson distribution of mean 1. With
/// up to `groupLimit` showers every shower is a group of its own. More showers are put into groups
/// at random. That leaves the expected interval unchanged; its width scatters by 1 %, as a variance
/// estimated from 4096 groups does. All lists see the same weights, so differences between methods
/// are paired.
package struct Bootstrap: Sendable {
  package static let groupLimit = 4096

  let replicas: Int
  let groupCount: Int
  /// Group of each shower.
  let groupOfShower: [Int32]
  /// [replica][group]
  private let weights: [Float]

  init(replicas: Int, seed: UInt64, showerCount: Int) {
    let (groupCount, isGrouped) = (
      max(min(showerCount, Self.groupLimit), 1), showerCount > Self.groupLimit
    )
    let groups = (0..<showerCount).map { shower in
      guard isGrouped else { return Int32(shower) }
      var random = CounterRandom(seed: seed, event: shower, stream: .bootstrap)
      return Int32(((random.next() >> 32) * UInt64(groupCount)) >> 32)
    }
    var weights = [Float](repeating: 0, count: groupCount * replicas)
    var counts = [UInt8](repeating: 0, count: groupCount)
    for replica in 0..<replicas {
      counts.withUnsafeMutableBufferPointer {
        PoissonWeights.fill($0, seed: seed, replica: replica)
      }
      for group in 0..<groupCount { weights[replica * groupCount + group] = Float(counts[group]) }
    }
    self.init(
      replicas: replicas, groupCount: groupCount, groupOfShower: groups, weights: weights)
  }

  /// With weights of one's own [replica][group].
  init(replicas: Int, groupCount: Int, groupOfShower: [Int32], weights: [Float]) {
    precondition(weights.count == replicas * groupCount)
    self.replicas = replicas
    self.groupCount = groupCount
    self.groupOfShower = groupOfShower
    self.weights = weights
  }

  /// The weight of a group of showers in a replica.
  func weight(replica: Int, group: Int) -> Float { weights[replica * groupCount + group] }

  /// The statistics of some lists in all replicas.
  ///
  /// All weighted sums come from one product over the groups that occur, then the quantiles of
  /// every list and replica.
  /// - Parameter lists: such as share most of their showers, those of all methods in several
  ///   quantities of one subset. The weights of these showers are picked out once.
  /// - Returns: the statistics of list after list.
  func run(_ lists: [GroupedErrors]) -> ReplicaTable {
    var table = ReplicaTable(lists: lists.count, replicas: replicas)
    let occupied = occupiedGroups(lists)
    let places = places(of: occupied)
    let weights = weights(of: occupied)
    let columns = lists.count * GroupedErrors.sumCount
    var sums = [Float](repeating: 0, count: occupied.count * columns)
    let placed = lists.map { $0.placed(places) }
    for (place, list) in placed.enumerated() {
      list.fill(&sums, from: place * GroupedErrors.sumCount, columns: columns)
    }
    var totals = [Float](repeating: 0, count: replicas * columns)
    weights.withUnsafeBufferPointer { weights in
      totals.withUnsafeMutableBufferPointer { totals in
        guard let weights = weights.baseAddress, let totals = totals.baseAddress else { return }
        multiply(
          weights, sums, into: totals, rows: replicas, inner: occupied.count, columns: columns)
        for (place, list) in placed.enumerated() {
          for replica in 0..<replicas {
            table.set(
              list.statistics(
                totals + replica * columns + place * GroupedErrors.sumCount,
                weights: weights + replica * occupied.count), list: place, replica: replica)
          }
        }
      }
    }
    return table
  }

  /// The groups that any of the lists has, ascending.
  private func occupiedGroups(_ lists: [GroupedErrors]) -> [Int32] {
    var occurs = [Bool](repeating: false, count: groupCount)
    for list in lists { for group in list.groups { occurs[Int(group)] = true } }
    return (0..<Int32(groupCount)).filter { occurs[Int($0)] }
  }

  /// Where each group stands among some of them; -1 for the others [group].
  private func places(of groups: [Int32]) -> [Int32] {
    var places = [Int32](repeating: -1, count: groupCount)
    for (place, group) in groups.enumerated() { places[Int(group)] = Int32(place) }
    return places
  }

  /// The weights of some groups [replica][place].
  private func weights(of groups: [Int32]) -> [Float] {
    guard groups.count < groupCount else { return weights }
    return [Float](unsafeUninitializedCapacity: replicas * groups.count) { buffer, count in
      weights.withUnsafeBufferPointer { weights in
        for replica in 0..<replicas {
          for (place, group) in groups.enumerated() {
            buffer[replica * groups.count + place] = weights[replica * groupCount + Int(group)]
          }
        }
      }
      count = replicas * groups.count
    }
  }
}

/// Statistics of lists of errors in the replicas of a bootstrap.
struct ReplicaTable {
  static let width = Statistic.allCases.count
  let replicas: Int
  /// [list][statistic][replica]
  private var numbers: [Double]

  fileprivate init(lists: Int, replicas: Int) {
    self.replicas = replicas
    numbers = [Double](repeating: .nan, count: lists * Self.width * replicas)
  }

  fileprivate mutating func set(_ statistics: ErrorStatistics, list: Int, replica: Int) {
    for statistic in 0..<Self.width {
      numbers[(list * Self.width + statistic) * replicas + replica] = statistics[statistic]
    }
  }

  /// A statistic of a list [replica].
  subscript(list: Int, statistic: Statistic) -> ArraySlice<Double> {
    let start = (list * Self.width + statistic.place) * replicas
    return numbers[start..<start + replicas]
  }
}

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
