import Foundation
import ShowerModel
import ShowerStore
import Testing

/// A front tuned on simulated events, and the second reconstruction made with it.
@Suite(.serialized) struct TunedFrontTests {
  let chain: SmallChain

  init() throws { chain = try SmallChain.shared.get() }

  /// Commands whose output is wanted to succeed.
  @discardableResult
  func run(_ arguments: String...) throws -> Program.Outcome {
    let outcome = try Program.run(Program.url, arguments)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  @Test func theRegressionIsThatOfNumPy() throws {
    let folder = try TemporaryFolder()
    for (name, threads) in [("a.json", "1"), ("b.json", "2")] {
      try run(
        "tune-front", chain.reconstruction, "--threads", threads, "--output", folder.path(name))
    }
    let texts = try ["a.json", "b.json"].map {
      try String(contentsOfFile: folder.path($0), encoding: .utf8).split(separator: "\n").filter {
        !$0.contains("\"command\"") && !$0.contains("\"name\"")
      }
    }
    #expect(texts[0] == texts[1])
    #expect(folder.contents == ["a.json", "b.json"])
    let check = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      [
        Program.repository.appending(path: "Benchmarks/front-regression.py").path,
        chain.reconstruction, folder.path("a.json"),
      ])
    try #require(check.status == 0, "\(check.errors)")
    let differences = check.output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    #expect(differences.count == 2)
    // Few events, so that some coefficients are known to a part in 1e8 only; delays are
    // microseconds.
    #expect(differences.allSatisfy { $0 < 1e-4 }, "\(check.output)")
  }

  @Test func theTunedFitStandsBesideTheStandardOne() throws {
    let folder = try TemporaryFolder()
    let (raw, added, two) = (folder.path("raw.h5"), folder.path("added.h5"), folder.path("two.h5"))
    try run(
      "reconstruct", chain.simulation, "--front", "tuned", "--threads", "1", "--output", raw)
    try run("reconstruct", chain.simulation, "--front", "tuned", "--threads", "2", "--output", two)
    try run("reconstruct", chain.reconstruction, "--front", "tuned", "--output", added)
    let readers = try [chain.reconstruction, raw, added, two].map {
      try EventFileReader(path: $0)
    }
    let rows = 0..<readers[0].eventCount
    let standard = try readers.map { try $0.standardResults(rows).map(\.shower) }
    for other in standard.dropFirst() {
      #expect(zip(standard[0], other).allSatisfy { "\($0)" == "\($1)" })
    }
    let tuned = try readers.dropFirst().map { try $0.reconstructedEvents(rows, base: "tuned") }
    for other in tuned.dropFirst() {
      for (a, b) in zip(tuned[0], other) {
        #expect("\(a.standard)" == "\(b.standard)" && "\(a.stations)" == "\(b.stations)")
      }
    }
    for reader in readers.dropFirst() {
      #expect(reader.fitNames == ["standard", "tuned"] && reader.reconstructionNames == ["tuned"])
      #expect(try reader.front(of: "tuned")?.contains("telescope-array-tuned") ?? false)
    }

    // Both are of the same events, and the tuned one is nearer to the truth.
    let truths = try readers[1].truths(rows)
    var angles: [[Double]] = [[], []]
    for (index, truth) in truths.enumerated() {
      let pair = [standard[1][index], tuned[0][index].standard.shower]
      guard pair.allSatisfy(\.zenith.isFinite) else { continue }
      for side in 0..<2 {
        angles[side].append(pair[side].direction.angle(to: truth.shower.direction))
      }
    }
    let containments = angles.map { $0.sorted()[$0.count * 68 / 100] }
    #expect(containments[1] < 0.9 * containments[0], "\(containments)")

    // What looks at the standard fit still finds it, and the errors of both are compared.
    try run("show", added, "--output", folder.path("event.png"))
    let report = try run(
      "compare", added, "--method", "tuned", "--cuts", "none", "--replicas", "20", "--output",
      folder.path("report"))
    #expect(report.output.contains("%"), "\(report.output)")

    // A copy of some events keeps both.
    let few = folder.path("few.h5")
    try run("reconstruct", raw, "--front", "tuned", "--max-events", "50", "--output", few)
    let copy = try EventFileReader(path: few)
    #expect(copy.eventCount == 50 && copy.fitNames == ["standard", "tuned"])
    // Without it, results that would be out of date are left out.
    let plain = folder.path("plain.h5")
    try run("reconstruct", raw, "--output", plain)
    let again = try EventFileReader(path: plain)
    #expect(again.fitNames == ["standard"])
    #expect(try !again.summary().groups.contains { $0.path.hasPrefix("/stations_") })
  }

