import Foundation

/// The small CORSIKA files, and changed copies of them.
enum CorsikaFiles {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/corsika/format")
  static let standard = "corsika757_particle"
  static let margin = "corsika_77500_particle"
  static let thinned = "corsika76900_thin"
  /// Electrons and photons not followed: cuts of 1e20 GeV.
  static let withoutElectrons = "panama_DAT000024"
  static let all = [standard, margin, thinned]

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// Sets a word.
  static func set(_ bytes: inout [UInt8], _ value: Float, at offset: Int) {
    withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
  }

  static func blockBytes(_ name: String) -> Int { name == thinned ? 1248 : 1092 }

  /// The records without their markers, or with markers of 8 bytes.
  static func remarked(_ name: String, markerBytes: Int) throws -> [UInt8] {
    let source = try bytes(name)
    let record = 21 * blockBytes(name)
    var marker = withUnsafeBytes(of: UInt64(record)) { [UInt8]($0) }
    marker.removeLast(8 - markerBytes)
    var result: [UInt8] = []
    for start in stride(from: 0, to: source.count, by: record + 8) {
      result += marker
      result += source[start + 4..<start + 4 + record]
      result += marker
    }
    return result
  }

  /// Every word in the opposite order of bytes, but not the names of blocks: as a big-endian
  /// machine writes.
  static func swapped(_ source: [UInt8], blockBytes: Int) -> [UInt8] {
    var result = source
    for start in stride(from: 0, to: source.count - 3, by: 4) {
      let word = source[start..<start + 4]
      if word.allSatisfy({ (65...90).contains($0) }) { continue }
      result.replaceSubrange(start..<start + 4, with: word.reversed())
    }
    return result
  }
}

/// A folder that goes with its owner.
final class CorsikaFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "corsika-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file.path
  }

  /// A copy packed by a program.
  func packed(_ path: String, by program: String) throws -> String {
    let target = url.appending(path: "packed-" + program)
    _ = FileManager.default.createFile(atPath: target.path, contents: nil)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program, "-c", path]
    process.standardOutput = try FileHandle(forWritingTo: target)
    try process.run()
    process.waitUntilExit()
    return target.path
  }
}
