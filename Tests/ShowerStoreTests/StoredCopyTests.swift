import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Rows that go from file to file as they are stored, against the same rows written anew.
@Suite struct StoredCopyTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// More than one chunk of a column.
  private static let count = 4200

  /// A file of some events with everything in it.
  private func part(_ rows: Range<Int>, _ name: String, _ purpose: FilePurpose) throws -> String {
    let path = folder.file(name)
    let file = try EventFileWriter(
      path: path, array: Sample.array, sampleCount: Sample.sampleCount, simulated: true,
      purpose: purpose, overwrite: false)
    try append(rows, to: file)
    try file.finish(adding: Sample.step)
    return path
  }

  private func append(_ rows: Range<Int>, to file: EventFileWriter) throws {
    try file.append(
      rows.map { Sample.event($0, sampleCount: Sample.sampleCount, simulated: true) })
    try file.append(
      standard: rows.map(Sample.standard), stations: rows.map(Sample.stations),
      selection: Sample.selection)
    try file.append(
      rows.map(Sample.correction), as: MethodIdentity(name: "residual", kind: .network),
      networkDescription: "{}")
  }

  /// The parts, cut where no chunk ends and appended in batches of any size, have the bytes of a
  /// file that was written in one piece with the same batches.
  @Test(arguments: [(FilePurpose.lasting, true), (.readOnce, false)])
  func partsMakeTheBytesOfTheWhole(purpose: FilePurpose, onThreads: Bool) throws {
    let cuts = [0, 1, 333, 2100, Self.count]
    let whole = folder.file("whole.h5")
    let written = try EventFileWriter(
      path: whole, array: Sample.array, sampleCount: Sample.sampleCount, simulated: true,
      overwrite: false)
    let queue = DispatchQueue(label: "compression", attributes: .concurrent)
    let merged = folder.file("merged.h5")
    var writer: EventFileWriter?
    for (number, (first, end)) in zip(cuts, cuts.dropFirst()).enumerated() {
      let path = try part(first..<end, "part\(number).h5", purpose)
      let reader = try EventFileReader(path: path)
      let submit: WorkSubmission = { work in queue.async { work() } }
      let file =
        try writer
        ?? EventFileWriter(
          like: reader, to: merged, overwrite: false, compressing: onThreads ? submit : nil)
      writer = file
      for rows in reader.chunks(of: 77) {
        try file.append(rows, of: reader)
        try append(first + rows.lowerBound..<first + rows.upperBound, to: written)
      }
    }
    try written.finish(adding: Sample.step)
    try writer?.finish(adding: Sample.step)
    let bytes = try [whole, merged].map { try Data(contentsOf: URL(filePath: $0)) }
    #expect(bytes[0] == bytes[1])
  }

  @Test func filesThatAreReadOnceHoldTheSame() throws {
    let paths = try [
      part(0..<700, "lasting.h5", .lasting), part(0..<700, "once.h5", .readOnce),
    ]
    let files = try paths.map { try EventFileReader(path: $0) }
    let events = try files.map { String(reflecting: try $0.reconstructedEvents(0..<700)) }
    #expect(events[0] == events[1])
    let networks = try files.map {
      String(reflecting: try $0.reconstructions(named: "residual", 100..<300))
    }
    #expect(networks[0] == networks[1])
    let stored = try files.map { file in
      try file.summary().groups.flatMap(\.datasets).first { $0.path == "/events/event_id" }?
        .storedBytes
    }
    #expect(stored[1] == 8 * 4096)
    #expect(try #require(stored[0]) < 8 * 4096 / 4)
    // Copies, too, take chunks that are not compressed.
    let copy = folder.file("copy.h5")
    let writer = try EventFileWriter(copying: files[1], to: copy, rows: 5..<650, overwrite: false)
    try writer.finish(adding: Sample.step)
    #expect(
      same(
        try EventFileReader(path: copy).reconstructedEvents(0..<645),
        try files[0].reconstructedEvents(5..<650)))
  }

  /// A damaged chunk is found by the thread that takes it apart, and told as an error of the file
  /// that has it.
  @Test func aDamagedChunkIsAnErrorOfItsFile() throws {
    let path = folder.file("part.h5")
    let file = try EventFileWriter(
      path: path, array: Sample.array, sampleCount: 512, simulated: true, overwrite: false)
    try file.append(Sample.events(300, sampleCount: 512))
    try file.finish(adding: Sample.step)
    // Nearly all of the file is waveforms.
    var bytes = try Data(contentsOf: URL(filePath: path))
    for index in bytes.count / 2..<bytes.count / 2 + 16 { bytes[index] ^= 255 }
    try bytes.write(to: URL(filePath: path))
    let reader = try EventFileReader(path: path)
    let output = folder.file("merged.h5")
    let error = #expect(throws: StoreError.self) {
      let writer = try EventFileWriter(
        like: reader, to: output, overwrite: false,
        compressing: { work in DispatchQueue.global().async { work() } })
      try writer.append(0..<300, of: reader)
      try writer.finish(adding: Sample.step)
    }
    guard case .readFailed(path, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(folder.names == ["part.h5"])
  }
}
