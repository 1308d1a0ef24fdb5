import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Lists of stations as CSV, JSON and HDF5 through `fit` and `reconstruct`.
@Suite struct StationListTests {
  /// Three showers over 25 stations 1,200 m apart, as Python makes them in a folder.
  private static func makeLists(in folder: TemporaryFolder, unit: String = "") throws {
    let script = """
      import h5py, json, math, numpy as np
      rows, events = [], []
      for event in (3, 8, 5):
          stations = []
          zenith, azimuth = 0.2 * event / 3, 0.7 * event
          n = math.sin(zenith) * math.cos(azimuth), math.sin(zenith) * math.sin(azimuth)
          for number in range(25):
              x, y = 1200.0 * (number % 5 - 2), 1200.0 * (number // 5 - 2)
              dx, dy = x - 100, y + 50
              along = dx * n[0] + dy * n[1]
              r = max(math.sqrt(max(dx * dx + dy * dy - along * along, 0)), 50)
              signal = 180 * (r / 800) ** -2.2 * math.exp(-r / 2500)
              time = 500 + 1.4 * (1 + r / 30) ** 1.5 * signal ** -0.3 - along / 0.299792458
              time += 13 * math.sin(7 * number + event)
              row = [event, number, x, y, 0.0, math.nan, math.nan, 0]
              if signal > 2:
                  row[5:] = [round(time, 2), round(signal, 2), int(signal > 500)]
              rows.append(row)
              station = {"id": number, "x": x, "y": y, "z": 0.0}
              if signal > 2:
                  station |= {"t": row[5], "signal": row[6], "sat": row[7]}
              stations.append(station)
          events.append({"event": event, "stations": stations})
      text = "event,id,x,y,z,t,signal,sat\\n"
      for row in rows:
          text += ",".join("" if v != v else str(v) for v in row) + "\\n"
      open("\(folder.path("lists.csv"))", "w").write(text)
      json.dump(events, open("\(folder.path("lists.json"))", "w"))
      columns = np.array(rows)
      with h5py.File("\(folder.path("lists.h5"))", "w") as f:
          names = "event_id station_id x y z t signal flags".split()
          for k, name in enumerate(names):
              f[name] = columns[:, k].astype("i8" if name[-3:] in ("_id", "ags") else "f8")
      """
    let made = try Program.run(URL(filePath: "/usr/bin/python3"), ["-c", script])
    try #require(made.status == 0, "\(made.errors)")
  }

  private static func run(_ arguments: String...) throws -> String {
    let outcome = try Program.run(Program.url, arguments)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome.output
  }

