import Dispatch
import Foundation
import ShowerModel
import ShowerStore
import Synchronization
import Testing

@Suite struct RoundTripTests {
  let folder: Folder
  let path: String
  init() throws {
    folder = try Folder()
    path = folder.file("events.h5")
  }

  @Test func everythingComesBackExactly() throws {
    try Sample.write(237, to: path)
    let file = try EventFileReader(path: path)
    #expect(file.eventCount == 237)
    #expect(file.hitCount == (0..<237).map { $0 % 6 }.reduce(0, +))
    #expect(file.sampleCount == Sample.sampleCount)
    #expect(file.array == Sample.array)
    #expect(file.provenance == [Sample.step])
    #expect(file.formatVersion == "1.7.0")
    #expect(file.hasTruth && file.hasStandard)
    #expect(file.reconstructionNames == ["residual"])
    #expect(try file.selection() == Sample.selection)
    #expect(try file.networkDescription(of: "residual") == "{\"n\": 1}")
    #expect(try file.events(0..<237) == Sample.events(237))
    let rows = 0..<237
    #expect(same(try file.standardResults(rows), rows.map(Sample.standard)))
    #expect(same(try file.stationSignals(rows), rows.map(Sample.stations)))
    #expect(
      same(try file.reconstructions(named: "residual", rows), rows.map(Sample.correction)))
    #expect(
      same(try file.reconstructions(named: "standard", rows), rows.map(Sample.reconstruction)))
  }

  @Test func anyRangeOfEventsIsRead() throws {
    try Sample.write(100, to: path)
    let file = try EventFileReader(path: path)
    let events = Sample.events(100)
    for rows in [99..<100, 0..<1, 17..<64, 5..<5, 63..<99, 6..<7] {
      #expect(try file.events(rows) == Array(events[rows]))
      #expect(try file.truths(rows) == events[rows].compactMap(\.truth))
      let reconstructed = try file.reconstructedEvents(rows)
      #expect(reconstructed.map(\.event) == Array(events[rows]))
      #expect(same(reconstructed.map(\.stations), rows.map(Sample.stations)))
      #expect(same(reconstructed.map(\.standard), rows.map(Sample.standard)))
    }
    #expect(file.chunks(of: 30) == [0..<30, 30..<60, 60..<90, 90..<100])
    #expect(file.chunks(of: 30, limit: 40) == [0..<30, 30..<40])
    #expect(file.chunks(of: 30, limit: 400).last == 90..<100)
  }

  @Test func eventsWithoutWaveformsAreOtherwiseTheSame() throws {
    try Sample.write(20, to: path)
    var events = Sample.events(20)
    for event in events.indices {
      for hit in events[event].hits.indices {
        events[event].hits[hit].upper.samples = []
        events[event].hits[hit].lower.samples = []
      }
    }
    #expect(try EventFileReader(path: path).events(0..<20, waveforms: false) == events)
  }

  @Test func dataHaveNoTruth() throws {
    try Sample.write(12, to: path, simulated: false, networks: [])
    let file = try EventFileReader(path: path)
    #expect(!file.hasTruth)
    #expect(try file.events(0..<12) == Sample.events(12, simulated: false))
    #expect(throws: StoreError.self) { try file.truths(0..<1) }
  }

  @Test func aFileOfNoEventsIsAFile() throws {
    let writer = try EventFileWriter(
      path: path, array: Sample.array, sampleCount: 8, simulated: true, overwrite: false)
    try writer.append([])
    try writer.append(standard: [], stations: [])
    try writer.finish(adding: Sample.step)
    let file = try EventFileReader(path: path)
    #expect(file.eventCount == 0 && file.hasStandard)
    #expect(try file.reconstructedEvents(0..<0).isEmpty)
    #expect(file.chunks(of: 10).isEmpty)
  }

  /// More rows than fit one chunk of a column, so that ranges cross chunks.
  @Test func longColumnsCrossChunks() throws {
    let writer = try EventFileWriter(
      path: path, array: Sample.array, sampleCount: 1, simulated: true, overwrite: false)
    let events = Sample.events(9000, sampleCount: 1)
    try writer.append(events)
    try writer.finish(adding: Sample.step)
    let file = try EventFileReader(path: path)
    for rows in [4000..<4200, 8190..<8195, 0..<9000] {
      #expect(try file.events(rows) == Array(events[rows]))
    }
  }

  /// The same content gives the same bytes, however it was cut into batches.
  @Test func bytesDependOnContentAlone() throws {
    let (one, other) = (folder.file("one.h5"), folder.file("other.h5"))
    let all = Sample.events(5000)
    for (path, batch) in [(one, 5000), (other, 7)] {
      let events = try EventFileWriter(
        path: path, array: Sample.array, sampleCount: Sample.sampleCount, simulated: true,
        overwrite: false)
      for first in stride(from: 0, to: 5000, by: batch) {
        try events.append(Array(all[first..<min(first + batch, 5000)]))
      }
      try events.finish(adding: Sample.step)
    }
    #expect(FileManager.default.contentsEqual(atPath: one, andPath: other))
    for (path, batch) in [(one, 5000), (other, 7)] {
      let results = try EventFileWriter(
        copying: EventFileReader(path: path), to: path, overwrite: true)
      for first in stride(from: 0, to: 5000, by: batch) {
        let rows = first..<min(first + batch, 5000)
        try results.append(standard: rows.map(Sample.standard), stations: rows.map(Sample.stations))
      }
      try results.finish(adding: Sample.step)
    }
    #expect(FileManager.default.contentsEqual(atPath: one, andPath: other))
  }

  /// Compressed on many threads, late and in any order: still the same bytes.
  @Test func bytesDoNotDependOnThreads() throws {
    let (one, other) = (folder.file("one.h5"), folder.file("other.h5"))
    let events = Sample.events(9000)
    let queue = DispatchQueue(label: "late", attributes: .concurrent)
    let onQueue: WorkSubmission = { queue.async(execute: $0) }
    for (path, submit) in [(one, nil), (other, onQueue)] {
      let file = try EventFileWriter(
        path: path, array: Sample.array, sampleCount: Sample.sampleCount, simulated: true,
        overwrite: false, compressing: submit)
      for first in stride(from: 0, to: 9000, by: 90) {
        try file.append(Array(events[first..<first + 90]))
      }
      try file.append(
        standard: (0..<9000).map(Sample.standard), stations: (0..<9000).map(Sample.stations))
      try file.finish(adding: Sample.step)
    }
    #expect(FileManager.default.contentsEqual(atPath: one, andPath: other))
    #expect(try EventFileReader(path: other).events(0..<9000) == events)
  }

  /// Events taken from the file in order are decoded in any order, on any thread.
  @Test func storedEventsAreDecodedAnywhere() throws {
    try Sample.write(300, to: path)
    let file = try EventFileReader(path: path)
    let stored = try file.chunks(of: 7).map { try file.storedReconstructedEvents($0) }
    let decoded = Mutex([Int: [ReconstructedEvent]]())
    DispatchQueue.concurrentPerform(iterations: stored.count) { index in
      let events = try? stored[stored.count - 1 - index].decoded()
      decoded.withLock { $0[stored.count - 1 - index] = events }
    }
    let all = stored.indices.flatMap { index in decoded.withLock { $0[index] ?? [] } }
    #expect(all.map(\.event) == Sample.events(300))
    #expect(same(all.map(\.stations), (0..<300).map(Sample.stations)))
    #expect(same(all.map(\.standard), (0..<300).map(Sample.standard)))
  }

  @Test func summaryNamesEverything() throws {
    try Sample.write(40, to: path)
    let summary = try EventFileReader(path: path).summary()
    let datasets = Dictionary(
      uniqueKeysWithValues: summary.groups.flatMap(\.datasets).map { ($0.path, $0) })
    #expect(summary.groups.first?.path == "/")
    #expect(summary.reconstructionNames == ["standard", "residual"])
    #expect(datasets["/hits/waveform"]?.shape == [summary.hitCount, 2, Sample.sampleCount])
    #expect(datasets["/hits/waveform"]?.type == "uint16")
    #expect(datasets["/array/edge/x"]?.shape == [4] && datasets["/array/edge/x"]?.unit == "m")
    #expect(
      datasets["/reconstruction/standard/cut"]?.meanings?
        .hasPrefix("0=passed, 1=unjudged, 2=notReconstructed, 3=stations, 4=reducedChi2") == true)
    #expect(datasets["/truth/core_x"]?.unit == "m")
    #expect(datasets["/truth/primary"]?.meanings == "0=photon, 1=H, 4=He, 14=N, 56=Fe")
    #expect(
      datasets["/reconstruction/residual/status"]?.meanings?.hasPrefix("0=good, 1=noClu") == true)
    #expect(datasets.values.allSatisfy { !$0.unit.isEmpty && !$0.description.isEmpty })
    #expect(summary.hasTruth)
    #expect(datasets["/reconstruction/standard/zenith_sigma"] != nil)
  }
}
