import Foundation
import ShowerModel
import ShowerStore
import Testing

@Suite struct CopyTests {
  let folder: Folder
  let path: String
  let copy: String
  let step = ProvenanceStep(
    activity: "correct", version: "0.1.0", commandLine: [], host: "test", started: "", finished: "")

  init() throws {
    folder = try Folder()
    path = folder.file("events.h5")
    copy = folder.file("copy.h5")
    try Sample.write(700, to: path, networks: ["a", "b"])
  }

  /// Everything that a reader gives of the first events.
  private func contents(_ path: String, _ rows: Range<Int>) throws -> String {
    let file = try EventFileReader(path: path)
    var parts = [String(reflecting: try file.reconstructedEvents(rows))]
    for name in file.reconstructionNames {
      parts.append(name)
      parts.append(String(reflecting: try file.reconstructions(named: name, rows)))
      parts.append(try file.networkDescription(of: name) ?? "")
    }
    parts.append(try file.selection() ?? "none")
    parts.append(String(reflecting: file.array))
    return parts.joined(separator: "\n")
  }

  @Test func aFullCopyIsEqualAndCarriesItsHistory() throws {
    let writer = try EventFileWriter(
      copying: EventFileReader(path: path), to: copy, overwrite: false)
    try writer.finish(adding: step)
    #expect(try contents(copy, 0..<700) == contents(path, 0..<700))
    #expect(try EventFileReader(path: copy).provenance == [Sample.step, step])
  }

  @Test(arguments: [0, 1, 501, 699]) func aShorterCopyHasTheFirstEvents(limit: Int) throws {
    let writer = try EventFileWriter(
      copying: EventFileReader(path: path), to: copy, rows: 0..<limit, overwrite: false)
    #expect(writer.eventCount == limit)
    try writer.append(
      (0..<limit).map(Sample.reconstruction), as: MethodIdentity(name: "c", kind: .network),
      networkDescription: "")
    try writer.finish(adding: step)
    let file = try EventFileReader(path: copy)
    #expect(file.eventCount == limit)
    #expect(file.hitCount == (0..<limit).map { $0 % 6 }.reduce(0, +))
    #expect(file.hasStandard && file.reconstructionNames == ["a", "b", "c"])
    #expect(
      try String(reflecting: file.reconstructedEvents(0..<limit))
        == String(reflecting: EventFileReader(path: path).reconstructedEvents(0..<limit)))
    #expect(file.provenance == [Sample.step, step])
  }

  @Test(arguments: [700, 650]) func resultsCanBeLeftOutAndMadeAgain(limit: Int) throws {
    let writer = try EventFileWriter(
      copying: EventFileReader(path: path), to: copy, rows: 0..<limit,
      omitting: ["standard", "b"], overwrite: false)
    let rows = 0..<limit
    try writer.append(
      standard: rows.map { Sample.standard($0 + 1) }, stations: rows.map { Sample.stations($0 + 1) }
    )
    try writer.append(
      rows.map(Sample.reconstruction), as: MethodIdentity(name: "c", kind: .network),
      networkDescription: "new")
    try writer.finish(adding: step)
    let file = try EventFileReader(path: copy)
    #expect(file.reconstructionNames == ["a", "c"])
    #expect(same(try file.standardResults(rows), rows.map { Sample.standard($0 + 1) }))
    #expect(same(try file.stationSignals(rows), rows.map { Sample.stations($0 + 1) }))
    #expect(same(try file.reconstructions(named: "c", rows), rows.map(Sample.reconstruction)))
    #expect(try file.networkDescription(of: "c") == "new")
  }

  /// Large datasets are copied in parts, between the results that are appended; nothing of them is
  /// lost.
  @Test(arguments: [1, 70, 2100]) func largeDatasetsAreCopiedInParts(batch: Int) throws {
    let events = Sample.events(2100, sampleCount: 128)
    try FileManager.default.removeItem(atPath: path)
    let large = try EventFileWriter(
      path: path, array: Sample.array, sampleCount: 128, simulated: true, overwrite: false)
    try large.append(events)
    try large.finish(adding: Sample.step)
    let writer = try EventFileWriter(
      copying: EventFileReader(path: path), to: copy, overwrite: false)
    for first in stride(from: 0, to: 2100, by: batch) {
      let rows = first..<min(first + batch, 2100)
      try writer.append(standard: rows.map(Sample.standard), stations: rows.map(Sample.stations))
    }
    try writer.finish(adding: step)
    let file = try EventFileReader(path: copy)
    #expect(try file.events(0..<2100) == events)
    #expect(same(try file.standardResults(0..<2100), (0..<2100).map(Sample.standard)))
    let (before, after) = (try EventFileReader(path: path).summary(), try file.summary())
    let stored = Dictionary(
      uniqueKeysWithValues: after.groups.flatMap(\.datasets).map { ($0.path, $0) })
    for dataset in before.groups.flatMap(\.datasets) { #expect(stored[dataset.path] == dataset) }
    #expect(stored["/hits/waveform"]?.storedBytes ?? 0 > 1 << 20)
    let attributes = Dictionary(
      uniqueKeysWithValues: after.groups.map { ($0.path, $0.attributes) })
    for group in before.groups where group.path != "/" {
      #expect(attributes[group.path] == group.attributes)
    }
  }

  /// The output may be the input: the input is read to the end before it gives up its name.
  @Test func aFileCanReplaceItself() throws {
    let before = try contents(path, 0..<700)
    let writer = try EventFileWriter(
      copying: EventFileReader(path: path), to: path, overwrite: true)
    try writer.finish(adding: step)
    #expect(try contents(path, 0..<700) == before)
    #expect(folder.names == ["events.h5"])
  }

  @Test func resultsThatAreThereAreNotAddedTwice() throws {
    let source = try EventFileReader(path: path)
    let writer = try EventFileWriter(copying: source, to: copy, overwrite: false)
    #expect(throws: StoreError.self) {
      try writer.append(
        [Sample.reconstruction(0)], as: MethodIdentity(name: "a", kind: .network),
        networkDescription: "")
    }
    let other = try EventFileWriter(copying: source, to: copy, overwrite: false)
    #expect(throws: StoreError.self) {
      try other.append(standard: [Sample.standard(0)], stations: [[]])
    }
    let third = try EventFileWriter(copying: source, to: copy, overwrite: false)
    #expect(throws: StoreError.self) { try third.append(Sample.events(1)) }
    #expect(folder.names == ["events.h5"])
  }
}
