import Foundation
import ShowerModel
import ShowerStore
import Testing

@testable import Workflow

@Suite struct ShardTests {
  @Test(arguments: ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "", "-1/2"])
  func textsThatAreNoShardAreWrongUse(text: String) {
    #expect {
      try Shard(parsing: text)
    } throws: {
      ($0 as? WrongUse)?.description == "parts count from 1: 1/8, 2/8 ... 8/8"
    }
  }

  @Test func aShardIsReadAsItIsWritten() throws {
    let shard = try Shard(parsing: "2/8")
    #expect(shard == Shard(2, of: 8) && "\(shard)" == "2/8")
  }

  @Test(arguments: [0, 1, 31, 32, 33, 100, 1000], [1, 2, 3, 7])
  func partsCoverAllRowsOnceAndAreCutBetweenBlocks(rows: Int, count: Int) {
    for blockSize in [1, 32] {
      let parts = (1...count).map { Shard($0, of: count).part(of: rows, blockSize: blockSize) }
      #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == rows)
      for (one, next) in zip(parts, parts.dropFirst()) {
        #expect(one.upperBound == next.lowerBound)
        #expect(one.upperBound % blockSize == 0 || one.upperBound == rows)
      }
    }
  }

  @Test func aShareIsOfTheFirstRows() throws {
    #expect(try WorkShare().rows(of: 10, limit: nil) == 0..<10)
    #expect(try WorkShare().rows(of: 10, limit: 4) == 0..<4)
    #expect(try WorkShare().rows(of: 10, limit: -1) == 0..<0)
    #expect(try WorkShare(Shard(2, of: 2)).rows(of: 10, limit: 6) == 3..<6)
    #expect(try WorkShare(Shard(1, of: 2)).rows(of: 10, limit: nil, blocks: 8) == 0..<8)
    #expect(throws: WrongUse.self) {
      try WorkShare(resultsOnly: true).rows(of: 10, limit: nil)
    }
  }

  @Test func theRecordOfAShareNamesItsRows() {
    #expect(WorkShare().record(0..<10).isEmpty)
    #expect(
      WorkShare(Shard(2, of: 3)).record(4..<7)
        == ["shard": "2/3", "shard_first_row": "4", "shard_events": "3"])
  }

  @Test func filesOfAllShardsMakeASet() throws {
    let folder = try TemporaryFolder()
    let paths = (1...3).map { folder.path("\($0).h5") }
    for (index, path) in paths.enumerated() {
      let step = Steps.simulation("\(index + 1)/3", made: index + 1, covered: 96 + index)
      try Files.write(Array(0...index), step, to: path)
    }
    let set = try ShardSet([paths[2], paths[0], paths[1]], resultsOnly: false)
    #expect(set.files.map(\.path) == paths)
    #expect(set.order == .byThrow(covered: 96))
    #expect(set.activity == "simulate" && set.eventLimit == 10 && set.eventCount == 6)
    let step = try #require(set.provenance(lastThrow: 40).first)
    #expect(step.settings == ["events": "10", "thrown": "41"])

    for (chosen, words) in [
      ([paths[0]], "shards 2-3 of 3 of simulate are missing"),
      ([paths[0], paths[2]], "shard 2 of 3 of simulate is missing"),
      ([paths[0], paths[1], paths[1]], "are both shard 2/3 of simulate"), ([], "no files to merge"),
    ] {
      #expect {
        try ShardSet(chosen, resultsOnly: false)
      } throws: {
        $0 is MergeError && "\($0)".hasSuffix(words)
      }
    }
    #expect {
      try ShardSet(paths, resultsOnly: true)
    } throws: {
      "\($0)" == "\(paths[0]): holds events too: merge it without --results-of"
    }
  }

  @Test func partsOfAFileFollowEachOther() throws {
    let folder = try TemporaryFolder()
    func write(_ shard: String, first: Int, made: Int, rows: Int, _ name: String) throws -> String {
      let step = Steps.step(
        "reconstruct",
        [
          ShardKey.shard: shard, ShardKey.firstRow: "\(first)", ShardKey.events: "\(made)",
        ])
      try Files.write(Array(first..<first + rows), step, to: folder.path(name))
      return folder.path(name)
    }
    let first = try write("1/2", first: 0, made: 2, rows: 2, "a")
    let second = try write("2/2", first: 2, made: 1, rows: 1, "b")
    let gap = try write("2/2", first: 3, made: 1, rows: 1, "c")
    let short = try write("2/2", first: 2, made: 2, rows: 1, "d")
    #expect(try ShardSet([first, second], resultsOnly: false).order == .consecutive)
    #expect {
      try ShardSet([first, gap], resultsOnly: false)
    } throws: {
      "\($0)".contains("begins with event 3 of the whole, where 2 was expected")
    }
    #expect {
      try ShardSet([first, short], resultsOnly: false)
    } throws: {
      "\($0)".contains("has 1 events, but its shard had 2: a later step left some out")
    }
  }
}

