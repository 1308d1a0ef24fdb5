import ShowerStore
import Testing

@testable import Workflow

@Suite struct MergeOrderTests {
  /// All runs of an order.
  private func runs(
    _ shards: [[Int]], covered: Int = .max, limit: Int? = nil
  ) throws -> [(file: Int, rows: Range<Int>)] {
    var order = try MergeOrder(
      shards.map { numbers in
        EventNumbers(count: numbers.count) { rows throws(StoreError) in Array(numbers[rows]) }
      }, covered: covered, limit: limit)
    var runs: [(file: Int, rows: Range<Int>)] = []
    while let run = try order.next() { runs.append(run) }
    return runs
  }

  private func numbers(_ shards: [[Int]], covered: Int = .max, limit: Int? = nil) throws -> [Int] {
    try runs(shards, covered: covered, limit: limit).flatMap { shards[$0.file][$0.rows] }
  }

  /// Every third shower triggers; blocks of 32 showers go round the shards.
  private func shards(_ count: Int, showers: Int) -> [[Int]] {
    let triggered = stride(from: 0, to: showers, by: 3)
    return (0..<count).map { shard in
      triggered.filter { $0 / GenerationPlan.blockSize % count == shard }
    }
  }

  @Test(arguments: [1, 2, 3, 5]) func eventsComeInTheOrderOfTheirThrows(count: Int) throws {
    // More than a window of numbers in each file.
    let shards = shards(count, showers: 70_000)
    #expect(try numbers(shards) == Array(stride(from: 0, to: 70_000, by: 3)))
  }

  @Test func throwsThatNotAllShardsReachedAreLeftOut() throws {
    let shards = shards(3, showers: 300)
    #expect(try numbers(shards, covered: 100) == Array(stride(from: 0, to: 100, by: 3)))
  }

  @Test func theLimitKeepsTheFirstEvents() throws {
    let shards = shards(3, showers: 300)
    #expect(try numbers(shards, limit: 17) == Array(stride(from: 0, to: 51, by: 3)))
    #expect(try numbers(shards, limit: 0).isEmpty)
  }

  @Test func aRunEndsWithItsBlock() throws {
    let runs = try runs([[0, 5, 31, 32, 40], [70]])
    #expect(runs.map(\.file) == [0, 0, 1])
    #expect(runs.map(\.rows) == [0..<3, 3..<5, 0..<1])
  }

  @Test func emptyShardsHoldNothingUp() throws {
    #expect(try numbers([[], [3], []]) == [3])
    #expect(try numbers([]).isEmpty)
  }
}
