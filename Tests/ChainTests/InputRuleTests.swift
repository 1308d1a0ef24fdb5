import Foundation
import ShowerStore
import Testing

/// Nothing silent: each rule of `InputRule` is kept by the commands, and the page shows all rules.
@Suite(.serialized) struct InputRuleTests {
  /// A file that breaks a rule, and what a command says of it.
  struct Case: Sendable, CustomTestStringConvertible {
    let place: String
    /// Python that changes the file `f`.
    let edit: String
    let commands: [String]
    let text: String
    var testDescription: String { edit }
  }

  /// A case of values that a column must not hold.
  private static func column(
    _ place: String, _ value: String, in commands: [String]
  ) -> Case {
    // What is wrong with a station is said of the array.
    let said = place.hasPrefix("/array") ? "(/array)" : place
    return Case(place: place, edit: "put('\(place)', \(value))", commands: commands, text: said)
  }

  static let cases: [Case] =
    ["float('nan')", "float('inf')", "1e17"].map {
      column("/events/time", $0, in: ["reconstruct", "correct", "show"])
    }
    + [
      column("/events/clock_error", "-1", in: ["reconstruct", "correct"]),
      column("/events/calibration_error", "float('nan')", in: ["reconstruct", "correct"]),
      column("/hits/window_start", "-1e30", in: ["reconstruct", "correct", "show"]),
      column("/hits/pedestal_upper", "float('inf')", in: ["reconstruct", "correct", "show"]),
      column("/stations/time", "float('inf')", in: ["correct", "show"]),
      column("/truth/core_x", "float('-inf')", in: ["compare", "train"]),
      column("/reconstruction/standard/chi2_time", "float('inf')", in: ["correct", "compare"]),
      column("/reconstruction/standard/status", "99", in: ["correct", "compare", "show"]),
      column("/array/x", "1e300", in: ["reconstruct", "correct", "compare", "show"]),
      column("/array/z", "float('nan')", in: ["reconstruct", "show"]),
      column("/array/station_id", "7", in: ["reconstruct", "compare"]),
      column("/hits/station_id", "9999", in: ["reconstruct", "correct", "show"]),
      column("/events/first_hit", "0", in: ["reconstruct", "correct", "compare", "show", "train"]),
      column("/reconstruction/standard/zenith", "1e300", in: ["correct", "compare", "show"]),
      column("/reconstruction/standard/core_y", "float('nan')", in: ["correct", "compare"]),
      column("/reconstruction/standard/log_energy", "0", in: ["correct", "compare"]),
      column("/reconstruction/standard/core_x", "1e9", in: ["correct", "compare"]),
      column("/reconstruction/reference/azimuth", "1e300", in: ["compare"]),
      column("/reconstruction/standard/zenith_sigma", "float('nan')", in: ["correct", "compare"]),
      column("/reconstruction/standard/core_x_sigma", "-1", in: ["correct", "compare"]),
      column("/reconstruction/reference/core_y_sigma", "1e300", in: ["compare"]),
      column("/reconstruction/standard/covariance", "float('inf')", in: ["correct"]),
      Case(
        place: "/events/event_id", edit: "put('/events/event_id', 7)",
        commands: ["reconstruct", "correct", "compare", "train"],
        text: "399 events have the number of an earlier event"),
      Case(
        place: "/hits: calibration", edit: "put('/hits/counts_per_vem_upper', float('nan'), 3)",
        commands: ["reconstruct"], text: "1 hits have no usable calibration"),
      Case(
        place: "/hits: calibration", edit: "put('/hits/pedestal_lower', -5.0)",
        commands: ["reconstruct"], text: "hits have no usable calibration"),
      Case(
        place: "/hits: window_start", edit: "put('/hits/window_start', 1e9, slice(0, 2))",
        commands: ["reconstruct"], text: "2 hits begin more than 1 ms"),
      Case(
        place: "/truth, other methods", edit: "put('/truth/zenith', float('nan'))",
        commands: ["compare"], text: "no events to compare"),
    ]

  /// A copy of the corrected file, edited.
  private func edited(_ edit: String, _ folder: TemporaryFolder) throws -> String {
    let copy = folder.path("edited.h5")
    try FileManager.default.copyItem(atPath: SmallChain.shared.get().correction, toPath: copy)
    let script = """
      import h5py
      f = h5py.File('\(copy)', 'r+')
      def put(name, value, row=...):
          data = f[name][()]
          data[row] = value
          f[name][...] = data
      \(edit)
      """
    let python = URL(filePath: "/usr/bin/python3")
    let outcome = try Program.run(python, ["-W", "ignore", "-c", script])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return copy
  }

  private func run(
    _ command: String, _ file: String, _ folder: TemporaryFolder
  ) throws -> Program.Outcome {
    let options =
      switch command {
      case "compare": ["--figures", "none", "--replicas", "10", "--output", folder.path("out")]
      case "show": ["--output", folder.path("out.png")]
      case "train": ["--epochs", "1", "--spec", "event", "--output", folder.path("out.pt")]
      default: ["--output", folder.path("out.h5")]
      }
    return try Program.run(Program.url, [command, file] + options)
  }

