internal import Dispatch
internal import ShowerModel

/// The cluster bootstrap: showers are drawn anew, and all events of a shower go with it.
///
/// A replica gives every group of showers a weight from a Poisson distribution of mean 1. Up to `groupLimit` showers
/// every shower is a group of its own; of more, showers are put together at random, which leaves the
/// expected interval as it is and lets its width scatter by 1 % (the spread of a variance that 4096 groups
/// estimate). All lists see the same weights, so differences between methods are paired.
struct Bootstrap: Sendable {
  static let groupLimit = 4096

  let replicas: Int
  let threads: Int
  let groupCount: Int
  /// Group of each shower.
  let groupOfShower: [Int32]
  /// [replica][group]
  private let weights: [Float]

  init(replicas: Int, seed: UInt64, threads: Int, showerCount: Int) {
    self.replicas = replicas
    self.threads = threads
    groupCount = max(min(showerCount, Self.groupLimit), 1)
    let (groups, isGrouped) = (groupCount, showerCount > Self.groupLimit)
    groupOfShower = (0..<showerCount).map { shower in
      guard isGrouped else { return Int32(shower) }
      var random = CounterRandom(seed: seed, event: shower, stream: 8)
      return Int32(((random.next() >> 32) * UInt64(groups)) >> 32)
    }
    var weights = [Float](repeating: 0, count: groups * replicas)
    var counts = [UInt8](repeating: 0, count: groups)
    for replica in 0..<replicas {
      counts.withUnsafeMutableBufferPointer {
        PoissonWeights.fill($0, seed: seed, replica: replica)
      }
      for group in 0..<groups { weights[replica * groups + group] = Float(counts[group]) }
    }
    self.weights = weights
  }

  /// The statistics of all lists in all replicas. The numbers do not depend on the threads.
  func run(_ lists: [GroupedErrors]) -> ReplicaTable {
    var table = ReplicaTable(lists: lists.count, replicas: replicas)
    let (replicas, groupCount) = (replicas, groupCount)
    let workers = max(min(threads, lists.count), 1)
    table.numbers.withUnsafeMutableBufferPointer { buffer in
      weights.withUnsafeBufferPointer { weights in
        // A list writes only to its own places.
        nonisolated(unsafe) let numbers = buffer
        nonisolated(unsafe) let weights = weights
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
          guard let first = weights.baseAddress else { return }
          for index in stride(from: worker, to: lists.count, by: workers) {
            for replica in 0..<replicas {
              let result = lists[index].statistics(weights: first + replica * groupCount)
              for place in 0..<ReplicaTable.width {
                numbers[(index * ReplicaTable.width + place) * replicas + replica] = result[place]
              }
            }
          }
        }
      }
    }
    return table
  }
}

/// Statistics of lists of errors in the replicas of a bootstrap.
struct ReplicaTable {
  static let width = Statistic.allCases.count
  let replicas: Int
  /// [list][statistic][replica]
  fileprivate var numbers: [Double]

  fileprivate init(lists: Int, replicas: Int) {
    self.replicas = replicas
    numbers = [Double](repeating: .nan, count: lists * Self.width * replicas)
  }

  /// A statistic of a list [replica].
  subscript(list: Int, statistic: Statistic) -> ArraySlice<Double> {
    let start = (list * Self.width + statistic.place) * replicas
    return numbers[start..<start + replicas]
  }
}
