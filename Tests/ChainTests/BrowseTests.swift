import Foundation
import Testing

/// The page of `browse` in a browser, and `--where` of all commands that have it.
@Suite(.serialized) struct BrowseTests {
  /// What Fixtures/browse/harness.html saw at one width.
  struct Seen: Decodable {
    var width: Int
    var heading: String
    var first: String
    var isReady: Bool
    var nextMilliseconds: Double
    var second: String
    var address: String
    var back: String
    var count: String
    var marks: String
    var byAddress: String
    var falling: [String]
    var filtered: [String]
    var filteredCount: String
    var canvases: Int
    var cards: Int
    var discs: Int
    var methods: [String]
    var state: String
    var overflow: Int
    var strangers: Int
    var errors: [String]
  }

  @Test(.enabled(if: Browser.path != nil)) func aBrowserShowsEveryEvent() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    // A name that would be markup.
    let name = "<img src=x onerror=alert(1)>.h5"
    try FileManager.default.copyItem(atPath: chain.correction, toPath: folder.path(name))
    let outcome = try Program.run(
      "browse", folder.path(name), "--max-events", "60", "--output", folder.path("page.html"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(folder.contents.contains("page.html") && !folder.contents.contains("page.html.part"))
    let ids = try exported("event >= 0", folder).compactMap { $0[0].map { Int($0) } }
    let seen = try Browser.look(at: "page.html", by: "browse", in: folder) as [Seen]
    #expect(seen.map(\.width) == [1280, 390])
    for page in seen {
      #expect(page.isReady && page.errors.isEmpty && page.strangers == 0, "\(page)")
      #expect(page.heading.contains(name))
      #expect(page.first == "Event \(ids[0])" && page.byAddress == page.first)
      #expect(page.second == "Event \(ids[1])" && page.back == page.second)
      #expect(page.address == "#event=\(ids[1])")
      #expect(page.count == "60 of 60 events, 1 marked")
      #expect(page.marks.hasPrefix("event,file\n\(ids[1]),"), "\(page.marks)")
      let energies = page.falling.prefix(8).compactMap(Double.init)
      #expect(energies.count > 3 && energies == energies.sorted(by: >), "\(page.falling)")
      #expect(page.filtered.allSatisfy { (Double($0) ?? 0) > 19.9 }, "\(page.filtered)")
      #expect(!page.filteredCount.hasPrefix("60 "))
      #expect(page.canvases >= 2 && page.cards > 3 && page.discs > 3, "\(page)")
      #expect(page.width < 1000 || page.canvases > 2, "no waveform is drawn")
      #expect(page.methods.first == "standard" && page.methods.last == "truth")
      #expect(page.overflow <= 0, "\(page.width): \(page.overflow) px")
    }
    // The marks choose events of other commands.
    let marks = folder.path("marks.csv")
    try seen[0].marks.write(toFile: marks, atomically: true, encoding: .utf8)
    let export = try Program.run(
      "export", chain.correction, "--format", "csv", "--events", marks, "--columns", "event_id",
      "--output", folder.path("events.csv"))
    #expect(export.status == 0, "\(export.errors)")
    let table = try String(contentsOfFile: folder.path("events.csv"), encoding: .utf8)
    #expect(table == "event_id\n\(ids[1])\n")
  }

  /// Numbers of the events that `export` writes for a condition.
  func exported(_ condition: String, _ folder: TemporaryFolder) throws -> [[Double?]] {
    let chain = try SmallChain.shared.get()
    let outcome = try Program.run(
      "export", chain.correction, "--format", "csv", "--where", condition, "--columns",
      "event_id,standard_energy_eev,standard_zenith_deg", "--overwrite", "--output",
      folder.path("chosen.csv"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try String(contentsOfFile: folder.path("chosen.csv"), encoding: .utf8)
      .split(separator: "\n").dropFirst().map { line in
        line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
      }
  }

  @Test func aConditionChoosesTheSameEventsEverywhere() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let all = try exported("event >= 0", folder)
    #expect(all.count == SmallChain.eventCount)
    let condition = "energy > 5 && zenith < 40"
    let chosen = try exported(condition, folder)
    let expected = all.filter { ($0[1] ?? 0) > 5 && ($0[2] ?? 90) < 40 }
    #expect(chosen == expected && !chosen.isEmpty && chosen.count < all.count)
    let list = try Program.run("inspect", chain.correction, "--where", condition)
    #expect(list.output.hasPrefix("\(chosen.count) of \(SmallChain.eventCount) events\n"))
    let picture = try Program.run(
      "show", chain.correction, "--where", condition, "--output", folder.path("event.svg"))
    let first = try #require(chosen.first?[0])
    #expect(picture.output.hasPrefix("event \(Int(first)):"), "\(picture.output)")
    let page = try Program.run(
      "browse", chain.correction, "--where", condition, "--waveforms", "none", "--output",
      folder.path("page.html"))
    #expect(page.errors.contains("\(chosen.count) events"), "\(page.errors)")
    let names = try Program.run("inspect", chain.correction, "--quantities")
    for name in ["energy", "trueEnergy", "standard.zenith", "stations", "primary"] {
      #expect(names.output.contains("\n\(name) "), "\(name)")
    }
  }

  @Test func aWrongConditionIsShownWithItsPlace() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    for command in ["show", "browse", "export", "compare"] {
      let outcome = try Program.run(
        command, chain.correction, "--where", "energy > 50 && zenit < 30", "--output",
        folder.path("out.svg"))
      #expect(outcome.status == 64, "\(command): \(outcome.errors)")
      #expect(
        outcome.errors.contains(
          """
          --where: unknown quantity "zenit", did you mean "zenith"?
            energy > 50 && zenit < 30
                           ^^^^^
          """), "\(command): \(outcome.errors)")
    }
    let empty = try Program.run(
      "browse", chain.correction, "--where", "energy > 1e9", "--output", folder.path("page.html"))
    #expect(empty.status == 65 && empty.errors.contains("no event with energy > 1e9"))
    let list = try Program.run(
      "browse", chain.correction, "--events", "3,x", "--output", folder.path("page.html"))
    #expect(list.status == 64, "\(list.errors)")
    #expect(folder.contents.isEmpty)
  }

