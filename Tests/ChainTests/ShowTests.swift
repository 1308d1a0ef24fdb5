import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Pictures of single events, as a user makes them.
@Suite(.serialized) struct ShowTests {
  /// A copy of a file, changed with h5py.
  func edited(_ file: String, _ folder: TemporaryFolder, _ edit: String) throws -> String {
    let copy = folder.path("edited.h5")
    try FileManager.default.copyItem(atPath: file, toPath: copy)
    let outcome = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      ["-c", "import h5py\nf = h5py.File('\(copy)', 'r+')\n\(edit)"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return copy
  }

  func data(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

  @Test(arguments: [
    ("png", Data([0x89, 0x50, 0x4E, 0x47])), ("svg", Data("<?xml".utf8)),
    ("pdf", Data("%PDF".utf8)),
  ])
  func everyFormatIsMade(format: String, start: Data) throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    // A name that a shell and gnuplot would stumble over.
    let name = "an 'event'.\(format)"
    let outcome = try Program.run(
      "show", chain.correction, "--output", folder.path(name))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(folder.contents == [name])
    let picture = try data(folder.path(name))
    #expect(picture.starts(with: start) && picture.count > 20_000, "\(picture.count)")
    for word in ["event ", "standard fit", "truth", "off the truth"] {
      #expect(outcome.output.contains(word), "\(outcome.output)")
    }
  }

  @Test func scriptAndDataDrawThePictureAgain() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      "show", chain.correction, "--keep-script", "--output", folder.path("shower.svg"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(folder.contents == ["shower.dat", "shower.gp", "shower.svg"])
    let first = try data(folder.path("shower.svg"))
    let again = try Program.run(
      URL(filePath: "/bin/sh"),
      ["-c", "cd '\(folder.url.path)' && gnuplot -e \"format='svg'\" shower.gp"])
    #expect(again.status == 0, "\(again.errors)")
    #expect(try data(folder.path("shower.svg")) == first)
  }

  @Test func everyKindOfEventIsDrawn() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    // The first ten events become one of each status.
    let file = try edited(
      chain.reconstruction, folder,
      """
      s = f['reconstruction/standard']
      for k in range(1, 6):
          s['status'][k] = k
          for name in s:
              if s[name].dtype.kind == 'f': s[name][k] = float('nan')
      s['status'][6] = 6
      s['log_energy'][6] = float('nan')
      """)
    let reader = try EventFileReader(path: file)
    let ids = try reader.eventIDs(0..<7)
    let statuses = try reader.standardResults(0..<7).map(\.status)
    for row in 1..<7 {
      let outcome = try Program.run(
        "show", file, "--event", "\(ids[row])", "--output", folder.path("\(row).png"))
      #expect(outcome.status == 0, "\(statuses[row]): \(outcome.errors)")
      #expect(outcome.output.contains("event \(ids[row]):"))
      #expect(outcome.output.contains(statuses[row].explanation), "\(outcome.output)")
    }
  }

  @Test func dataWithoutTruthIsDrawn() throws {
    let folder = try TemporaryFolder()
    let file = try edited(
      SmallChain.shared.get().correction, folder,
      "del f['truth']\nfor n in list(f['hits']):\n    if n.startswith('true'): del f['hits'][n]")
    let outcome = try Program.run("show", file, "--output", folder.path("e.png"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.output.contains("truth") && outcome.output.contains("standard fit"))
  }

  @Test func theDefaultIsTheFirstGoodEvent() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let file = try edited(
      chain.reconstruction, folder, "f['reconstruction/standard/status'][0:5] = 3")
    let reader = try EventFileReader(path: file)
    let results = try reader.standardResults(0..<reader.eventCount)
    let row = try #require(results.firstIndex { $0.status == .good })
    #expect(row >= 5)
    let id = try reader.eventIDs(row..<row + 1)[0]
    let outcome = try Program.run("show", file, "--output", folder.path("e.svg"))
    #expect(outcome.output.hasPrefix("event \(id): reconstructed"), "\(outcome.output)")
  }