  @Test(arguments: cases) func isRefusedOrSaid(_ one: Case) throws {
    for command in one.commands {
      let folder = try TemporaryFolder()
      let file = try edited(one.edit, folder)
      let outcome = try run(command, file, folder)
      #expect(outcome.errors.contains(file), "\(command): \(outcome.errors)")
      #expect(outcome.errors.contains(one.text), "\(command): \(outcome.errors)")
      guard !one.text.contains("events have"), !one.text.contains("hits ") else { continue }
      #expect(outcome.status == 65, "\(command): \(outcome.status) \(outcome.errors)")
      #expect(folder.contents == ["edited.h5"], "\(command) left \(folder.contents)")
    }
  }

  @Test func thePageShowsAllRules() throws {
    let page = try String(
      contentsOf: Program.repository.appending(path: "Documentation/event-file.md"),
      encoding: .utf8)
    let rows = InputRule.all.map { "| `\($0.place)` | \($0.rule) | \($0.consequence.rawValue) |" }
    for row in rows { #expect(page.contains(row), "\(row)") }
    // No row beside them.
    let shown = page.split(separator: "\n").filter {
      $0.hasSuffix(" | refused |") || $0.hasSuffix(" | counted |")
    }
    #expect(shown.count == rows.count)
  }

  /// Methods that correct an earlier standard result cannot stay beside a new one.
  @Test func reconstructedAgainAFileSaysWhichMethodsItLoses() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      "reconstruct", SmallChain.shared.get().correction, "--output", folder.path("again.h5"))
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("is without reference"), "\(outcome.errors)")
  }

  @Test func tablesOfWindowsAreRead() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    for (table, line) in [
      ("arrays/telescope-array.csv", ["simulate", "--events", "1", "--array"]),
      (
        "energy/telescope-array-simulated.csv",
        ["reconstruct", chain.simulation, "--max-events", "1", "--energy-table"]
      ),
      (
        "selections/published.json",
        ["reconstruct", chain.simulation, "--max-events", "1", "--cuts"]
      ),
    ] {
      let url = Program.repository.appending(path: "tables/\(table)")
      let text = try String(contentsOf: url, encoding: .utf8)
      let copy = folder.path("windows-\(url.lastPathComponent)")
      try Data(("\u{FEFF}" + text.replacing("\n", with: "\r\n")).utf8).write(
        to: URL(filePath: copy))
      let outcome = try Program.run(
        Program.url, line + [copy, "--overwrite", "--output", folder.path("out.h5")])
      #expect(outcome.status == 0, "\(table): \(outcome.errors)")
    }
    let lists = folder.path("lists.csv")
    let rows = [
      "event,id,x,y,z,t,signal", "1,1,0,0,0,100,12.5", "1,2,1200,0,0,-900,30",
      "1,3,0,1200,0,400,22", "1,4,1200,1200,0,900,5",
    ]
    try Data(("\u{FEFF}" + rows.joined(separator: "\r\n")).utf8).write(to: URL(filePath: lists))
    #expect(try Program.run("fit", lists).status == 0)
  }

  @Test func filtersThatAreNotReadHaveTheirName() throws {
    let folder = try TemporaryFolder()
    let file = try edited(
      """
      data = f['/hits/waveform'][()]
      del f['/hits/waveform']
      f.create_dataset('/hits/waveform', data=data, compression='lzf')
      """.replacing("\n", with: "; "), folder)
    let outcome = try Program.run("reconstruct", file, "--output", folder.path("out.h5"))
    #expect(outcome.status == 65 && outcome.errors.contains("filter lzf"), "\(outcome.errors)")
  }

  @Test(arguments: ["half", "nan"]) func weightsThatAreNone(what: String) throws {
    let folder = try TemporaryFolder()
    let network = folder.path("network.pt")
    let script = """
      import zipfile
      source = zipfile.ZipFile('\(Program.repository.path)/tables/networks/reference.pt')
      records = {item.filename: source.read(item) for item in source.infolist()}
      weights = [n for n in records if '/data/' in n or '/constants/' in n]
      name = max(weights, key=lambda n: len(records[n]))
      data = records[name]
      cut, nan = data[:len(data) // 2], data[:-4] + b'\\0\\0\\xc0\\x7f'
      records[name] = cut if '\(what)' == 'half' else nan
      target = zipfile.ZipFile('\(network)', 'w', zipfile.ZIP_STORED)
      for one, data in records.items(): target.writestr(one, data)
      target.close()
      """
    let made = try Program.run(URL(filePath: "/usr/bin/python3"), ["-c", script])
    try #require(made.status == 0, "\(made.errors)")
    let outcome = try Program.run(
      "correct", SmallChain.shared.get().reconstruction, "--network", network, "--output",
      folder.path("out.h5"))
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains(network), "\(outcome.errors)")
    #expect(folder.contents == ["network.pt"])
  }
}
