import Foundation
import ShowerFormats
import ShowerModel
import ShowerStore
import Testing

/// Files of the experiment through the whole program.
@Suite struct ImportTests {
  private static let five = Program.repository.appending(
    path: "Fixtures/dst/airshower_5.rufldf.dst.gz"
  ).path

  private static func events(_ path: String) throws -> [Event] {
    let reader = try EventFileReader(path: path)
    return try reader.events(0..<reader.eventCount)
  }

  private static func expectSuccess(
    _ arguments: String..., location: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try Program.run(Program.url, arguments)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)", sourceLocation: location)
  }

  @Test func thousandEventsAsDSTAndBack() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try Self.expectSuccess(
      "simulate", "--events", "1000", "--energy", "3:300", "--seed", "17", "-o", path("a.h5"))
    try Self.expectSuccess("export", path("a.h5"), "--format", "dst", "-o", path("a.dst.gz"))
    try Self.expectSuccess("import", path("a.dst.gz"), "-o", path("b.h5"))
    try Self.expectSuccess("export", path("b.h5"), "--format", "dst", "-o", path("b.dst"))
    try Self.expectSuccess("import", path("b.dst"), "-o", path("c.h5"))
    let (first, second) = (try Self.events(path("a.h5")), try Self.events(path("b.h5")))
    #expect(first.count == 1000 && second.count == 1000)
    #expect(
      try EventFileReader(path: path("a.h5")).array == EventFileReader(path: path("b.h5")).array)
    for (a, b) in zip(first, second) {
      #expect(a.id == b.id && a.hits.count == b.hits.count)
      let (truth, read) = (try #require(a.truth), try #require(b.truth))
      #expect(truth.primary == read.primary)
      #expect(abs(truth.shower.energy / read.shower.energy - 1) < 1e-6)
      #expect(truth.shower.direction.angle(to: read.shower.direction) < 1e-6)
      #expect(abs(truth.shower.coreX - read.shower.coreX) < 0.01)
      #expect(abs(truth.shower.coreY - read.shower.coreY) < 0.01)
      for (x, y) in zip(a.hits, b.hits) {
        #expect(x.station == y.station && x.badLayers == y.badLayers)
        #expect(x.windowStart.rounded() == y.windowStart)
        for layer in Layer.allCases {
          #expect(x[layer].samples == y[layer].samples)
          #expect(abs(x[layer].pedestal - y[layer].pedestal) <= 1 / 16.0 + 1e-6)
          #expect(abs(x[layer].pedestalDeviation - y[layer].pedestalDeviation) < 0.03)
          #expect(abs(x[layer].countsPerVEM / y[layer].countsPerVEM - 1) < 1e-6)
        }
      }
    }
    // What the format keeps is kept to the last digit.
    #expect(second.map(\.hits) == (try Self.events(path("c.h5"))).map(\.hits))
    for name in ["b", "c"] {
      try Self.expectSuccess("reconstruct", path("\(name).h5"), "-o", path("\(name)-reco.h5"))
    }
    let (b, c) = (
      try EventFileReader(path: path("b-reco.h5")), try EventFileReader(path: path("c-reco.h5"))
    )
    for (x, y) in zip(try b.standardResults(0..<1000), try c.standardResults(0..<1000)) {
      #expect(x.status == y.status)
      guard x.status == .good else { continue }
      #expect(abs(x.shower.zenith - y.shower.zenith) < 1e-9)
      #expect(abs(x.shower.azimuth - y.shower.azimuth) < 1e-9)
      #expect(abs(x.signal800 / y.signal800 - 1) < 1e-9)
    }
  }

  @Test func resultsOfAFileAreMethods() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try "event_id,zenith_deg,azimuth_deg,core_x_m,core_y_m,energy_eev\n2,40,156,-1800,6100,20\n"
      .write(toFile: path("ours.csv"), atomically: true, encoding: .utf8)
    try Self.expectSuccess(
      "import", Self.five, "--results", "ours=\(path("ours.csv"))", "-o", path("events.h5"))
    try Self.expectSuccess("reconstruct", path("events.h5"), "-o", path("reco.h5"))
    let reader = try EventFileReader(path: path("reco.h5"))
    #expect(
      reader.reconstructionNames
        == ["imported_ours", "imported_rufldf", "imported_rufldf_combined"])
    #expect(reader.identity(of: "imported_rufldf").kind == .imported)
    let ours = try reader.reconstructions(named: "imported_ours", 0..<5)
    #expect(ours.map { $0.status == .good } == [false, false, true, false, false])
    #expect(abs(ours[2].shower.energy - 20) < 1e-9)
    try Self.expectSuccess(
      "export", path("reco.h5"), "--format", "csv", "--columns",
      "event_id,imported_rufldf_zenith_deg,standard_cut", "-o", path("table.csv"))
    let lines = try String(contentsOfFile: path("table.csv"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines[0] == "event_id,imported_rufldf_zenith_deg,standard_cut")
    #expect(lines.count == 6 && lines[1].hasPrefix("0,39.2333") && lines[1].hasSuffix(",passed"))
    let unknown = try Program.run(
      "export", path("reco.h5"), "--format", "csv", "--columns", "energy", "-o", path("t.csv"))
    #expect(unknown.status == 64)
    #expect(unknown.errors.contains("has no column energy; it has event_id, shower_id"))
  }

  /// Data have a time: the table and `show` say where in the sky they came from.
  @Test func dataHavePlacesInTheSky() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try Self.expectSuccess("import", Self.five, "-o", path("events.h5"))
    let source = try EventFileReader(path: path("events.h5"))
    let writer = try DSTWriter(
      path: path("data.dst"), name: "data.dst", packs: false, array: source.array,
      sampleCount: source.sampleCount)
    let time = CalendarTime(2014, 7, 13, 4, 38, 52)
    for event in try Self.events(path("events.h5")) {
      var event = event
      (event.truth, event.utc, event.time) = (nil, time, 123_456_000)
      try writer.append(event)
    }
    try writer.finish()
    try Self.expectSuccess("import", path("data.dst"), "-o", path("data.h5"))
    try Self.expectSuccess("reconstruct", path("data.h5"), "-o", path("reco.h5"))
    let reader = try EventFileReader(path: path("reco.h5"))
    #expect(!reader.hasTruth && reader.hasUTC)
    try Self.expectSuccess(
      "export", path("reco.h5"), "--format", "csv", "--columns",
      "utc,standard_ra_deg,standard_dec_deg,standard_dec_sigma_deg", "-o", path("sky.csv"))
    let row = try String(contentsOfFile: path("sky.csv"), encoding: .utf8)
      .split(separator: "\n")[1].split(separator: ",")
    #expect(row[0] == "2014-07-13T04:38:52.123456000")
    let shower = try reader.standardResults(0..<1)[0].shower
    let sky = SkyCoordinates(
      shower.direction, at: time, nanoseconds: 123_456_000, site: .telescopeArray)
    #expect(abs((try #require(Double(row[1]))) - sky.rightAscension / Units.degree) < 1e-9)
    #expect(abs((try #require(Double(row[2]))) - sky.declination / Units.degree) < 1e-9)
    #expect((0.1...3).contains(try #require(Double(row[3]))))
    let shown = try Program.run("show", path("reco.h5"), "-o", path("event.png"))
    #expect(shown.output.contains("UTC 2014-07-13T04:38:52.123456000"))
    #expect(shown.output.contains("standard: right ascension "))
    let inspected = try Program.run("inspect", path("reco.h5")).output
    #expect(
      inspected.contains(
        "  UTC              2014-07-13T04:38:52.123456000 to 2014-07-13T04:38:52.123456000\n"
          + "  places in the sky by standard, of the first events\n"
          + "    event 0, 2014-07-13T04:38:52.123456000: right ascension "))
    let place = try #require(shown.output.split(separator: "\n").last { $0.hasPrefix("standard:") })
    #expect(inspected.contains(place.dropFirst("standard: ".count)))
  }

  @Test func independentRunsAreJoinedAndComparedAsOne() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    for seed in ["21", "22"] {
      try Self.expectSuccess(
        "simulate", "--events", "150", "--energy", "10:300", "--seed", seed, "-o",
        path("\(seed).h5"))
      try Self.expectSuccess("reconstruct", path("\(seed).h5"), "-o", path("\(seed)-reco.h5"))
      try Self.expectSuccess("correct", path("\(seed)-reco.h5"), "-o", path("\(seed)-cor.h5"))
    }
    let (a, b) = (path("21-cor.h5"), path("22-cor.h5"))
    try Self.expectSuccess("merge", a, b, "--independent", "-o", path("all.h5"))
    let all = try EventFileReader(path: path("all.h5"))
    #expect(try all.eventIDs(0..<300) == Array(0..<300))
    let showers = try [a, b].flatMap { try EventFileReader(path: $0).showerIDs(0..<150) }
    #expect(try all.showerIDs(0..<300) == showers)
    #expect(all.lineage.simulations == [.parametric(seed: 21), .parametric(seed: 22)])
    #expect(all.lineage.learned["reference"]?.isEmpty == false)
    let results = try [a, b].flatMap {
      try EventFileReader(path: $0).reconstructions(named: "reference", 0..<150)
    }
    #expect(
      try all.reconstructions(named: "reference", 0..<300).map(\.shower.zenith.bitPattern)
        == results.map(\.shower.zenith.bitPattern))
    try Self.expectSuccess("compare", a, b, "--replicas", "20", "-o", path("two"))
    try Self.expectSuccess("compare", path("all.h5"), "--replicas", "20", "-o", path("one"))
    // Corrected in one go they are the same.
    try Self.expectSuccess(
      "correct", path("21-reco.h5"), path("22-reco.h5"), "-o", path("both.h5"))
    let both = try EventFileReader(path: path("both.h5"))
    #expect(try both.eventIDs(0..<300) == Array(0..<300))
    #expect(both.lineage.simulations == all.lineage.simulations)
    #expect(both.lineage.learned["reference"] == all.lineage.learned["reference"])
    #expect(
      try both.reconstructions(named: "reference", 0..<300).map(\.shower.zenith.bitPattern)
        == results.map(\.shower.zenith.bitPattern))
    #expect(try both.events(140..<160) == all.events(140..<160))
    // Results of the same name give way; a file of the first events ends in the second run.
    try Self.expectSuccess("correct", a, b, "--max-events", "200", "-o", path("again.h5"))
    let again = try EventFileReader(path: path("again.h5"))
    #expect(again.eventCount == 200 && again.reconstructionNames == ["reference"])
    #expect(
      try again.reconstructions(named: "reference", 0..<200).map(\.shower.zenith.bitPattern)
        == results.prefix(200).map(\.shower.zenith.bitPattern))
    let shard = try Program.run(
      "correct", a, b, "--shard", "1/2", "-o", path("x.h5"))
    #expect(shard.status == 64)
    #expect(
      shard.errors.contains(
        "--shard and mpirun are for one file: join several by airshower merge --independent"))
    let same = try Program.run("correct", a, a, "-o", path("x.h5"))
    #expect(same.status == 65 && same.errors.contains("21-cor.h5: is given twice"))
    func values(_ report: String) throws -> [Substring] {
      try String(contentsOfFile: path(report) + "/summary.csv", encoding: .utf8)
        .split(separator: "\n").filter { $0.contains("/space_angle/") && $0.contains("width68") }
        .map { $0.split(separator: ",").prefix(2).joined(separator: ",")[...] }
    }
    #expect(try values("two") == values("one"))
    #expect(try !values("two").isEmpty)
    let twice = try Program.run("merge", a, path("21-reco.h5"), "--independent", "-o", "x.h5")
    #expect(twice.status == 65)
    let samePath = try Program.run(
      "merge", path("21.h5"), path("21.h5"), "--independent", "-o", path("x.h5"))
    #expect(samePath.status == 65 && samePath.errors.contains("21.h5: is given twice"))
    try FileManager.default.copyItem(atPath: path("21.h5"), toPath: path("copy.h5"))
    let copy = try Program.run(
      "merge", path("21.h5"), path("copy.h5"), "--independent", "-o", path("x.h5"))
    #expect(copy.status == 65)
    #expect(
      copy.errors.contains(
        "copy.h5: holds the simulation with seed 21, as \(path("21.h5")) does: the same showers "
          + "would count twice. Simulate with another --seed"))
  }

  @Test func badFilesEndWithTheirReason() throws {
    let folder = try TemporaryFolder()
    let output = folder.path("events.h5")
    let text = try Program.run("import", Program.repository.path + "/README.md", "-o", output)
    #expect(text.status == 65)
    #expect(
      text.errors.contains(
        "README.md: is of no format that import reads. Give a DST file of the Telescope Array"))
    let packed = try Data(contentsOf: URL(filePath: Self.five))
    try packed.prefix(40_000).write(to: folder.url.appending(path: "cut.dst.gz"))
    let cut = try Program.run("import", folder.path("cut.dst.gz"), "-o", output)
    #expect(cut.status == 65)
    #expect(cut.errors.contains("cut.dst.gz: the gzip data end early (byte 40000, block "))
    // Nothing is left of the output.
    #expect(folder.contents == ["cut.dst.gz"])
    // A time that no event file can hold is a fault of the input.
    let line = (["DT 2213", "0 0 0 0 0 0 1e18 0 0 0"] + Array(repeating: "0", count: 128))
      .joined(separator: " ")
    let head = "ML 20080511 000000 " + Array(repeating: "1", count: 19).joined(separator: " ")
    try "\(head)\n\(line)\n".write(
      toFile: folder.path("far.txt"), atomically: true, encoding: .utf8)
    let far = try Program.run("import", folder.path("far.txt"), "-o", output)
    #expect(far.status == 65)
    #expect(
      far.errors.contains(
        "far.txt: events 0 to 0 would have 1e+27 in row 0 of /hits/window_start, which no event "
          + "file can hold. The file is damaged"))
    let table = folder.path("table.csv")
    try "event,zenith_deg\n1,2\n".write(toFile: table, atomically: true, encoding: .utf8)
    let wrong = try Program.run("import", Self.five, "--results", "ours=\(table)", "-o", output)
    #expect(wrong.status == 65)
    #expect(wrong.errors.contains("table.csv, line 1: unknown column \"event\"; known: event_id"))
    try "event_id,zenith_deg\n77,2\n".write(toFile: table, atomically: true, encoding: .utf8)
    let others = try Program.run("import", Self.five, "--results", "ours=\(table)", "-o", output)
    #expect(others.status == 65)
    #expect(others.errors.contains("none of its 1 events is among those imported"))
  }
}
