import Foundation
import FoundationXML
import HostileText
import Performance
import ShowerModel
import SyntheticComparison
import Testing

@testable import ShowerReport

/// Hostile names in figures and reports: they are drawn and printed, and nothing runs.
@Suite struct HostileNamesTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "airshower-hostile-\(UUID().uuidString)", isDirectory: true)

  private func make() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// Names of all files below the folder, and those of canaries where tests run.
  private var files: [String] {
    (FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? [])
      + ((try? FileManager.default.contentsOfDirectory(atPath: ".")) ?? []).filter {
        $0.contains("PWNED")
      }
  }

  private func data(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent(name))
  }

  private func figure(_ name: String, _ commands: String, title: String = "") -> Figure {
    Figure(
      name: name, title: title, caption: "", width: 900, height: 1800, commands: commands,
      tables: [Figure.Table(name: "numbers", columns: title, rows: [[0, 0], [1, 1]])])
  }

  /// All names at once, wherever our figures have text: in legends, labels, tics, titles and
  /// comments.
  @Test func figuresShowEveryName() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make()
    let texts = HostileText.names.map(EscapedText.gnuplot)
    let places = texts.indices.map { rounded(Double($0) / Double(texts.count)) }
    let all = HostileText.names.joined(separator: "\n")
    let ways = [
      "legends": "plot "
        + texts.map { "DATA index \"numbers\" using 1:2 with lines title \($0)" }.joined(
          separator: ", \\\n  "),
      "labels": zip(texts, places).map { "set label \($0) at graph 0.01,graph \($1)" }
        .joined(separator: "\n") + "\nplot DATA index \"numbers\" using 1:2 notitle",
      "tics": "set ytics (" + zip(texts, places).map { "\($0) \($1)" }.joined(separator: ", ")
        + ")\nset lmargin at screen 0.3\nset xlabel \(texts[0])\nset title "
        + "\(EscapedText.gnuplot(all))\n"
        + "plot DATA index \"numbers\" using 1:2 notitle",
    ]
    for (name, commands) in ways {
      try Gnuplot().draw([figure(name, commands, title: all)], in: folder)
      #expect(try data("\(name).png").count > 10_000)
      #expect(try data("\(name).pdf").count > 2_000)
      // What stands in the drawing, without its markup and blanks.
      let reader = SVGText()
      let parser = XMLParser(data: try data("\(name).svg"))
      parser.delegate = reader
      #expect(parser.parse(), "\(name): \(String(describing: parser.parserError))")
      #expect(reader.elements.isDisjoint(with: ["script", "img", "h1", "b"]))
      let shown = reader.text.filter { !$0.isWhitespace }
      for text in HostileText.names where text.unicodeScalars.count <= 255 {
        let expected = EscapedText.visible(text).filter { !$0.isWhitespace }
        #expect(expected.isEmpty || shown.contains(expected), "\(name): \(expected)")
      }
    }
    #expect(
      Set(files)
        == Set(
          ways.keys.flatMap { name in
            ["gp", "dat", "png", "svg", "pdf"].map { "\(name).\($0)" }
          }))
  }

  /// Where an escape would be missed: gnuplot can start nothing.
  @Test(arguments: [
    "system ':> PWNED'", "x = system(':> PWNED')", "!:> PWNED", "print `:> PWNED; echo 1`",
    "plot '< :> PWNED; echo 1 1'", "set output '| cat > PWNED'\nplot x\nset output",
    "set print '| cat > PWNED'\nprint 1\nset print", "shell",
  ])
  func gnuplotStartsNoProgram(command: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make()
    // Some of them are errors, others do nothing.
    try? Gnuplot().draw([figure("bad", "\(command)\nplot x")], in: folder, as: ["svg"])
    #expect(!files.contains { $0.contains("PWNED") })
    guard command != "shell" else { return }
    // The same by hand, to see that the canary sings.
    let process = Process()
    process.executableURL = try Gnuplot().executable
    process.arguments = (["set terminal svg"] + command.split(separator: "\n").map(String.init))
      .flatMap { ["-e", $0] }
    process.currentDirectoryURL = folder
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(files.contains { $0.contains("PWNED") })
  }

  @Test(arguments: ["../PWNED", "/tmp/PWNED", "a/b", "", "a\nb", "a'b", "é", "a b"])
  func filesOfFiguresStayInTheirFolder(name: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make()
    #expect(throws: ReportError.self) { try Gnuplot().draw([figure(name, "plot x")], in: folder) }
    #expect(files.isEmpty)
  }

  @Test func aDashIsNoOptionOfGnuplot() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make()
    try Gnuplot().draw([figure("-e", "plot x")], in: folder, as: ["png"])
    #expect(try data("-e.png").count > 1000)
  }

  /// A report in which every string from outside is hostile.
  private func report() throws -> Report {
    let methods = HostileText.combined.map { Method($0, explanation: $0) }
    var sample = SyntheticSample(events: 200).gathered(methods) { truth, standard, random in
      methods.indices.map {
        SyntheticSample.corrected(
          standard.shower, truth.shower, left: 0.5 + 0.1 * Double($0), &random)
      }
    }
    try sample.addPolynomial()
    let all = HostileText.names.joined(separator: " ")
    let step = ProvenanceStep(
      activity: all, version: all, commandLine: HostileText.names,
      settings: Dictionary(
        HostileText.names.map { ($0, $0) }, uniquingKeysWith: { first, _ in first }),
      inputs: HostileText.names.map { .init(path: $0, sha256: $0) }, seed: 3, host: all,
      started: all, finished: all)
    let history = try TrainingHistory(
      parsing: "epoch,training_loss,validation_loss\n1,.9,.8\n2,.8,.75\n",
      file: HostileText.combined[3].replacing("/", with: "") + ".csv")
    return Report(
      comparison: Comparison(
        sample,
        settings: ComparisonSettings(
          replicas: 20, headline: HostileText.combined[3], threads: 2)), sample: sample,
      files: HostileText.names, assets: .ofRepository,
      provenance: [step], histories: [history], title: all)
  }

  @Test func reportsShowNamesAndRunNone() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let report = try report()
    try report.write(to: folder.path)
    #expect(files.allSatisfy { Figure.isName($0.replacing("/", with: "")) })
    let page = String(decoding: try data("report.html"), as: UTF8.self)
    let scripts = page.components(separatedBy: "<script").count - 1
    let drawings = page.components(separatedBy: "<svg").count - 1
    #expect(scripts == 3 && drawings == report.figures.count)
    let tags = tagsWithoutValues(page)
    #expect(tags.count > 20 && !tags.contains { $0.contains(" on") })
    let hidden = page.unicodeScalars.contains {
      ($0.value < 0x20 || $0.value == 0x7F || $0.value == 0x85 || $0 == "\u{202E}")
        && $0 != "\n" && $0 != "\t"
    }
    #expect(!hidden)

    let summary = try #require(
      try JSONSerialization.jsonObject(with: data("summary.json")) as? [String: Any])
    let methods = try #require(summary["methods"] as? [[String: Any]])
    let names = methods.compactMap { $0["name"] as? String }
    #expect(Set(HostileText.combined).isSubset(of: names))
    let lines = report.summary.csv.split(separator: "\n").enumerated()
    for line in lines.filter({ $0.offset % 29 == 0 }).map(\.element) {
      let first = try #require(line.first)
      #expect(!"=+-@".contains(first))
      // Fields in quotes count as one.
      let fields = line.replacing(/"([^"]|"")*"/, with: "q").split(
        separator: ",", omittingEmptySubsequences: false)
      #expect(fields.count == 7, "\(line)")
    }
    try browse(page)
  }

  /// All tags of a page, without the quoted values of their attributes.
  private func tagsWithoutValues(_ page: String) -> Set<String> {
    var tags: Set<String> = []
    var tag: [UInt8]?
    var quote: UInt8?
    for byte in page.utf8 {
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "<") {
        tag = []
      } else if byte == UInt8(ascii: ">") {
        if let tag { tags.insert(String(decoding: tag, as: UTF8.self)) }
        tag = nil
      } else if tag != nil {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
          quote = byte
        } else {
          tag?.append(byte)
        }
      }
    }
    return tags
  }

  /// The page in a browser: its own script runs and no other, not even one that an escape would
  /// have missed.
  private func browse(_ page: String) throws {
    let missed = """
      <script>document.title='PWNED'</script><img src="x" onerror="document.title='PWNED'">
      """
    for (name, text) in [
      ("page.html", page),
      ("missed.html", page.replacing("<main>", with: "<main>\(missed)")),
    ] {
      let file = folder.appendingPathComponent(name)
      try Data(text.utf8).write(to: file)
      let shown = try dom(of: file)
      let isSortable = shown.contains("class=\"sortable\"")
      #expect(isSortable, "its own script did not run")
      // The first one is that of the page; drawings have theirs.
      let title = shown.components(separatedBy: "<title>").dropFirst().first?
        .components(separatedBy: "</title>").first
      #expect(title != "PWNED" && (title?.count ?? 0) > 100)
    }
  }

  /// What a browser makes of a page, after its scripts.
  private func dom(of file: URL) throws -> String {
    let process = Process()
    let output = folder.appendingPathComponent("dom.txt")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/chromium")
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000",
      "--user-data-dir=\(folder.appendingPathComponent("profile").path)", "--dump-dom",
      file.absoluteString,
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return String(decoding: try Data(contentsOf: output), as: UTF8.self)
  }

  @Test func pagesOfTextHaveNoSequences() throws {
    let methods = HostileText.combined.map { Method($0) }
    let sample = SyntheticSample(events: 120).gathered(methods) { truth, standard, random in
      methods.map { _ in
        SyntheticSample.corrected(standard.shower, truth.shower, left: 0.6, &random)
      }
    }
    let text = Comparison(sample, settings: ComparisonSettings(replicas: 20))
      .terminalText(isColoured: false)
    #expect(
      !text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
    #expect(!text.contains("\u{202E}") && text.contains("\\nsystem"))
    let array = DetectorArray(
      name: HostileText.combined[0], spacing: 1200, referenceAltitude: 0,
      stations: EventPictureTests.array.stations)
    let picture = EventPicture(
      ReconstructedEvent(
        event: Event(id: 7, showerID: 3, hits: [], deadStations: []), stations: [],
        standard: .failed(.notConverged)), array: array, lateralDistribution: .inr,
      front: .linsley, silentDistance: 4200,
      corrected: [
        .init(
          name: HostileText.combined[1],
          reconstruction: Reconstruction(
            shower: EventPictureTests.shower, sigma: .undefined, status: .good))
      ], waveformCount: 4)
    #expect(picture.summary.contains("a\\r\\nsystem"))
    #expect(!picture.figure(name: "event").script.contains("\nsystem"))
  }
}

/// Text and names of elements of a drawing.
private final class SVGText: NSObject, XMLParserDelegate {
  private(set) var text = ""
  private(set) var elements: Set<String> = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) { elements.insert(name) }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
