import Foundation
import ResidualNetwork
import ShowerModel
import ShowerStore
import Testing

/// Slopes and errors of a network, fitted again to other events.
@Suite(.serialized) struct CalibrateTests {
  /// 3,000 events of two seeds, with the standard fit.
  private struct Samples {
    let folder: TemporaryFolder
    var first: String { folder.path("1.h5") }
    var second: String { folder.path("2.h5") }

    static let shared: Result<Samples, any Error> = Result {
      let folder = try TemporaryFolder()
      // Statics live to the end of the process: the folder must be told to go.
      atexit {
        guard case .success(let samples) = Samples.shared else { return }
        try? FileManager.default.removeItem(at: samples.folder.url)
      }
      for seed in ["1", "2"] {
        for command in [
          ["simulate", "--events", "3000", "--energy", "3:300", "--seed", "3\(seed)"],
          ["reconstruct", folder.path("raw.h5")],
        ] {
          let output = command[0] == "simulate" ? "raw.h5" : "\(seed).h5"
          let outcome = try Program.run(
            Program.url, command + ["-o", folder.path(output), "--overwrite"])
          try #require(outcome.status == 0, "\(outcome.errors)")
        }
      }
      return Samples(folder: folder)
    }
  }

  private let samples: Samples

  init() throws { samples = try Samples.shared.get() }

  @discardableResult
  private func run(_ arguments: String...) throws -> Program.Outcome {
    let outcome = try Program.run(Program.url, arguments)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  @Test("weights stay, errors become those of the events, for any number of threads")
  func calibrates() throws {
    let folder = try TemporaryFolder()
    let files = ["a.pt", "b.pt"].map { folder.path($0) }
    let told = try run("calibrate", samples.first, "--threads", "1", "-o", files[0])
    try run("calibrate", samples.first, "--threads", "3", "-o", files[1])
    let shipped = try Network.metadata(
      contentsOf: Program.repository.appending(path: "tables/networks/reference.pt").path)
    let metadata = try files.map { try Network.metadata(contentsOf: $0) }
    #expect(metadata[0].combination == metadata[1].combination)
    #expect(metadata[0].validation == metadata[1].validation)
    #expect(metadata[0].combination != shipped.combination)
    #expect(metadata[0].scaling == shipped.scaling && metadata[0].domain == shipped.domain)
    #expect(metadata[0].provenance.dropLast() == shipped.provenance[...])
    let step = try #require(metadata[0].provenance.last)
    #expect(step.activity == "calibrate" && step.learned?["graph"] == [.parametric(seed: 31)])
    for target in shipped.spec.targets {
      #expect(told.errors.contains("airshower: \(target): explained variance 0."))
    }
    // The same weights: without the calibration the values are the same, bit for bit.
    try run(
      "correct", samples.second, "--network", "reference", "--network", files[0], "--name", "old",
      "--name", "new", "--combine", "add", "-o", folder.path("added.h5"))
    let reader = try EventFileReader(path: folder.path("added.h5"))
    let rows = 0..<reader.eventCount
    #expect(
      try reader.reconstructions(named: "old", rows).map(\.shower.zenith.bitPattern)
        == reader.reconstructions(named: "new", rows).map(\.shower.zenith.bitPattern))
    // Of other events, two thirds lie within one error.
    try run("correct", samples.second, "--network", files[0], "-o", folder.path("c.h5"))
    let corrected = try EventFileReader(path: folder.path("c.h5"))
    let truths = try corrected.truths(rows)
    let standard = try corrected.standardResults(rows)
    var pulls: [Double] = []
    for (index, result) in try corrected.reconstructions(named: "a", rows).enumerated()
    where standard[index].status == .good && result.fallback == .none
      && standard[index].shower.zenith < 45 * Units.degree
    {
      pulls.append(
        (truths[index].shower.zenith - result.shower.zenith) / (result.sigma.zenith))
    }
    let covered = Double(pulls.count { abs($0) < 1 }) / Double(pulls.count)
    // Without the cuts of the calibration, and of some 2,500 events.
    #expect(pulls.count > 1500 && abs(covered - 0.683) < 0.05, "\(covered)")
  }

  @Test("compare leaves out the events to which a network was calibrated, but for the test split")
  func calibrationEventsAreKnown() throws {
    let folder = try TemporaryFolder()
    try run("calibrate", samples.first, "-o", folder.path("a.pt"))
    for sample in [samples.first, samples.second] {
      try run(
        "correct", sample, "--network", folder.path("a.pt"), "-o", folder.path("c.h5"),
        "--overwrite")
      let outcome = try Program.run(
        "compare", folder.path("c.h5"), "--split", "all", "--replicas", "20", "-o",
        folder.path("report"), "--overwrite")
      #expect(outcome.status == (sample == samples.first ? 65 : 0))
    }
  }

  @Test("a sample that the network learned from counts with its validation split alone")
  func ownEventsDoNotCount() throws {
    let folder = try TemporaryFolder()
    try run(
      "train", samples.first, "--spec", "event", "--epochs", "1", "-o", folder.path("event.pt"))
    let own = try Program.run(
      "calibrate", samples.first, "--network", folder.path("event.pt"), "-o",
      folder.path("own.pt"))
    #expect(own.status == 65 && own.errors.contains("events can be used, 1000 are needed"))
    try run(
      "calibrate", samples.second, "--network", folder.path("event.pt"), "-o",
      folder.path("other.pt"))
    #expect(folder.contents == ["event.pt", "other.pt"])
  }

  @Test("input that cannot be used is named, and an earlier network stays")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let network = folder.path("a.pt")
    try Data("earlier".utf8).write(to: URL(filePath: network))
    for (arguments, status, message) in [
      ([samples.first, "-o", network], 73, "a.pt"),
      ([samples.first, "--max-events", "500", "--overwrite", "-o", network], 65, "Simulate more"),
      (["nothing.h5", "--overwrite", "-o", network], 65, "nothing.h5"),
      ([samples.first, "--network", "none", "--overwrite", "-o", network], 65, "none"),
      ([samples.folder.path("raw.h5"), "--overwrite", "-o", network], 65, "airshower reconstruct"),
    ] as [([String], Int32, String)] {
      let outcome = try Program.run(Program.url, ["calibrate"] + arguments)
      #expect(outcome.status == status, "\(arguments): \(outcome.status) \(outcome.errors)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
      #expect(try String(contentsOfFile: network, encoding: .utf8) == "earlier")
    }
  }
}
