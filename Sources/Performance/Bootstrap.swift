internal import Dispatch

/// The cluster bootstrap: showers are drawn anew, and all events of a shower go with it.
///
/// Every list of errors sees the same draws, so differences between lists are paired.
struct Bootstrap {
  let replicas: Int
  let seed: UInt64
  let threads: Int
  /// Number of showers; showers are numbered from 0.
  let showerCount: Int

  /// The statistics of all lists in all replicas. The numbers do not depend on the threads.
  func run(_ lists: [WeightedErrors]) -> ReplicaTable {
    var table = ReplicaTable(lists: lists.count, replicas: replicas)
    let workers = max(min(threads, replicas), 1)
    let blockCount = lists.map(\.blockCount).max() ?? 0
    let (seed, replicas, showerCount) = (seed, replicas, showerCount)
    table.numbers.withUnsafeMutableBufferPointer { buffer in
      // A replica writes only to places of its own number.
      nonisolated(unsafe) let numbers = buffer
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        var weights = [UInt8](repeating: 0, count: showerCount + 1)
        var blockWeights = [UInt32](repeating: 0, count: blockCount)
        weights.withUnsafeMutableBufferPointer { weights in
          blockWeights.withUnsafeMutableBufferPointer { blockWeights in
            guard let blocks = blockWeights.baseAddress, let first = weights.baseAddress else {
              return
            }
            for replica in stride(from: worker, to: replicas, by: workers) {
              PoissonWeights.fill(
                UnsafeMutableBufferPointer(rebasing: weights[..<showerCount]), seed: seed,
                replica: replica)
              for (index, list) in lists.enumerated() {
                let result = list.statistics(weights: first, blockWeights: blocks)
                for place in 0..<ReplicaTable.width {
                  numbers[(index * ReplicaTable.width + place) * replicas + replica] = result[place]
                }
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
