import Foundation
import Testing

/// The report of `compare` in a browser.
@Suite(.serialized) struct ReportPageTests {
  /// What Fixtures/report/harness.html saw at one width.
  struct Seen: Decodable {
    var width: Int
    var verdict: String
    var isReady: Bool
    var foldedHeight: Int
    var openHeight: Int
    var headings: [String]
    var overflow: Int
    var canvases: Int
    var unnamed: Int
    var strangers: Int
    var method: String
    var pixels: [Int]
    var hovered: String
    var clicked: String
    var bin: [String]
    var histogramBin: [String]
    var sorted: [String]
    var errors: [String]
  }

  @Test(.enabled(if: Browser.path != nil)) func aBrowserShowsTheReport() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      "compare", chain.correction, "--cuts", "none", "--replicas", "50", "--output",
      folder.path("report"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    try FileManager.default.copyItem(
      atPath: folder.path("report/report.html"), toPath: folder.path("page.html"))
    let seen: [Seen] = try Browser.look(at: "page.html", by: "report", in: folder)
    #expect(seen.map(\.width) == [1280, 390])
    for page in seen {
      #expect(page.isReady && page.errors.isEmpty && page.strangers == 0, "\(page.errors)")
      #expect(page.verdict.contains("simulated events"))
      #expect(page.overflow <= 0, "\(page.width): \(page.overflow) px")
      let twice = Dictionary(grouping: page.headings) { $0 }.filter { $0.value.count > 1 }.keys
      #expect(twice.isEmpty && page.headings.count > 20, "\(twice)")
      #expect(page.openHeight > 3 * page.foldedHeight)
      #expect(page.canvases == 2 && page.unnamed == 0)
      // A click on its button takes a method out of the plot.
      #expect(page.method == "standard" && page.pixels[0] > 100, "\(page.pixels)")
      #expect(page.pixels[1] < page.pixels[0] / 10, "\(page.pixels)")
      #expect(page.hovered.contains("standard ") && page.hovered.contains(" to "))
      #expect(
        page.hovered.hasPrefix(page.clicked) && !page.clicked.isEmpty,
        "\(page.hovered) / \(page.clicked)")
      #expect(page.sorted == page.sorted.sorted { (Double($0) ?? 1e9) < (Double($1) ?? 1e9) })
      try check(page.bin, chain, folder)
      try check(page.histogramBin, chain, folder)
    }
  }

  /// Runs the choices that the page gives for a bin: both take the events that it counts.
  private func check(
    _ bin: [String], _ chain: SmallChain, _ folder: TemporaryFolder
  ) throws {
    let title = bin[0]
    let byCondition = try #require(bin.first { $0.contains(" --where ") })
    let byNumbers = try #require(bin.first { $0.contains(" --events ") })
    #expect(byCondition.hasPrefix("airshower browse '\(chain.correction)' --where '"), "\(bin)")
    let condition = String(byCondition.split(separator: "'")[3])
    let list = byNumbers.split(separator: " ").last.map(String.init) ?? ""
    let compared = try exported(["--events", list], folder, chain)
    let all = Set(try exported(["--where", condition], folder, chain))
    #expect(!compared.isEmpty && compared.allSatisfy { all.contains($0) }, "\(title)")
    #expect(list.split(separator: ",").count == compared.count)
    #expect(
      bin[1].contains(" \(compared.count) compared events.") || compared.count == 200
        || compared.count == 60, "\(bin)")
    // Both choices at once are those of the list.
    let both = try exported(["--where", condition, "--events", list], folder, chain)
    #expect(both == compared)
  }

  private func exported(
    _ choice: [String], _ folder: TemporaryFolder, _ chain: SmallChain
  ) throws -> [String] {
    let outcome = try Program.run(
      Program.url,
      ["export", chain.correction, "--format", "csv", "--columns", "event_id"]
        + choice + ["--overwrite", "--output", folder.path("chosen.csv")])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try String(contentsOfFile: folder.path("chosen.csv"), encoding: .utf8)
      .split(separator: "\n").dropFirst().map(String.init)
  }
}
