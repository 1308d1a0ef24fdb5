import Foundation
import ShowerModel
import Testing

@testable import Performance

@Suite struct ReportTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "airshower-report-\(UUID().uuidString)", isDirectory: true)

  private func report(
    _ sample: ComparisonSample, methodName: String = "grid_network <\"v1\"> & 'more'"
  ) -> Report {
    let step = ProvenanceStep(
      activity: "simulate", version: "0.1", commandLine: ["airshower", "simulate", "<script>"],
      settings: ["jitter": "20"], inputs: [.init(path: "tables/energy.csv", sha256: "ab")], seed: 3,
      host: "node", started: "2026-11-22T18:00:00Z", finished: "2026-11-22T18:01:00Z")
    return Report(
      comparison: Comparison(sample, settings: ComparisonSettings(replicas: 40)), sample: sample,
      provenance: [step], methodName: methodName)
  }

  private func names(_ folder: URL) -> Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
  }

  @Test func summaryIsStableAndHasNoNaN() throws {
    var sample = SyntheticSample(events: 200, withFailures: true).sample(cuts: .everything)
    SyntheticSample.add(events: 3, logEnergy: 20.6, to: &sample)
    let summary = report(sample).summary
    let json = try summary.json()
    let text = String(decoding: json, as: UTF8.self)
    #expect(!text.lowercased().contains(": nan") && !text.contains(": inf"))
    #expect(text.contains("\"schema_version\" : \"2.0\""))
    #expect(text.contains("\"jitter\""))
    #expect(try JSONSerialization.jsonObject(with: json) is [String: Any])
    let again = try Summary(json: json)
    #expect(try again.json() == json)
    #expect(again.comparison.main?.eventCount == summary.comparison.main?.eventCount)
    #expect(try report(sample).summary.json() == json)
  }

  @Test func undefinedNumbersAreNull() throws {
    let estimate = Estimate.undefined
    let json = String(decoding: try JSONEncoder().encode([estimate]), as: UTF8.self)
    #expect(json.components(separatedBy: "null").count == 6)
    #expect(try JSONDecoder().decode([Estimate].self, from: Data(json.utf8)) == [estimate])
  }

  @Test func reportIsCompleteAndSelfContained() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let sample = SyntheticSample(events: 500, withPhotons: true, withFailures: true).sample()
    let report = report(sample)
    try report.write(to: folder.path)
    #expect(names(folder) == ["report.html", "summary.json", "figures"])
    let figures = names(folder.appendingPathComponent("figures"))
    #expect(figures.count == 4 * report.figures.count)
    #expect(figures.isSuperset(of: ["improvement.png", "improvement.svg", "improvement.gp"]))
    let page = try String(
      contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
    for forbidden in ["http://", "https://", "src=", "<script", "<?xml", "<!DOCTYPE svg", "NaN"] {
      #expect(!page.contains(forbidden), "\(forbidden)")
    }
    #expect(page.components(separatedBy: "<svg").count == report.figures.count + 1)
    #expect(page.contains("grid_network &lt;&quot;v1&quot;&gt; &amp; 'more'"))
    #expect(page.contains("&lt;script&gt;"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + ".part"))
  }

  @Test func whatExistsIsNotTouched() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let report = report(SyntheticSample(events: 60).sample(cuts: .everything), methodName: "a")
    try report.write(to: folder.path)
    #expect(throws: ReportError.outputExists(folder.path)) { try report.write(to: folder.path) }
    let marker = folder.appendingPathComponent("marker")
    try Data("x".utf8).write(to: marker)
    try report.write(to: folder.path, overwrite: true)
    #expect(!FileManager.default.fileExists(atPath: marker.path))
    #expect(!FileManager.default.fileExists(atPath: folder.path + ".old"))

    try FileManager.default.removeItem(at: folder.appendingPathComponent("summary.json"))
    try Data("x".utf8).write(to: marker)
    #expect(throws: ReportError.notAReport(folder.path)) {
      try report.write(to: folder.path, overwrite: true)
    }
    #expect(FileManager.default.fileExists(atPath: marker.path))
  }

  @Test func withoutEventsThereIsNoReport() {
    var random = CounterRandom(seed: 1, event: 1)
    let (truth, _) = SyntheticSample.event(&random)
    var sample = ComparisonSample(cuts: .everything)
    sample.append(
      truth: truth, showerID: 1, standard: .failed(.notConverged),
      corrected: .failed(.noStandardResult))
    let report = report(sample)
    #expect(
      throws: ReportError.noEvents(
        "0 of 1 events compared; lost: 1 standard: the fit did not converge")
    ) { try report.write(to: folder.path) }
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func aSingleEventMakesAReport() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try report(SyntheticSample(events: 1).sample(cuts: .everything)).write(to: folder.path)
    let page = try String(
      contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
    #expect(page.contains("Too few events for a verdict"))
  }

  @Test func gnuplotIsMissedWithARemedy() {
    #expect(throws: ReportError.gnuplotMissing) { try Gnuplot(searchPath: "/nonexistent") }
    #expect(ReportError.gnuplotMissing.description.contains("apt-get install gnuplot-nox"))
  }

  @Test func gnuplotTellsWhatWentWrong() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let figure = Figure(
      name: "bad", title: "", caption: "", width: 100, height: 100, commands: "plot nothing(",
      tables: [])
    #expect {
      try Gnuplot().draw(figure, in: folder)
    } throws: { error in
      guard case .gnuplotFailed(_, let message) = error as? ReportError else { return false }
      return message.contains("bad.gp")
    }
  }
}
