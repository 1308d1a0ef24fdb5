import ShowerModel
import Testing

@testable import Workflow

@Suite struct GenerationPlanTests {
  @Test func numbersThatMakeNoSenseAreWrongUse() {
    for (events, thrown, words) in [
      (5, 5, "give --events or --thrown, not both"),
      (0, nil, "--events needs a number of at least 1"),
      (nil, 0, "--thrown needs a number of at least 1"),
    ] as [(Int?, Int?, String)] {
      #expect {
        try GenerationPlan(events: events, thrown: thrown, shard: nil)
      } throws: {
        ($0 as? WrongUse)?.description == words
      }
    }
  }

  @Test(arguments: [1, 2, 5]) func shardsThrowEveryShowerOnce(count: Int) throws {
    let blocks = try (1...count).flatMap { number in
      Array(try GenerationPlan(events: nil, thrown: 1000, shard: Shard(number, of: count)))
    }
    #expect(blocks.flatMap(\.self).sorted() == Array(0..<1000))
  }

  @Test func aRangeOfShowersIsCutIntoItsBlocks() {
    let blocks = Array(GenerationPlan.blocks(of: 40..<100, shard: nil))
    #expect(blocks == [40..<64, 64..<96, 96..<100])
    #expect(Array(GenerationPlan.blocks(of: 40..<100, shard: Shard(2, of: 3))) == [40..<64])
  }

  @Test func aWholeRunStopsWithItsEvents() throws {
    let plan = try GenerationPlan(events: 10, thrown: nil, shard: nil)
    #expect(!plan.isEnough(9, covered: 1000) && plan.isEnough(10, covered: 1000))
    let thrown = try GenerationPlan(events: nil, thrown: 10, shard: nil)
    #expect(!thrown.isEnough(1_000_000, covered: 10))
  }

  /// A shard makes its part, a block and six standard deviations more, but never more than all.
  @Test func aShardMakesMoreThanItsPart() throws {
    let plan = try GenerationPlan(events: 10_000, thrown: nil, shard: Shard(1, of: 4))
    let enough = try #require((0...10_000).first { plan.isEnough($0, covered: 40_000) })
    #expect(enough > 2500 + GenerationPlan.blockSize && enough < 3000)
    let few = try GenerationPlan(events: 5, thrown: nil, shard: Shard(1, of: 4))
    #expect(few.isEnough(5, covered: 64))
  }

  @Test func theRecordTellsWhatWasThrown() throws {
    let whole = try GenerationPlan(events: 10, thrown: nil, shard: nil)
    #expect(whole.record(made: 10, covered: 37) == ["events": "10", "thrown": "37"])
    let part = try GenerationPlan(events: nil, thrown: 64, shard: Shard(2, of: 2))
    #expect(
      part.record(made: 3, covered: 64)
        == ["thrown": "64", "shard": "2/2", "shard_events": "3", "shard_covered": "64"])
  }
}