@Suite struct ShardHistoryTests {
  private func history(_ steps: ProvenanceStep..., path: String = "b.h5") throws -> ShardHistory {
    try ShardHistory(path, steps)
  }

  @Test func aFileOfAWholeRunIsNoShard() {
    #expect {
      try history(Steps.step("simulate"))
    } throws: {
      $0 is MergeError && "\($0)".hasPrefix("b.h5: is no shard")
    }
  }

  @Test func partsOfOneRunBelongTogether() throws {
    let one = try history(Steps.simulation("1/2", made: 6, covered: 64), path: "a.h5")
    try history(Steps.simulation("2/2", made: 5, covered: 96)).check(against: one)
  }

  @Test func theFirstDifferenceIsNamed() throws {
    let reference = Steps.step(
      "simulate", ["configuration": "x", ShardKey.shard: "1/2"], seed: 1,
      inputs: [.init(path: "tables/a.csv", sha256: "00")])
    let first = try history(reference, path: "a.h5")
    func variant(_ change: (inout ProvenanceStep) -> Void) -> ProvenanceStep {
      var step = reference
      step.settings[ShardKey.shard] = "2/2"
      change(&step)
      return step
    }
    for (step, words) in [
      (variant { $0.seed = 2 }, "b.h5: step simulate: seed: 2, but 1 in a.h5"),
      (variant { $0.version = "2" }, "b.h5: step simulate: made by airshower 2, but a.h5 by 0"),
      (variant { $0.settings["configuration"] = "y" }, "b.h5: step simulate: configuration: y"),
      (variant { $0.settings["more"] = "y" }, "b.h5: step simulate: more: y, but none in a.h5"),
      (
        variant { $0.inputs[0].sha256 = "11" },
        "b.h5: step simulate: file tables/a.csv: 11, but 00 in a.h5"
      ),
      (
        variant { $0.settings[ShardKey.shard] = "2/3" },
        "b.h5: is shard 2/3, but a.h5 is shard 1/2"
      ),
      (variant { $0.activity = "correct" }, "b.h5: was made by correct, divided at correct"),
    ] {
      #expect {
        try history(step).check(against: first)
      } throws: {
        $0 is MergeError && "\($0)".hasPrefix(words)
      }
    }
    // Data files and machines may differ.
    let other = variant {
      $0.inputs.append(.init(path: "other.h5"))
      $0.host = "two"
    }
    try history(other).check(against: first)
  }

  @Test func buildsMayDifferWhereThatIsAllowed() throws {
    let first = try history(Steps.simulation("1/2", made: 6, covered: 64), path: "a.h5")
    var step = Steps.simulation("2/2", made: 5, covered: 96)
    step.version = "2"
    let second = try history(step)
    #expect(throws: MergeError.self) { try second.check(against: first) }
    try second.check(against: first, allowing: true)
    let joined = ShardHistory.joined([first, second])
    #expect(joined[0].version == "\(first.step.version), 2" && joined[0].build == nil)
    step.seed = 99
    let other = try history(step)
    #expect(throws: MergeError.self) { try other.check(against: first, allowing: true) }
  }

  @Test func historiesOfAllPartsAreJoined() throws {
    let before = Steps.step("simulate")
    func part(_ shard: String, _ host: String, _ start: String, _ end: String) throws
      -> ShardHistory
    {
      try history(
        before,
        Steps.step(
          "reconstruct",
          [
            "selection": "x", ShardKey.shard: shard, ShardKey.firstRow: "0", ShardKey.events: "1",
          ], inputs: [.init(path: "events.h5"), .init(path: host)], host: host, started: start,
          finished: end))
    }
    let joined = ShardHistory.joined([
      try part("1/3", "one", "2", "5"), try part("2/3", "two", "1", "9"),
      try part("3/3", "one", "3", "4"),
    ])
    #expect(joined.count == 2 && joined[0] == before)
    #expect(joined[1].settings == ["selection": "x"])
    #expect(joined[1].host == "one, two")
    #expect(joined[1].started == "1" && joined[1].finished == "9")
    #expect(joined[1].inputs.map(\.path) == ["events.h5", "one", "two"])
  }
}
