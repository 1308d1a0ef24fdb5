import Foundation
import ShowerModel
import ShowerStore
import Testing

/// The writer in Python on the page of the event file: `reconstruct` reads what it writes.
@Suite struct EventFilePageTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The Python block of the page.
  private static let writer = Result {
    let page = try String(
      contentsOf: repository.appending(path: "Documentation/event-file.md"), encoding: .utf8)
    let start = try #require(page.range(of: "```python\n"))
    let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
    return String(page[start.upperBound..<end.lowerBound])
  }

  /// Runs the writer in a folder, with lines after it; returns the path of its file.
  private func write(in folder: TemporaryFolder, then lines: String = "") throws -> String {
    let script = folder.path("writer.py")
    try Data((try Self.writer.get() + "\n" + lines).utf8).write(to: URL(filePath: script))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [script]
    process.currentDirectoryURL = URL(filePath: folder.path("."))
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return folder.path("mine.h5")
  }

  @Test func theWriterHasAtMostFortyLines() throws {
    #expect(try Self.writer.get().split(separator: "\n").count <= 40)
  }

  @Test func reconstructReadsItsFile() throws {
    let folder = try TemporaryFolder()
    let (input, output) = (try write(in: folder), folder.path("reco.h5"))
    let outcome = try Program.run(
      "reconstruct", input, "--fit", "geometry", "--front", "plane", "--output", output)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let result = try #require(try EventFileReader(path: output).standardResults(0..<1).first)
    #expect(abs(result.shower.zenith - .pi / 6) < 1e-3, "\(result.shower.zenith)")
    #expect(result.stationCount == 25)
  }

  @Test func withoutAnOptionNoEnergyIsGiven() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      "reconstruct", try write(in: folder), "--output", folder.path("reco.h5"))
    #expect(outcome.status == 0)
    let said = outcome.errors.components(separatedBy: "no energies: the energy table")
    #expect(said.count == 2, "\(outcome.errors)")
  }

  @Test(arguments: [
    (
      "del f['hits/pedestal_upper']",
      "does not contain /hits/pedestal_upper, which must hold: Mean counts of a sample without "
        + "signal, upper layer [FADC counts]."
    ),
    (
      "del f['events/first_hit']",
      "does not contain /events/first_hit, which must hold: First row of the event in /hits."
    ),
    (
      "del f['array/x'].attrs['UNIT']; f['array/x'][:] /= 1000; f['array/y'][:] /= 1000",
      "positions can hardly be metres: stations are 0.15 apart. Multiply kilometres by 1000. If "
        + "the array is so small, state it by the attribute UNIT \"m\" of /array/x"
    ),
    (
      "[f['events'].__delitem__(n) or f['events'].__setitem__(n, np.array(v)) for n, v in "
        + "[('event_id', [5, 6]), ('time', [0., 0]), ('first_hit', [0, 20]), "
        + "('hit_count', [21, 5])]]",
      "the events 5 and 6 share row 20 of /hits"
    ),
  ])
  func faultsAreNamed(change: String, says: String) throws {
    let folder = try TemporaryFolder()
    let input = try write(
      in: folder, then: "with h5py.File('mine.h5', 'r+') as f:\n    \(change)\n")
    let outcome = try Program.run("reconstruct", input, "--output", folder.path("reco.h5"))
    #expect(outcome.status == 65 && outcome.errors.contains(says), "\(outcome.errors)")
  }

  @Test func repeatedNumbersAndUselessCalibrationsAreSaid() throws {
    let folder = try TemporaryFolder()
    let input = try write(
      in: folder,
      then: """
        with h5py.File('mine.h5', 'r+') as f:
            for name, values in [('event_id', [5, 5]), ('time', [0.0, 0.0]),
                                 ('first_hit', [0, 20]), ('hit_count', [20, 5])]:
                del f['events'][name]
                f['events'][name] = np.array(values)
            f['hits/counts_per_vem_upper'][:] = np.nan

        """)
    let outcome = try Program.run("reconstruct", input, "--output", folder.path("reco.h5"))
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("1 events have the number of an earlier event"))
    #expect(outcome.errors.contains("2 no usable calibration of any hit"), "\(outcome.errors)")
  }
}
