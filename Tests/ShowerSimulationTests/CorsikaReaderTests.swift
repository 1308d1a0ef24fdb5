import DamagedCorsika
import Foundation
import ShowerModel
import Testing

@testable import ShowerSimulation

/// The published test files give what is known of them, in every way that they can be written.
@Suite struct CorsikaReaderTests {
  /// All that a file holds.
  struct Contents: Equatable {
    var headers: [CorsikaEventHeader] = []
    var rows: [[CorsikaParticle]] = []
    var ends: [CorsikaEventEnd] = []
    var blocks = 0
    var longitudinal = 0
  }

  func read(_ path: String) throws -> Contents {
    var contents = Contents()
    let reader = try CorsikaReader(path: path)
    while let header = try reader.nextEvent() {
      contents.headers.append(header)
      var rows: [CorsikaParticle] = []
      while let more = try reader.nextRows() { rows += more }
      contents.rows.append(rows)
      contents.ends.append(try #require(reader.eventEnd))
    }
    (contents.blocks, contents.longitudinal) = (reader.blockCount, reader.longitudinalBlockCount)
    return contents
  }

  @Test func protonsOfAnOldVersionWithLongitudinalBlocks() throws {
    let path = CorsikaFiles.path(CorsikaFiles.standard)
    let run = try CorsikaReader(path: path).runHeader
    #expect(run.run == 1 && run.version == 7.57 && run.levels == [2200] && run.showerCount == 10)
    let file = try read(path)
    #expect(file.blocks == 63 && file.longitudinal == 20)
    #expect(file.rows.map(\.count) == [28, 17, 11, 13, 6, 7, 7, 4, 42, 3])
    #expect(file.headers.allSatisfy { $0.primary == .proton && $0.energy == 200 })
    let first = file.headers[0]
    #expect(abs(first.zenith / Units.degree - 1.6417) < 5e-5)
    #expect(abs(first.momentumAzimuth / Units.degree + 4.6186) < 5e-5)
    #expect(abs(first.firstInteraction - 11531.574) < 0.001 && !first.startsAtMargin)
    #expect(first.highEnergyModel == "QGSJET" && first.lowEnergyModel == "UrQMD")
    #expect(first.cuts.map { Float($0) } == [0.3, 0.3, 0.02, 0.02])
    let end = file.ends[0]
    #expect([end.photons, end.electrons, end.hadrons, end.muons] == [12, 3, 3, 10])
    #expect(end.rowCount == 28)
    let row = file.rows[0][0]
    #expect(
      row.words
        == SIMD8(6531, 1.0144198, 0.27492428, 34.681759, -791.15771, 5128.9351, 31139.656, 1))
    #expect(row.kind == .muon && row.generation == 53 && row.level == 1 && row.id == 6)
    #expect(abs(row.kineticEnergy - 34.5918) < 1e-3)
  }

  @Test func photonsWithTheClockFromTheMargin() throws {
    let file = try read(CorsikaFiles.path(CorsikaFiles.margin))
    #expect(file.blocks == 210 && file.longitudinal == 0)
    #expect(file.rows.map(\.count) == [1360, 3595, 594, 450, 895])
    #expect(file.headers.allSatisfy { $0.primary == .photon && $0.zenith == 0 })
    #expect(file.headers.allSatisfy { $0.startsAtMargin && $0.levels == [0] })
    #expect(file.headers[0].highEnergyModel == "EPOS")
    #expect(abs(file.headers[0].clockStart - 112_829.2) < 0.1)
    let end = file.ends[0]
    #expect([end.photons, end.electrons, end.hadrons, end.muons] == [1204, 156, 0, 0])
    // Times are those of light from the margin: float32 of 3.8e5 ns is good to 0.03 ns.
    for (header, rows) in zip(file.headers, file.rows) {
      let front = CorsikaFront(header, levelHeight: 0)
      let least = rows.map { front.delay(of: $0) }.min() ?? .nan
      #expect(least > -0.05 && least < 1)
    }
  }

