import Foundation
import Glibc
import ShowerModel
import ShowerStore
import Testing

@Suite struct OutputTests {
  let folder: Folder
  let path: String
  init() throws {
    folder = try Folder()
    path = folder.file("events.h5")
  }

  private func writer(overwrite: Bool = false, at path: String? = nil) throws(StoreError)
    -> EventFileWriter
  {
    try EventFileWriter(
      path: path ?? self.path, array: Sample.array, sampleCount: Sample.sampleCount,
      simulated: true, overwrite: overwrite)
  }

  @Test func anExistingFileIsRefusedAndUntouched() throws {
    try Data("precious".utf8).write(to: URL(filePath: path))
    #expect(throws: StoreError.outputExists(file: path)) { try writer() }
    #expect(StoreError.outputExists(file: path).kind == .unavailableOutput)
    #expect(folder.names == ["events.h5"])
    // An earlier file stays until the new one is complete.
    let replacing = try writer(overwrite: true)
    try replacing.append(Sample.events(100))
    #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "precious")
    replacing.abandon()
    #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "precious")
    #expect(folder.names == ["events.h5"])
    let again = try writer(overwrite: true)
    try again.append(Sample.events(10))
    try again.finish(adding: Sample.step)
    #expect(try EventFileReader(path: path).eventCount == 10)
    #expect(folder.names == ["events.h5"])
  }

  /// A file that appeared during the run is not overwritten either.
  @Test func aFileThatAppearedMeanwhileIsKept() throws {
    let late = try writer()
    try Data("precious".utf8).write(to: URL(filePath: path))
    #expect(throws: StoreError.outputExists(file: path)) { try late.finish(adding: Sample.step) }
    #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "precious")
    #expect(folder.names == ["events.h5"])
  }

  @Test func anUnfinishedFileLeavesNothing() throws {
    do {
      let file = try writer()
      try file.append(Sample.events(100))
      #expect(folder.names == ["events.h5.part"])
    }
    #expect(folder.names.isEmpty)
  }

  @Test func whatAKilledRunLeftIsTakenOver() throws {
    try Data(repeating: 7, count: 100_000).write(to: URL(filePath: path + ".part"))
    let file = try writer()
    try file.finish(adding: Sample.step)
    #expect(try EventFileReader(path: path).eventCount == 0)
    #expect(folder.names == ["events.h5"])
  }

  /// What a run that was killed at any moment leaves is refused by name and by content.
  @Test func unfinishedFilesAreNeverRead() throws {
    let file = try writer()
    for part in 0..<40 {
      try file.append(Sample.events(200))
      guard part % 10 == 9 else { continue }
      let left = folder.file("left.h5")
      for copy in [left, left + ".part"] {
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: path + ".part", toPath: copy)
        let error = #expect(throws: StoreError.self) { try EventFileReader(path: copy) }
        #expect(error?.kind == .unusableInput)
        if copy.hasSuffix(".part") { #expect(error == .unfinished(file: copy)) }
      }
    }
  }

  @Test func twoRunsCannotWriteTheSameFile() throws {
    let first = try writer()
    try first.append(Sample.events(50))
    #expect(throws: StoreError.self) { try writer() }
    try first.append(Sample.events(50))
    try first.finish(adding: Sample.step)
    #expect(try EventFileReader(path: path).eventCount == 100)
  }

  @Test func outputsThatCannotBeMade() throws {
    for bad in [folder.path, folder.file("no/such/folder.h5"), "/dev/null", "/proc/events.h5"] {
      let error = #expect(throws: StoreError.self) { try writer(overwrite: true, at: bad) }
      #expect(error?.kind == .unavailableOutput, "\(bad)")
      #expect(error?.description.hasPrefix(bad) == true)
    }
  }

  @Test func finishedFilesTakeNothingMore() throws {
    let file = try writer()
    try file.finish(adding: Sample.step)
    #expect(throws: StoreError.self) { try file.append(Sample.events(1)) }
    #expect(throws: StoreError.self) { try file.finish(adding: Sample.step) }
    file.abandon()
    #expect(folder.names == ["events.h5"])
  }

  /// What cannot be stored is an error, not a trap and not another value.
  @Test func valuesThatTheFileCannotHold() throws {
    func refuses(_ body: (EventFileWriter) throws -> Void) throws {
      let file = try writer()
      let error = #expect(throws: StoreError.self) { try body(file) }
      #expect(error?.kind == .failedRun)
      #expect(folder.names.isEmpty)
    }
    var event = Sample.event(5, sampleCount: Sample.sampleCount, simulated: true)
    event.hits[0].upper.samples.removeLast()
    try refuses { try $0.append([event]) }
    event = Sample.event(5, sampleCount: Sample.sampleCount, simulated: true)
    event.hits[2].station = 20
    try refuses { try $0.append([event]) }
    event.hits = []
    event.deadStations = [-1]
    try refuses { try $0.append([event]) }
    try refuses { try $0.append(Sample.events(3, simulated: false)) }
    var station = Sample.stations(0)[0]
    station.windowCount = 256
    try refuses { try $0.append(standard: [Sample.standard(0)], stations: [[station]]) }
    var result = Sample.standard(0)
    result.iterations = 1 << 31
    try refuses { try $0.append(standard: [result], stations: [[]]) }
    result = Sample.standard(0)
    result.covariance = []
    try refuses { try $0.append(standard: [result], stations: [[]]) }
    try refuses { try $0.append(standard: [result], stations: []) }
    for name in ["", ".", "standard", "a/b"] {
      try refuses {
        try $0.append([], as: MethodIdentity(name: name, kind: .network), networkDescription: "")
      }
    }
  }

  @Test func resultsMustHaveARowForEveryEvent() throws {
    let file = try writer()
    try file.append(Sample.events(10))
    try file.append(
      (0..<9).map(Sample.reconstruction), as: MethodIdentity(name: "residual", kind: .network),
      networkDescription: "")
    #expect(throws: StoreError.self) { try file.finish(adding: Sample.step) }
    #expect(folder.names.isEmpty)
  }
}
