import Foundation
import Testing

/// Event files that crashed, hung or corrupted the program (Fixtures/damaged): each ends as its
/// index says.
@Suite struct DamagedFileTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let file: String
    let command: String
    let outcome: String
    var testDescription: String { "\(command) \(file)" }
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures/damaged").standardizedFileURL

  /// Rows of the index; its last column may have commas and quotes.
  static let rows: [Row] = {
    let text = (try? String(contentsOf: folder.appending(path: "index.csv"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: ",", maxSplits: 2).map(String.init)
      guard fields.count == 3 else { return nil }
      let outcome = ["ok", "error", "either"].first {
        fields[2].contains(",\($0):") || fields[2].contains(",\"\($0):")
      }
      return outcome.map { Row(file: fields[0], command: fields[1], outcome: $0) }
    }
  }()

  @Test func theIndexIsComplete() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(Self.rows.map(\.file)) == Set(files.filter { $0.hasSuffix(".h5") }))
  }

  @Test(arguments: rows) func endsAsItShould(row: Row) throws {
    let folder = try TemporaryFolder()
    let file = Self.folder.appending(path: row.file).path
    let arguments: [String] = row.command.split(separator: " ").dropFirst().map { word in
      String(word).replacing("FILE", with: file).replacing("OUT", with: folder.path("out"))
    }
    let outcome = try Program.run(Program.url, arguments)
    switch row.outcome {
    case "ok": #expect(outcome.status == 0, "\(outcome.errors)")
    case "error": #expect(outcome.status == 65, "\(outcome.errors)")
    default: #expect([0, 65].contains(outcome.status), "\(outcome.errors)")
    }
    if outcome.status == 65 {
      #expect(outcome.errors.contains(file) && outcome.errors.contains("(/"), "\(outcome.errors)")
    }
    #expect(!folder.contents.contains { $0.hasSuffix(".part") })
  }

  /// The same for inputs that are no event files.
  @Test func mutatedInputsOfOtherKindsNeitherCrashNorHang() throws {
    let script = Self.folder.appending(path: "../../Tests/fuzz/other_files.py").path
    let outcome = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      ["-W", "ignore", script, Program.url.path, "--count", "6", "--seed", "5", "--jobs", "2"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }

  /// A short run of `make fuzz`, with mutations that no fixture has.
  @Test func mutatedFilesNeitherCrashNorHang() throws {
    let script = Self.folder.appending(path: "../../Tests/fuzz/event_files.py").path
    let outcome = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      ["-W", "ignore", script, Program.url.path, "--count", "80", "--seed", "5", "--jobs", "2"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