  /// What a script asked the server, and how the server ended.
  struct Served: Decodable {
    var title: String
    var largest: [[Double?]]
    var filtered: Int
    var first: [[Double?]]
    var found: Int
    var stations: Int
    var waveforms: Int
    var wrongToken: Int
    var wrongHost: Int
    var wrongPath: Int
    var ended: Double
    var status: Int
  }

  /// The server gives the rows that the page would have, and ends within a second.
  @Test func aServerShowsFilesOfAnySize() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let script = """
      import json, re, signal, subprocess, sys, time, urllib.error, urllib.request
      program = subprocess.Popen(sys.argv[1:], stdout=-1, stderr=-1, text=True)
      address = program.stdout.readline().strip()
      def get(path, to=None, **headers):
          request = urllib.request.Request((to or address) + path, headers=headers)
          with urllib.request.urlopen(request, timeout=20) as answer: return answer.read().decode()
      def refusal(*given, **headers):
          try: get(*given, **headers); return 200
          except urllib.error.HTTPError as error: return error.code
      page, ask = get(""), lambda path: json.loads(get(path))
      stations = ask("event?index=5")
      out = dict(title=re.search("<title>(.*?)</title>", page).group(1),
          largest=(ask("view?sort=1&sign=-1&index=0"), 
              ask("rows?sort=1&sign=-1&first=0&count=5"))[1],
          filtered=ask("view?filter=1:%3E10&index=0")["count"], first=ask("rows?first=0&count=3"),
          found=ask("find?event=7&file=0")["row"][0], stations=len(stations["stations"]),
          waveforms=len(stations["waveforms"]),
          wrongToken=refusal("", address[:-2] + "x/"), wrongHost=refusal("", Host="evil.example"),
          wrongPath=refusal("../../etc/passwd"))
      start = time.time()
      program.send_signal(signal.SIGINT)
      out["status"] = program.wait(5)
      out["ended"] = time.time() - start
      print(json.dumps(out))
      """
    let outcome = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      ["-c", script, Program.url.path, "browse", chain.correction, "--serve"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let served = try JSONDecoder().decode(Served.self, from: Data(outcome.output.utf8))
    let all = try exported("event >= 0", folder)
    #expect(served.title.hasPrefix("Events of "))
    // Index, file, number, energy.
    for (row, known) in zip(served.first, all) {
      let (number, expected) = (row[2] ?? -1, known[0] ?? -2)
      #expect(number == expected)
    }
    #expect(served.first.count == 3)
    let energies = all.compactMap { $0[1] }.sorted(by: >)
    for (row, energy) in zip(served.largest, energies) {
      #expect(abs((row[3] ?? 0) - energy) < 1e-4 * energy)
    }
    #expect(served.largest.count == 5)
    let above = energies.filter { $0 > 10 }.count
    #expect(served.filtered == above && above > 5)
    let found = all[served.found][0] ?? -1
    #expect(found == 7)
    #expect(served.stations > 3 && served.waveforms > 3)
    #expect(served.wrongToken == 403 && served.wrongHost == 403 && served.wrongPath == 404)
    #expect(served.ended < 1 && served.status == 0, "\(served)")
  }

  /// The script of the page fills the table and the event from the server.
  @Test(.enabled(if: Browser.path != nil)) func aBrowserAsksTheServer() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let script = """
      import signal, subprocess, sys
      program = subprocess.Popen(sys.argv[3:], stdout=-1, stderr=-1, text=True)
      address = program.stdout.readline().strip()
      seen = subprocess.run([sys.argv[1], "--headless", "--no-sandbox", "--disable-gpu",
          "--enable-logging=stderr", "--user-data-dir=" + sys.argv[2], "--virtual-time-budget=5000",
          "--dump-dom", address + "#event=7"], capture_output=True, text=True)
      program.send_signal(signal.SIGINT)
      program.wait(5)
      print(seen.stdout)
      said = [line for line in seen.stderr.split("\\n") if "CONSOLE" in line]
      print("\\n".join(said), file=sys.stderr)
      """
    let outcome = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      [
        "-c", script, try #require(Browser.path), folder.path("profile"), Program.url.path,
        "browse",
        chain.correction, "--serve",
      ])
    #expect(!outcome.errors.contains("CONSOLE"), "\(outcome.errors)")
    let isFilled = outcome.output.contains(">Event 7</h2>")
    #expect(
      isFilled && outcome.output.contains("\(SmallChain.eventCount) of \(SmallChain.eventCount)"))
    #expect(outcome.output.components(separatedBy: "<canvas").count > 2)
    #expect(outcome.output.components(separatedBy: "<tr aria-selected").count > 5)
  }
}