  @Test func allFormsAreFittedAlike() throws {
    let folder = try TemporaryFolder()
    try Self.makeLists(in: folder)
    let table = try Self.run("fit", folder.path("lists.csv"), "--fit", "joint")
    #expect(table.split(separator: "\n").map { $0.prefix(2) } == ["ev", "3,", "8,", "5,"])
    for form in ["json", "h5"] {
      #expect(try Self.run("fit", folder.path("lists.\(form)"), "--fit", "joint") == table)
    }
    // The results are the same in an event file.
    for form in ["csv", "json", "h5"] {
      let output = folder.path("\(form)-reco.h5")
      _ = try Self.run(
        "reconstruct", folder.path("lists.\(form)"), "--fit", "joint", "-o", output)
      let reader = try EventFileReader(path: output)
      #expect(try reader.eventIDs(0..<3) == [3, 8, 5] && !reader.hasTruth && reader.hitCount == 0)
      let results = try reader.standardResults(0..<3)
      let lines = table.split(separator: "\n").dropFirst()
      for (line, result) in zip(lines, results) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        #expect(fields[1] == result.status.name && result.status == .noEnergyTable)
        let zenith = try #require(Double(fields[2]))
        #expect(abs(zenith - result.shower.zenith / Units.degree) < 1e-4)
        #expect(abs((try #require(Double(fields[10]))) / result.signal800 - 1) < 1e-4)
        #expect(fields[16] == "\(result.stationCount)")
      }
    }
  }

  /// Jointly where a table was made for such an array, else the geometry.
  @Test func theModeFollowsTheArray() throws {
    let folder = try TemporaryFolder()
    try Self.makeLists(in: folder)
    let plain = try Program.run(
      "reconstruct", folder.path("lists.h5"), "-o", folder.path("plain.h5"))
    #expect(plain.errors.contains("geometry of lists of stations, 3 of 3 with a result"))
    let statuses = try EventFileReader(path: folder.path("plain.h5")).standardResults(0..<3)
    #expect(statuses.allSatisfy { $0.status == .geometryOnly })
    // Stations of the Telescope Array by their numbers.
    let chain = try SmallChain.shared.get()
    let source = try EventFileReader(path: chain.reconstruction)
    let known = try source.standardResults(0..<20)
    let stations = try source.stationSignals(0..<20, of: "standard")
    var text = "event,id,t,signal,sat\n"
    for (event, rows) in stations.enumerated() {
      for row in rows where [.fitted, .saturated].contains(row.role) && row.signal.isFinite {
        let id = source.array.stations[row.station].id
        text += "\(event),\(id),\(row.time),\(row.signal * row.area),"
        text += row.isSaturated ? "1\n" : "0\n"
      }
    }
    try text.write(toFile: folder.path("ta.csv"), atomically: true, encoding: .utf8)
    let joint = try Program.run(
      "reconstruct", folder.path("ta.csv"), "--array", "telescope-array", "-o",
      folder.path("ta.h5"))
    #expect(joint.status == 0, "\(joint.errors)")
    #expect(joint.errors.contains("joint fit of lists of stations"))
    let reader = try EventFileReader(path: folder.path("ta.h5"))
    let ids = try reader.eventIDs(0..<reader.eventCount)
    // Stations out of time are silent ones in the list, so that some events come out otherwise.
    let pairs = zip(ids, try reader.standardResults(0..<reader.eventCount)).filter { id, result in
      known[id].status == .good && result.status == .good
    }
    let alike = pairs.count { id, result in
      abs(result.shower.logEnergy - known[id].shower.logEnergy) < 0.05
        && result.shower.direction.angle(to: known[id].shower.direction) < 1.5 * Units.degree
    }
    #expect(pairs.count >= 10 && alike * 4 >= pairs.count * 3, "\(alike) of \(pairs.count)")
  }

  /// Times of a shower with the axis (0.5, 0, ...) at 16 stations in a square, changed.
  private static func square(
    spacing: String = "1200", time: (Int, Double) -> Double, tilt: Double = 0.5
  ) -> String {
    let rows = (0..<16).map { number in
      let (column, row) = (Double(number % 4), Double(number / 4))
      let position = (Double(spacing) ?? 0)
      // A chequerboard has no slope.
      let scatter = 60 * (column + row).truncatingRemainder(dividingBy: 2)
      let delay = -tilt * column * 1200 / 0.299792458 + scatter
      return "1,\(number),\(column * position),\(row * position),0,\(time(number, delay)),20"
    }
    return (["event,id,x,y,z,t,signal"] + rows).joined(separator: "\n") + "\n"
  }

  @Test func messagesSayWhatIsWrong() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("list.csv")
    let cases: [(text: String, message: String)] = [
      (
        Self.square(time: { $1 * 1e-3 }),
        "event 1: times are too close together for the distances of the stations, as seconds or "
          + "microseconds would be. They must be nanoseconds"
      ),
      (
        Self.square(time: { $1 * 1e-9 }),
        "event 1: times are too close together for the distances of the stations, as seconds or "
          + "microseconds would be. They must be nanoseconds"
      ),
      (
        Self.square(time: { $0 < 5 ? $1 + 1e9 : $1 }),
        "event 1: times wrap a second: some are 1e9 ns before the others. Count them from one "
          + "moment"
      ),
      (
        Self.square(time: { $1 * 1e3 }),
        "event 1: hardly two stations have times within a light crossing of their distance. Times "
          + "must be nanoseconds, of one shower"
      ),
      (
        Self.square(spacing: "1.2", time: { $1 }),
        "positions can hardly be metres: stations are 1.2 apart. Multiply kilometres by 1000. If "
          + "the array is so small, state it by the line \"# unit: m\" (JSON: \"unit\": \"m\")"
      ),
      (
        Self.square(spacing: "120000", time: { $1 }),
        "positions can hardly be metres: stations are 120000.0 apart. Divide centimetres by 100. "
          + "If the array is so large, state it by the line \"# unit: m\" (JSON: \"unit\": \"m\")"
      ),
    ]
    for (text, message) in cases {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let outcome = try Program.run("fit", path)
      #expect(outcome.status == 65 && outcome.output.isEmpty)
      #expect(outcome.errors == "airshower: error: \(path): \(message)\n")
    }
    // Near the zenith the azimuth means nothing, the direction does.
    try Self.square(time: { $1 }, tilt: 0).write(toFile: path, atomically: true, encoding: .utf8)
    let text = try Self.run("fit", path)
    #expect(text.contains("mode       geometry, layers of 3 m2, VEM of 2.05 MeV\n"))
    #expect(text.contains(" deg, not determined near the zenith   to the source, from x to y\n"))
    #expect(text.contains("\ndirection             +- "))
    let azimuth = text.split(separator: "\n").first { $0.hasPrefix("azimuth") }
    let number = azimuth?.split(separator: " ").dropFirst().first
    let value = try #require(number.flatMap { Double($0) })
    #expect((0..<360).contains(value))
  }

  @Test func whatTheListsCannotHave() throws {
    let folder = try TemporaryFolder()
    try Self.makeLists(in: folder)
    let lists = folder.path("lists.csv")
    let output = folder.path("x.h5")
    let published = try Program.run(
      "reconstruct", lists, "--method", "published", "-o", output)
    #expect(published.status == 64)
    #expect(published.errors.contains("lists of stations have no waveforms. Leave out --method"))
    let chain = try SmallChain.shared.get()
    _ = try Self.run("reconstruct", lists, "-o", folder.path("made.h5"))
    let again = try Program.run("reconstruct", folder.path("made.h5"), "-o", output)
    #expect(again.status == 65)
    #expect(again.errors.contains("made.h5: its events have no waveforms. Reconstruct the lists"))
    let array = try Program.run(
      "reconstruct", chain.reconstruction, "--array", "telescope-array", "-o", output)
    #expect(array.status == 64)
    #expect(array.errors.contains("--array is for lists of stations: an event file has its array"))
    // One list has a time without a signal.
    let script = """
      import h5py
      with h5py.File("\(folder.path("lists.h5"))", "r+") as f:
          f["signal"][7] = float("nan")
          f["t"][7] = 5.0
      """
    try #require(
      Program.run(URL(filePath: "/usr/bin/python3"), ["-c", script]).status == 0)
    let half = try Program.run("reconstruct", folder.path("lists.h5"), "-o", output)
    #expect(half.status == 65)
    #expect(
      half.errors.contains(
        "lists.h5: row 7: t is 5.0 and signal nan: both must be numbers, or neither"),
      "\(half.errors)")
    try "event,id,x,y,z,t,signal\n1,1,0,0,0,1,5\n1,2,900,0,0,2,5\n2,1,50,0,0,1,5\n2,3,0,900,0,1,5\n"
      .write(toFile: lists, atomically: true, encoding: .utf8)
    let moved = try Program.run("reconstruct", lists, "-o", output)
    #expect(moved.status == 65)
    #expect(
      moved.errors.contains("lists.csv: station 1 stands elsewhere in event 2 than before"))
    let imported = try Program.run("import", lists, "-o", output)
    #expect(imported.status == 65)
    #expect(imported.errors.contains("Lists of stations go to fit or reconstruct"))
    #expect(!folder.contents.contains("x.h5"))
  }
}
