import Foundation
import ShowerModel
import ShowerStore
import Testing

@Suite struct BadInputTests {
  let folder: Folder
  let path: String
  init() throws {
    folder = try Folder()
    path = folder.file("events.h5")
  }

  private func opening(_ path: String) -> StoreError? {
    do throws(StoreError) {
      _ = try EventFileReader(path: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func noFile() {
    #expect(opening(path) == .missing(file: path))
    #expect(opening(path + "/below") == .missing(file: path + "/below"))
    #expect(opening("") == .missing(file: ""))
  }

  @Test func noRegularFile() {
    for bad in [folder.path, "/dev/null"] {
      guard case .unreadable = opening(bad) else {
        Issue.record("\(bad)")
        continue
      }
    }
  }

  @Test(arguments: ["", "x", "event_id,zenith\n1,0.5\n", "\u{89}HDF"])
  func otherFiles(content: String) throws {
    try Data(content.utf8).write(to: URL(filePath: path))
    #expect(opening(path) == .notHDF5(file: path))
    #expect(opening(path)?.kind == .unusableInput)
  }

  /// A file cut at any length is an error that says so; HDF5 knows where its file should end.
  @Test func truncatedFiles() throws {
    try Sample.write(60, to: path)
    let whole = try Data(contentsOf: URL(filePath: path))
    let cut = folder.file("cut.h5")
    for length in [9, 100, 1000, whole.count / 2, whole.count - 1] {
      try whole.prefix(length).write(to: URL(filePath: cut))
      guard case .damaged(_, _, let reason) = opening(cut) else {
        Issue.record("\(length) bytes")
        continue
      }
      if length >= 100 { #expect(reason.contains("truncated")) }
    }
  }

  /// A changed byte anywhere gives the same content or an error, never a crash and never other
  /// values.
  ///
  /// Metadata have check sums of HDF5, the data those of gzip.
  @Test func changedBytes() throws {
    try Sample.write(60, to: path)
    let whole = try Data(contentsOf: URL(filePath: path))
    let (events, results) = (Sample.events(60), (0..<60).map(Sample.standard))
    let bad = folder.file("bad.h5")
    var random = CounterRandom(seed: 3, event: 0)
    var errors = 0
    for _ in 0..<100 {
      var bytes = whole
      bytes[Int(random.next() % UInt64(whole.count))] ^= UInt8(1 << (random.next() % 8))
      try bytes.write(to: URL(filePath: bad))
      do throws(StoreError) {
        let file = try EventFileReader(path: bad)
        #expect(try file.events(0..<60) == events)
        #expect(same(try file.standardResults(0..<60), results))
      } catch {
        errors += 1
      }
    }
    #expect(errors > 5)
  }

  @Test func missingResultsNameTheRemedy() throws {
    let writer = try EventFileWriter(
      path: path, array: Sample.array, sampleCount: Sample.sampleCount, simulated: false,
      overwrite: false)
    try writer.append(Sample.events(3, simulated: false))
    try writer.finish(adding: Sample.step)
    let file = try EventFileReader(path: path)
    #expect(!file.hasStandard && !file.hasTruth && file.reconstructionNames.isEmpty)
    let standard = #expect(throws: StoreError.self) { try file.standardResults(0..<3) }
    #expect(
      standard?.description
        == "\(path): does not contain /reconstruction/standard. Run airshower reconstruct first.")
    let network = #expect(throws: StoreError.self) {
      try file.reconstructions(named: "residual", 0..<3)
    }
    #expect(network?.description.hasSuffix("Run airshower correct first.") == true)
    #expect(throws: StoreError.self) { try file.networkDescription(of: "../events") }
  }
}
