import Foundation
import Performance
import ShowerModel
import SyntheticComparison
import Testing

@testable import ShowerReport

@Suite struct ReportTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "airshower-report-\(UUID().uuidString)", isDirectory: true)

  /// A method whose name a page and gnuplot must not take for commands.
  private static let strange = "grid_network <\"v1\"> & 'more'"

  private func report(
    _ sample: ComparisonSample, histories: [TrainingHistory] = [], choice: FigureChoice = .all
  ) -> Report {
    let step = ProvenanceStep(
      activity: "simulate", version: "0.1", commandLine: ["airshower", "simulate", "<script>"],
      settings: ["jitter": "20"], inputs: [.init(path: "tables/energy.csv", sha256: "ab")], seed: 3,
      host: "node", started: "2026-11-22T18:00:00Z", finished: "2026-11-22T18:01:00Z")
    return Report(
      comparison: Comparison(sample, settings: ComparisonSettings(replicas: 40)), sample: sample,
      files: ["<b>.h5"], assets: .ofRepository, provenance: [step], histories: histories,
      choice: choice)
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
    #expect(text.contains("\"schema_version\" : \"4.0\""))
    #expect(text.contains("\"jitter\""))
    #expect(try JSONSerialization.jsonObject(with: json) is [String: Any])
    #expect(try report(sample).summary.json() == json)
  }

  /// A key of summary.csv leads to the same number in summary.json.
  @Test func bothSummariesHoldTheSameNumbers() throws {
    let summary = report(SyntheticSample(events: 150).sample(cuts: .everything)).summary
    let object = try JSONSerialization.jsonObject(with: summary.json()) as? [String: Any]
    let root = try #require(object?["results"] as? [String: Any])
    let lines = summary.csv.split(separator: "\n").dropFirst()
    #expect(lines.count > 1000)
    for line in lines.enumerated().filter({ $0.offset % 17 == 0 }).map(\.element) {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      #expect(fields.count == 7)
      var place: Any? = root
      for name in fields[0].split(separator: "/") {
        place = (place as? [String: Any])?[String(name)]
      }
      let value = ((place as? [String: Any])?["value"] ?? place) as? NSNumber
      // JSONSerialization is off by one in the last digit of some numbers.
      let (number, expected) = (value?.doubleValue ?? .nan, Double(fields[2]) ?? .nan)
      #expect(
        abs(number - expected) <= 1e-15 * abs(expected) || (number.isNaN && expected.isNaN),
        "\(line)")
    }
    let unit = try #require(lines.first { $0.hasPrefix("nuclei/whole/space_angle/grid/width68,") })
    #expect(unit.split(separator: ",")[1] == "deg")
    let gain = try #require(
      lines.first { $0.hasPrefix("nuclei/whole/space_angle/grid/gain/width68,") })
    #expect(gain.split(separator: ",")[1] == "1")
  }

  @Test func reportIsCompleteAndSelfContained() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let tuned = Method("tuned")
    var sample = SyntheticSample(events: 400).gathered([tuned, Method(Self.strange)]) {
      truth, standard, random in
      [
        standard.reconstruction,
        SyntheticSample.corrected(standard.shower, truth.shower, left: 0.6, &random),
      ]
    }
    try sample.addPolynomial()
    let history = try TrainingHistory(
      parsing: "epoch,training_loss,validation_loss,learning_rate\n1,.9,.8,.002\n2,.8,.75,.001\n",
      file: "history.csv")
    let report = report(sample, histories: [history])
    try report.write(to: folder.path)
    #expect(names(folder) == ["report.html", "summary.json", "summary.csv", "figures"])
    let figures = names(folder.appendingPathComponent("figures"))
    // Picture as PNG, SVG and PDF, script, numbers.
    #expect(figures.count == 5 * report.figures.count)
    for name in [
      "improvement", "ladder", "lecture_cos_zenith_nuclei", "lecture_relative_energy_nuclei",
      "resolution_energy_nuclei", "bias_zenith_nuclei", "errors_nuclei", "pulls_nuclei",
      "correction_nuclei", "explained_nuclei", "reconstructed", "efficiency", "events", "primaries",
      "training_1",
    ] {
      #expect(
        figures.isSuperset(of: ["png", "svg", "pdf", "gp", "dat"].map { "\(name).\($0)" }),
        "\(name)")
    }
    let page = try String(
      contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
    // The library names its home in a remark.
    let own = page.replacing(PageAssets.ofRepository.library, with: "")
      .replacing(PageAssets.ofRepository.libraryLicence, with: "")
    for forbidden in ["http://", "https://", " src=", "<?xml", "<!DOCTYPE svg", "NaN", "<link"] {
      let isThere = own.contains(forbidden)
      #expect(!isThere, "\(forbidden)")
    }
    #expect(page.components(separatedBy: "<svg").count == report.figures.count + 1)
    // Data, library and its own, and no other.
    #expect(page.components(separatedBy: "<script").count == 4)
    #expect(page.contains("grid_network &lt;&quot;v1&quot;&gt; &amp; &#39;more&#39;"))
    #expect(page.contains("&lt;script&gt;"))
    #expect(page.contains("Where the gain comes from"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + ".part"))
  }

  @Test func dataGetAReportOfTheirOwn() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var sample = ShiftSample(cuts: .everything, methods: [.grid])
    for event in 0..<200 {
      var random = CounterRandom(seed: 17, event: event)
      let (truth, standard) = SyntheticSample.event(&random)
      sample.append(
        eventID: event, standard: standard,
        others: [SyntheticSample.corrected(standard.shower, truth.shower, left: 0.6, &random)])
    }
    let report = Report(
      shifts: ShiftComparison(sample, settings: ComparisonSettings(replicas: 20)),
      files: ["data.h5"], assets: .ofRepository, provenance: [])
    try report.write(to: folder.path)
    let page = try String(
      contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
    #expect(page.contains("DATA: no truth."))
    #expect(!page.contains("EV_net"))
    #expect(report.figures.map(\.name) == ["shifts", "shift_dependence", "constant_intensity"])
  }

  @Test func whatExistsIsNotTouched() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let report = report(SyntheticSample(events: 60).sample(cuts: .everything))
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
    var sample = ComparisonSample(cuts: .everything, methods: [.grid])
    sample.append(
      truth: truth, showerID: 1, standard: .failed(.notConverged),
      others: [.failed(.noStandardResult)])
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

  /// Numbers are the same with all figures, with the main ones and without any.
  @Test(arguments: FigureChoice.allCases)
  func aReportMayHaveFewerFigures(choice: FigureChoice) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let sample = SyntheticSample(events: 150).sample(cuts: .everything)
    let (all, chosen) = (report(sample), report(sample, choice: choice))
    let names = chosen.figures.map(\.name)
    switch choice {
    case .none: #expect(names.isEmpty)
    case .main:
      // This sample has too few methods for a ladder.
      #expect(!all.figures.map(\.name).contains("ladder"))
      #expect(names == ["improvement", "resolution_energy_nuclei", "bias_energy_nuclei"])
    case .all: #expect(names == all.figures.map(\.name))
    }
    try chosen.write(to: folder.path)
    let figures = folder.appendingPathComponent("figures").path
    #expect(FileManager.default.fileExists(atPath: figures) == (choice != .none))
    let page = try String(
      contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
    #expect(page.contains("id=\"figures\"") == (choice != .none))
    #expect(try chosen.summary.json() == all.summary.json())
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
      try Gnuplot().draw([figure], in: folder)
    } throws: { error in
      guard case .gnuplotFailed(_, let message) = error as? ReportError else { return false }
      return message.contains("bad.gp")
    }
  }

  @Test func threadsChangeNothing() {
    let sample = SyntheticSample(events: 150).sample()
    func json(threads: Int) throws -> Data {
      let comparison = Comparison(
        sample, settings: ComparisonSettings(replicas: 20, threads: threads))
      return try Summary(title: "", comparison: comparison, provenance: []).json()
    }
    #expect(throws: Never.self) {
      let one = try json(threads: 1)
      #expect(try one == json(threads: 2))
      #expect(try one == json(threads: 7))
    }
  }
}