  @Test func thinnedProtonsWithBirthsOfMuons() throws {
    let file = try read(CorsikaFiles.path(CorsikaFiles.thinned))
    #expect(file.blocks == 294)
    #expect(file.rows.map(\.count) == [4127, 1533, 1280, 839, 2753])
    #expect(
      file.rows.map { $0.count { $0.kind != .additional } } == [2226, 783, 662, 431, 1658])
    #expect(
      file.headers.map { Int($0.energy.rounded()) } == [978285, 193059, 107308, 195339, 123363])
    for (header, zenith) in zip(file.headers, [12.8828, 35.9495, 43.6414, 44.4490, 14.0438]) {
      #expect(abs(header.zenith / Units.degree - zenith) < 5e-5)
    }
    #expect(file.headers.allSatisfy { $0.levels == [4] && $0.thinning.x == Double(Float(1e-4)) })
    let first = file.rows[0][0]
    #expect(first.description == 76053 && first.id == 76 && first.kind == .additional)
    #expect(first.words[7] == 2.0875013)
    let end = file.ends[0]
    #expect(abs(end.photons - 403108.28) < 0.02 && abs(end.electrons - 57537.71) < 0.005)
    #expect(abs(end.hadrons - 905.69) < 0.005 && abs(end.muons - 14184.18) < 0.005)
    for (rows, end) in zip(file.rows, file.ends) {
      func sum(_ kind: CorsikaParticle.Kind) -> Double {
        rows.reduce(0) { $0 + ($1.kind == kind ? $1.weight : 0) }
      }
      #expect(abs(sum(.photon) / end.photons - 1) < 1e-4)
      #expect(abs(sum(.electron) / end.electrons - 1) < 1e-4)
      #expect(abs(sum(.muon) / end.muons - 1) < 2e-3)
    }
    for (header, rows) in zip(file.headers, file.rows) {
      let front = CorsikaFront(header, levelHeight: header.levels[0])
      let least = rows.filter { $0.kind != .additional }.map { front.delay(of: $0) }.min() ?? .nan
      #expect(least > -0.01 && least < 0.1, "\(least)")
    }
  }

  /// Words 8 to 10 of EVTH are the momentum that zenith and azimuth give, downwards positive.
  @Test(arguments: CorsikaFiles.all) func momentaOfPrimaries(name: String) throws {
    for header in try read(CorsikaFiles.path(name)).headers {
      let p = (8...10).map { Double(header.words[$0]) }
      let size = (p[0] * p[0] + p[1] * p[1] + p[2] * p[2]).squareRoot()
      let source = CorsikaFrame().source(
        zenith: header.zenith, momentumAzimuth: header.momentumAzimuth)
      let flight = CorsikaFrame().momentum(SIMD3(p[0], p[1], p[2])) / size
      #expect(source.angle(to: Direction(along: -flight)) < 1e-6)
    }
  }

  @Test(arguments: CorsikaFiles.all, [0, 8]) func otherMarkers(name: String, bytes: Int) throws {
    let folder = try CorsikaFolder()
    let file = try folder.file("f", CorsikaFiles.remarked(name, markerBytes: bytes))
    let layout = try CorsikaReader(path: file).layout
    #expect(layout.markerBytes == bytes && layout.isThinned == (name == CorsikaFiles.thinned))
    #expect(try read(file) == read(CorsikaFiles.path(name)))
  }

  @Test(arguments: CorsikaFiles.all, ["zstd", "gzip"])
  func packedFiles(name: String, program: String) throws {
    let folder = try CorsikaFolder()
    let whole = CorsikaFiles.path(name)
    let file = try folder.packed(whole, by: program)
    #expect(try read(file) == read(whole))
  }

  /// A packed file that is cut: what comes before is delivered, and the failure of the program is
  /// noticed.
  @Test(arguments: ["zstd", "gzip"]) func packedFileThatIsCut(program: String) throws {
    let folder = try CorsikaFolder()
    let packed = try folder.packed(CorsikaFiles.path(CorsikaFiles.thinned), by: program)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: packed)))
    let summary = try CorsikaSummary(
      path: folder.file("cut", Array(bytes.prefix(bytes.count * 3 / 4))))
    let failure = try #require(summary.failure)
    #expect(failure.isTruncation && failure.description.contains(program), "\(failure)")
    #expect(summary.entries.count < 5 && (program == "zstd" || !summary.entries.isEmpty))
  }

  /// Cut anywhere, a file gives its complete events, then the error with the block.
  @Test(arguments: CorsikaFiles.all) func cutFiles(name: String) throws {
    let folder = try CorsikaFolder()
    let (bytes, whole) = (try CorsikaFiles.bytes(name), try read(CorsikaFiles.path(name)))
    let block = CorsikaFiles.blockBytes(name)
    for length in stride(from: 4 + block, to: bytes.count - 1, by: 7 * block + 11) {
      let summary = try CorsikaSummary(path: folder.file("cut", Array(bytes.prefix(length))))
      let failure = try #require(summary.failure, "\(length)")
      guard case .truncated = failure.kind else {
        Issue.record("\(length): \(failure)")
        continue
      }
      // Markers are 8 bytes a record of 21 blocks.
      let complete = (length - 4 - 8 * (length / (21 * block + 8))) / block
      #expect(abs((failure.block ?? 0) - complete - 1) <= 1)
      #expect(summary.entries.map(\.header) == Array(whole.headers.prefix(summary.entries.count)))
      let ends = summary.entries.count
      #expect(ends == whole.headers.count || complete < 1 + lastBlock(of: ends, bytes, block))
    }
  }

  /// Number of the block that ends an event, from 1.
  private func lastBlock(of event: Int, _ bytes: [UInt8], _ block: Int) -> Int {
    var seen = -1
    for index in 0..<bytes.count / (21 * block + 8) * 21 {
      let start = index / 21 * (21 * block + 8) + 4 + index % 21 * block
      if String(decoding: bytes[start..<start + 4], as: UTF8.self) == "EVTE" { seen += 1 }
      if seen == event { return index + 1 }
    }
    return .max
  }

  func failure(_ bytes: [UInt8]) throws -> CorsikaError {
    let file = try CorsikaFolder()
    do {
      return try #require(try CorsikaSummary(path: file.file("f", bytes)).failure)
    } catch let error as CorsikaError { return error }
  }

  @Test(arguments: CorsikaFiles.all) func swappedBytes(name: String) throws {
    let block = CorsikaFiles.blockBytes(name)
    for marker in [0, 4] {
      let bytes = CorsikaFiles.swapped(
        try CorsikaFiles.remarked(name, markerBytes: marker), blockBytes: block)
      #expect(try failure(bytes).kind == .byteSwapped, "\(marker)")
      // A marker of 8 bytes has the number in its last four then.
      guard marker == 4 else { continue }
      #expect(try failure([0, 0, 0, 0] + bytes).kind == .byteSwapped)
    }
  }

  @Test func damagedFilesNameTheBlock() throws {
    let bytes = try CorsikaFiles.bytes(CorsikaFiles.standard)
    func changed(_ offset: Int, _ new: [UInt8]) -> [UInt8] {
      var copy = bytes
      copy.replaceSubrange(offset..<offset + new.count, with: new)
      return copy
    }
    func at(_ block: Int) -> Int { 4 + (block - 1) * 1092 + (block - 1) / 21 * 8 }
    let name = try failure(changed(at(2), Array("EVTX".utf8)))
    #expect(name.block == 2)
    #expect(name.description.contains("EVTH or RUNE"), "\(name)")
    let twice = try failure(changed(at(6), Array("EVTH".utf8)))
    #expect(twice.block == 6 && twice.description.contains("found EVTH"), "\(twice)")
    let marker = try failure(changed(22940, [1]))
    #expect(marker.block == 22)
    #expect(marker.kind == .wrongMarker(found: 22785, expected: 22932))
    let energy = try failure(changed(at(2) + 12, [0, 0, 0xC0, 0x7F]))
    guard case .invalidWord("EVTH", 4, _) = energy.kind else {
      Issue.record("\(energy)")
      return
    }
    let row = try failure(changed(at(3) + 28, [0, 0, 0xC0, 0x7F]))
    #expect(row.block == 3 && row.description.contains("particle 2"), "\(row)")
    // One muon less than the end of the event says.
    let lost = try failure(changed(at(3), [0, 0, 0, 0]))
    guard case .invalidParticle = lost.kind else {
      // The first row was the padding then, and nothing follows in its block.
      guard case .inconsistent = lost.kind else {
        Issue.record("\(lost)")
        return
      }
      return
    }
  }

  @Test func filesThatAreNoParticleFiles() throws {
    #expect(try failure([]).kind == .notCorsika(found: "nothing"))
    let text = try failure(Array("Dear reader, this is a letter.".utf8))
    #expect(text.description.contains("\"Dear rea\""), "\(text)")
    #expect(throws: CorsikaError(file: "/nowhere", .missing)) {
      try CorsikaReader(path: "/nowhere")
    }
    #expect(throws: CorsikaError(file: "/tmp", .unreadable(reason: "not a regular file"))) {
      try CorsikaReader(path: "/tmp")
    }
  }

  /// Bunches of Cherenkov photons in place of particles.
  @Test func cherenkovFiles() throws {
    var bytes = try CorsikaFiles.bytes(CorsikaFiles.standard)
    let bunch: [Float] = [4.83, 1200, -300, 0.1, 0.2, 55_000, 830_000]
    for (index, value) in bunch.enumerated() {
      withUnsafeBytes(of: value) {
        bytes.replaceSubrange(4 + 2 * 1092 + 4 * index..<8 + 2 * 1092 + 4 * index, with: $0)
      }
    }
    let error = try failure(bytes)
    #expect(error.block == 3)
    guard case .cherenkov = error.kind else {
      Issue.record("\(error)")
      return
    }
  }

  /// Bunches among particles are described as 99e5 + 10 * size + 1.
  @Test func cherenkovPhotonsAmongParticles() throws {
    var bytes = try CorsikaFiles.bytes(CorsikaFiles.standard)
    CorsikaFiles.set(&bytes, 9_900_051, at: 4 + 2 * 1092)
    let error = try failure(bytes)
    guard case .cherenkov = error.kind else {
      Issue.record("\(error)")
      return
    }
  }

  /// Cuts of 1e20 GeV are legal: particles of a kind are then not followed.
  @Test func particlesThatAreNotFollowed() throws {
    let file = try read(CorsikaFiles.path(CorsikaFiles.withoutElectrons))
    #expect(file.headers.count == 5)
    #expect(file.headers[0].cuts.map { Float($0) } == [1000, 1000, 1e20, 1e20])
    #expect(file.rows[1].count { $0.kind == .muon } == 86)
    #expect(file.rows[1].allSatisfy { ![.photon, .electron].contains($0.kind) })
    #expect(file.ends.map(\.muons) == file.rows.map { Double($0.count { $0.kind == .muon }) })
  }

  /// Radial thinning comes after the first counts of EVTE: they may differ from the file, which
  /// must be as the counts of what was written.
  @Test func sumsAreComparedWithWhatWasWritten() throws {
    let bytes = try CorsikaFiles.bytes(CorsikaFiles.thinned)
    let block = CorsikaFiles.blockBytes(CorsikaFiles.thinned)
    func place(_ number: Int) -> Int { 4 + number * block + number / 21 * 8 }
    let last = try #require(
      (0..<294).first { Array(bytes[place($0)..<place($0) + 4]) == Array("EVTE".utf8) })
    func warnings(_ words: [(Int, Float)]) throws -> [String] {
      var changed = bytes
      for (word, value) in words {
        CorsikaFiles.set(&changed, value, at: place(last) + 4 * (word - 1))
      }
      let folder = try CorsikaFolder()
      let summary = try CorsikaSummary(path: folder.file("changed", changed))
      #expect(summary.failure == nil && summary.entries.count == 5)
      return summary.warnings
    }
    #expect(try warnings([]).isEmpty)
    #expect(try warnings([(3, 9e5), (4, 9e4), (5, 1500), (6, 2e4)]).isEmpty)
    let strange = try warnings([(263, 9e5), (266, 2e4)])
    #expect(strange.count == 2)
    #expect(strange[0].contains("photons of event 1") && strange[1].contains("muons"))
    // Versions that do not say what was written.
    let zeros = (263...266).map { ($0, Float(0)) }
    #expect(try warnings(zeros).isEmpty)
    #expect(try warnings(zeros + [(4, 9e4)]).count == 1)
  }

  @Test func damagedCopiesNeverCrash() throws {
    let folder = try CorsikaFolder()
    let report = try Mutation.run(
      files: CorsikaFiles.all.map(CorsikaFiles.path), count: 600, seed: 2, folder: folder.url)
    #expect(report.outcomes.values.reduce(0, +) == 600)
    #expect(report.outcomes.count > 6, "\(report.outcomes)")
    #expect(report.longest < 5)
  }
}