  @Test func whatCannotBeShownIsSaid() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let ids = try EventFileReader(path: chain.correction).eventIDs(0..<SmallChain.eventCount)
    let range = "\(try #require(ids.min())) to \(try #require(ids.max()))"
    for (arguments, text) in [
      ([chain.correction, "--event", "987654321"], range),
      ([chain.correction, "--reconstruction", "oracle"], "standard, reference"),
      ([chain.simulation], "airshower reconstruct"),
      (["/nowhere/reco.h5"], "no such file"),
    ] {
      let outcome = try Program.run(
        Program.url, ["show"] + arguments + ["--output", folder.path("e.png")])
      #expect(outcome.status == 65, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
    #expect(folder.contents.isEmpty)
  }

  @Test func theFunctionsOfTheFitMustBeKnown() throws {
    let folder = try TemporaryFolder()
    let file = try edited(
      SmallChain.shared.get().reconstruction, folder,
      """
      import json
      steps = json.loads(f.attrs['PROVENANCE'])
      steps[-1]['settings']['front'] = 'flat'
      f.attrs['PROVENANCE'] = json.dumps(steps)
      """)
    let outcome = try Program.run("show", file, "--output", folder.path("e.png"))
    #expect(outcome.status == 65 && outcome.errors.contains("flat"), "\(outcome.errors)")
    #expect(outcome.errors.contains("linsley"))
  }

  @Test func existingFilesAreRefused() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let earlier = Data("an earlier picture".utf8)
    for name in ["e.png", "f.gp"] { try earlier.write(to: URL(filePath: folder.path(name))) }
    for arguments in [
      ["--output", folder.path("e.png")], ["--keep-script", "--output", folder.path("f.png")],
    ] {
      let outcome = try Program.run(Program.url, ["show", chain.correction] + arguments)
      #expect(outcome.status == 73 && outcome.errors.contains("--overwrite"), "\(outcome.errors)")
    }
    #expect(folder.contents == ["e.png", "f.gp"])
    #expect(try data(folder.path("e.png")) == earlier)
    let nowhere = try Program.run("show", chain.correction, "--output", folder.path("no/e.png"))
    #expect(nowhere.status == 73, "\(nowhere.errors)")
    let replaced = try Program.run(
      "show", chain.correction, "--overwrite", "--output", folder.path("e.png"))
    #expect(replaced.status == 0, "\(replaced.errors)")
    #expect(try data(folder.path("e.png")) != earlier)
  }

  @Test(arguments: [
    ["show", "a.h5"], ["show", "a.h5", "-o", "a.jpg"], ["show", "a.h5", "-o", "a"],
    ["show", "a.h5", "-o", "a.png", "--waveforms", "13"],
    ["show", "a.h5", "-o", "it's.png", "--keep-script"],
  ])
  func wrongUse(arguments: [String]) throws {
    let outcome = try Program.run(Program.url, arguments)
    #expect(outcome.status == 64, "\(arguments): \(outcome.status) \(outcome.errors)")
  }

  /// A sheet has the chosen events, and the sky needs events with a time.
  @Test func manyEventsAreDrawnAtOnce() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let sheet = try Program.run(
      "show", chain.correction, "--layout", "sheet", "--where", "energy > 10 && event < 40",
      "--output", folder.path("sheet.svg"))
    #expect(sheet.status == 0, "\(sheet.errors)")
    let events = sheet.output.split(separator: "\n").filter { $0.hasPrefix("event ") }.count
    let drawing = try String(contentsOfFile: folder.path("sheet.svg"), encoding: .utf8)
    #expect(events > 3 && drawing.components(separatedBy: ">Event ").count == events + 1)

    let simulated = try Program.run(
      "show", chain.correction, "--layout", "sky", "--output", folder.path("sky.svg"))
    #expect(simulated.status == 65 && simulated.errors.contains("have no time"))
    let timed = try edited(
      chain.correction, folder,
      """
      n = len(f['events/event_id'])
      f['events'].create_dataset('utc', data=[1420070400 + 3600 * i for i in range(n)], dtype='i8')
      f['events/utc'].attrs['UNIT'] = 's'
      """)
    let sky = try Program.run(
      "show", timed, "--layout", "sky", "--where", "energy > 10", "--output",
      folder.path("sky.svg"))
    #expect(sky.status == 0 && sky.output.hasPrefix("standard: "), "\(sky.errors)")
    #expect(try data(folder.path("sky.svg")).count > 20_000)
    let wrong = try Program.run(
      "show", timed, "--layout", "sky", "--event", "3", "--output", folder.path("x.svg"))
    #expect(wrong.status == 64)
  }
}