  @Test func aNetworkLearnsOnTopOfIt() throws {
    let folder = try TemporaryFolder()
    let (both, network, corrected) = (
      folder.path("both.h5"), folder.path("network.pt"), folder.path("corrected.h5")
    )
    // Enough of them to validate.
    let events = folder.path("events.h5")
    try run("simulate", "--events", "800", "--energy", "5:100", "--seed", "6", "--output", events)
    try run("reconstruct", events, "--front", "tuned", "--output", both)
    try run(
      "train", both, "--base", "tuned", "--spec", "scalars", "--epochs", "1", "--batch-size", "32",
      "--cuts", "none", "--output", network)
    let refused = try Program.run(
      "correct", chain.reconstruction, "--network", network, "--output", corrected)
    #expect(refused.status == 65 && refused.errors.contains("--front tuned"), "\(refused.errors)")
    let unknown = try Program.run(
      "train", both, "--base", "tuend", "--output", folder.path("x.pt"))
    #expect(unknown.status == 65 && unknown.errors.contains("standard, tuned"))
    try run("correct", both, "--network", network, "--name", "net", "--output", corrected)
    let reader = try EventFileReader(path: corrected)
    #expect(reader.fitNames == ["standard", "tuned"])
    let rows = 0..<reader.eventCount
    let (tuned, made) = (
      try reader.standardResults(rows, of: "tuned"), try reader.reconstructions(named: "net", rows)
    )
    // One epoch moves little: the correction starts from the tuned result, times included.
    for (base, result) in zip(tuned, made) where result.status == .good {
      #expect(base.status == .good && result.shower.time == base.shower.time)
    }
    #expect(made.count { $0.status == .good } > rows.count / 2)
  }

  @Test func wrongUseAndBadTables() throws {
    let folder = try TemporaryFolder()
    let output = folder.path("x.h5")
    let table = folder.path("front.json")
    try "{\"format\": \"airshower-front\", \"formatVersion\": 7}".write(
      toFile: table, atomically: true, encoding: .utf8)
    for (arguments, status, word) in [
      (["--front", "tund"], 64, "telescope-array-tuned"),
      (["--front", table], 65, "version 7"),
      (["--front", "tuned", "--fit", "geometry"], 64, "--fit joint"),
      (["--front", "tuned", "--time-error", "constant"], 64, "its own timing errors"),
    ] {
      let outcome = try Program.run(
        Program.url, ["reconstruct", chain.simulation] + arguments + ["--output", output])
      #expect(outcome.status == Int32(status), "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
    }
    for (arguments, status, word) in [
      ([chain.simulation], 65, "no standard reconstruction"),
      (
        [chain.reconstruction, "--max-events", "20"], 65,
        "\(chain.reconstruction): too few stations"
      ),
      ([chain.reconstruction, chain.reconstruction], 65, "Leave one out"),
    ] {
      let outcome = try Program.run(
        Program.url, ["tune-front"] + arguments + ["--output", folder.path("f.json")])
      #expect(outcome.status == Int32(status), "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
    }
    #expect(folder.contents == ["front.json"])
  }
}
