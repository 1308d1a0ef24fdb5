import Foundation
import Testing

/// The same seed and inputs give the same values: for 1, 2 and 7 threads, in other folders, twice,
/// and while another run keeps the processors busy.
@Suite struct DeterminismTests {
  /// What a chain made, without dates and paths.
  private struct Values: Equatable {
    let corrected: String
    let summary: [String: String]
    let table: String
    let curve: String
    let network: String
  }

  /// Runs the chain in a folder of its own.
  private func chain(threads: Int, in folder: TemporaryFolder) throws -> Values {
    func run(_ words: String...) throws {
      let outcome = try Program.run(
        Program.url, words + ["--threads", "\(threads)"], in: folder.url)
      #expect(outcome.status == 0, "\(words): \(outcome.errors)")
    }
    let training = try SmallNetworks.shared.get().training
    let tables = Program.repository.appending(path: "tables").path
    try run(
      "simulate", "--events", "120", "--energy", "3:200", "--seed", "4", "--tables", tables, "-o",
      "events.h5")
    try run(
      "reconstruct", "events.h5", "--method", "standard", "--method", "published", "-o", "r.h5")
    try run("correct", "r.h5", "-o", "corrected.h5")
    try run(
      "compare", "corrected.h5", "--figures", "none", "--replicas", "100", "--cuts", "none", "-o",
      "report")
    try run(
      "train", training, "--cuts", "none", "--spec", "set", "--epochs", "1", "--batch-size", "64",
      "--history", "curve.csv", "-o", "network.pt")
    let output = try Program.run(
      Program.url, ["export", "corrected.h5", "--format", "csv", "-o", "table.csv"],
      in: folder.url)
    #expect(output.status == 0, "\(output.errors)")
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: folder.path(name), encoding: .utf8)
    }
    // Events a second differ.
    let curve = try text("curve.csv").split(separator: "\n").map {
      $0.split(separator: ",").prefix(4).joined(separator: ",")
    }
    return Values(
      corrected: try content(folder.path("corrected.h5")),
      summary: try results(Data(contentsOf: URL(filePath: folder.path("report/summary.json")))),
      table: try text("table.csv"), curve: curve.joined(separator: "\n"),
      network: folder.path("network.pt"))
  }

  /// All parts of a summary but its history, as text.
  private func results(_ json: Data) throws -> [String: String] {
    let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    return try object.filter { !["provenance", "title", "made"].contains($0.key) }.mapValues {
      let data = try JSONSerialization.data(
        withJSONObject: $0, options: [.sortedKeys, .fragmentsAllowed])
      return String(decoding: data, as: UTF8.self)
    }
  }

  @Test func theSameValuesForAnyThreadsFoldersAndLoad() async throws {
    let folders = try (0..<4).map { _ in try TemporaryFolder() }
    let first = try chain(threads: 1, in: folders[0])
    #expect(!first.summary.isEmpty)
    var others = [try chain(threads: 7, in: folders[1])]
    // Two at once are the load of each other.
    async let second = chain(threads: 2, in: folders[2])
    async let third = chain(threads: 2, in: folders[3])
    others += [try await second, try await third]
    for other in others {
      #expect(other.corrected == first.corrected)
      #expect(other.summary == first.summary)
      #expect(other.table == first.table)
      #expect(other.curve == first.curve)
      let script = Program.repository.appending(path: "Benchmarks/same-network.py")
      #expect(try Program.run(script, [first.network, other.network]).status == 0)
    }
  }
}
