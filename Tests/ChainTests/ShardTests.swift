import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Parts of a run, made one by one and merged, against the run in one piece.
@Suite(.serialized) struct ShardTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs a command that must end well.
  private func make(_ arguments: [String], _ output: String) throws -> String {
    let path = folder.path(output)
    let outcome = try Program.run(Program.url, arguments + ["--quiet", "--output", path])
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return path
  }

  /// All shards of a command, last one first.
  private func shards(_ count: Int, _ arguments: [String], _ name: String) throws -> [String] {
    try (1...count).reversed().map {
      try make(arguments + ["--shard", "\($0)/\(count)"], "\(name)\($0).h5")
    }
  }

  private func merged(_ parts: [String], _ name: String) throws -> String {
    try make(["merge"] + parts, name)
  }

  @Test(arguments: [1, 3]) func partsOfASimulationAreTheSimulation(count: Int) throws {
    let command = ["simulate", "--events", "300", "--energy", "3:300", "--seed", "4"]
    let one = try make(command, "one.h5")
    let all = try merged(try shards(count, command, "part"), "all.h5")
    #expect(try content(all) == content(one))
    // Also which showers were thrown: apertures are computed with it.
    let steps = try [one, all].map { try EventFileReader(path: $0).provenance }
    #expect(steps[0][0].settings == steps[1][0].settings)
    #expect(steps[1].map(\.activity) == ["simulate", "merge"])
    #expect(steps[1][1].inputs.count == count)
    // Even the stored bytes of every dataset.
    let datasets = try [one, all].map {
      try EventFileReader(path: $0).summary().groups.flatMap(\.datasets)
    }
    #expect(datasets[0] == datasets[1] && !datasets[0].isEmpty)
  }

  /// The last shards throw nothing: there are four blocks of showers.
  @Test func numbersOfShowersAreSharedTooAndSomeShardsAreEmpty() throws {
    let command = ["simulate", "--thrown", "120", "--energy", "10:300", "--seed", "4"]
    let one = try make(command, "one.h5")
    let parts = try shards(6, command, "part")
    #expect(try EventFileReader(path: parts[0]).eventCount == 0)
    #expect(try EventFileReader(path: parts[2]).eventCount > 0)
    let all = try merged(parts, "all.h5")
    #expect(try content(all) == content(one))
    let settings = try EventFileReader(path: all).provenance[0].settings
    #expect(settings["thrown"] == "120" && settings["events"] == nil)
  }

  /// Throws of a CORSIKA shower, and how many of them triggered; the last shard has none.
  @Test func partsOfThrowsAreTheThrows() throws {
    let command = [
      "simulate", "--corsika", CorsikaCommandTests.shower, "--throws", "70", "--array", "ideal:9x9",
    ]
    let one = try make(command, "one.h5")
    let parts = try shards(4, command, "part")
    #expect(try EventFileReader(path: parts[0]).eventCount == 0)
    let all = try merged(parts, "all.h5")
    #expect(try content(all) == content(one))
    let steps = try [one, all].map { try EventFileReader(path: $0).provenance }
    #expect(steps[0][0].settings == steps[1][0].settings)
    #expect(steps[0][0].settings["thrown"] == "70")
  }

  @Test func partsOfAChainAreTheChain() throws {
    let chain = try SmallChain.shared.get()
    let reconstructed = try merged(
      try shards(3, ["reconstruct", chain.simulation], "r"), "reco.h5")
    #expect(try content(reconstructed) == content(chain.reconstruction))
    let corrected = try merged(try shards(3, ["correct", reconstructed], "c"), "corrected.h5")
    #expect(try content(corrected) == content(chain.correction))
  }

  /// Small parts without events, put beside the events: even the bytes are those of one run, but
  /// for the provenance.
  @Test func resultsAloneAreMergedWithTheirEvents() throws {
    let chain = try SmallChain.shared.get()
    var source = chain.simulation
    for (step, whole) in [("reconstruct", chain.reconstruction), ("correct", chain.correction)] {
      let parts = try shards(3, [step, source, "--results-only"], step)
      let all = try make(["merge"] + parts + ["--results-of", source], "\(step).h5")
      #expect(try content(all) == content(whole))
      let sizes = try (parts + [whole]).map {
        try FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int ?? 0
      }
      #expect(sizes[0] < sizes[3] / 4)
      let bare = try Program.run(
        Program.url, ["merge"] + parts + ["--output", folder.path("bare.h5")])
      #expect(bare.status == 65 && bare.errors.contains("results without events"))
      let other = try Program.run(
        Program.url,
        ["merge"] + parts + ["--results-of", whole, "--output", folder.path("bare.h5")])
      #expect(other.status == 65 && other.errors.contains("is not the file that"))
      source = all
    }
    let lone = try Program.run(
      "reconstruct", chain.simulation, "--results-only", "--output", folder.path("a.h5"))
    #expect(lone.status == 64 && lone.errors.contains("give --shard too"))
    let part = try make(["reconstruct", chain.simulation, "--shard", "1/1"], "events.h5")
    let whole = try Program.run(
      "merge", part, "--results-of", chain.simulation, "--output", folder.path("a.h5"))
    #expect(whole.status == 65 && whole.errors.contains("holds events too"))
  }

  @Test func aChainOfPartsIsTheChain() throws {
    let command = ["simulate", "--events", "200", "--energy", "3:300", "--seed", "4"]
    let one = try make(["reconstruct", try make(command, "one.h5")], "one-reco.h5")
    let parts = try shards(2, command, "part").map {
      try make(["reconstruct", $0], "\($0.suffix(8)).reco")
    }
    #expect(try content(merged(parts, "all.h5")) == content(one))
    // Parts of parts are merged inside out.
    let inner = try (1...2).map { number in
      try merged(
        try shards(2, ["reconstruct", folder.path("part\(number).h5")], "inner\(number)"),
        "part\(number)-reco.h5")
    }
    #expect(try content(merged(inner, "nested.h5")) == content(one))
  }

  @Test func theTableOfCutsIsThatOfAllEvents() throws {
    let chain = try SmallChain.shared.get()
    let parts = try shards(2, ["reconstruct", chain.simulation], "r")
    let outcome = try Program.run(
      Program.url, ["merge"] + parts + ["--output", folder.path("all.h5")])
    #expect(outcome.output == chain.outcomes[1].output && !outcome.output.isEmpty)
  }

  @Test func whatDoesNotBelongTogetherIsRefused() throws {
    let command = ["simulate", "--events", "40", "--energy", "30:300"]
    let parts = try shards(3, command, "part")
    let other = try make(command + ["--seed", "2", "--shard", "2/3"], "other.h5")
    let ideal = try make(command + ["--array", "ideal:12x12", "--shard", "2/3"], "ideal.h5")
    let config = try make(command + ["--max-zenith", "30", "--shard", "2/3"], "config.h5")
    let half = try make(command + ["--shard", "2/2"], "half.h5")
    let whole = try make(command, "whole.h5")
    let short = try make(
      ["reconstruct", parts[0], "--max-events", "1"], "short.h5")
    let reco = try parts.dropFirst().map { try make(["reconstruct", $0], "\($0.suffix(8)).reco") }
    let (third, second, first) = (parts[0], parts[1], parts[2])
    for (inputs, words) in [
      ([first, second], "shard 3 of 3 of simulate is missing"),
      ([third], "shards 1-2 of 3 of simulate are missing"),
      ([first, first, second, third], "both shard 1/3"),
      ([first, other, third], "step simulate: seed: 2, but 1 in"),
      ([first, ideal, third], "is not the array telescope-array of"),
      ([first, config, third], "step simulate: configuration:"),
      ([first, half, third], "is shard 2/2, but"),
      ([first, second, whole], "is no shard"),
      ([first, second, reco[0]], "standard reconstruction: yes, but standard reconstruction: no"),
      ([reco[0], reco[1], short], "a later step left some out"),
      ([first, "nothing.h5"], "no such file"),
    ] {
      let outcome = try Program.run(
        Program.url, ["merge"] + inputs + ["--output", folder.path("all.h5")])
      #expect(outcome.status == 65, "\(inputs)")
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
    let existing = try Program.run(Program.url, ["merge"] + parts + ["--output", whole])
    #expect(existing.status == 73)
    #expect(!folder.contents.contains { $0.hasPrefix("all") || $0.hasSuffix(".part") })
  }

  @Test(arguments: ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", ""])
  func wrongPartsAreRefused(text: String) throws {
    let outcome = try Program.run("simulate", "--shard", text, "--output", folder.path("a.h5"))
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("parts count from 1: 1/8"))
  }

  @Test func eventsAndShowersExcludeEachOther() throws {
    let outcome = try Program.run(
      "simulate", "--events", "5", "--thrown", "5", "--output", folder.path("a.h5"))
    #expect(outcome.status == 64 && outcome.errors.contains("not both"))
  }
}

/// Everything that a file says of its events, as text: failed rows hold NaN, which equals nothing.
func content(_ path: String) throws -> String {
  let reader = try EventFileReader(path: path)
  let rows = 0..<reader.eventCount
  var parts = ["\(rows)", String(reflecting: reader.array)]
  parts.append(
    reader.hasStandard
      ? String(reflecting: try reader.reconstructedEvents(rows))
      : String(reflecting: try reader.events(rows)))
  if reader.hasStandard { parts.append(try reader.selection() ?? "") }
  for name in reader.reconstructionNames.sorted() {
    parts.append(name + (try reader.networkDescription(of: name) ?? ""))
    parts.append(String(reflecting: try reader.reconstructions(named: name, rows)))
  }
  return parts.joined(separator: "\n")
}
