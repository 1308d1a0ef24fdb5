import ArgumentParser
import DamagedCorsika
import Foundation

/// Damaged files: no crash, no hang, no memory that grows.
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Damaged copies of files through the reader.")

  @Argument(help: "Sound CORSIKA particle files.") var files: [String]
  @Option(help: "Damaged copies.") var mutations = 10_000
  @Option(help: "Seed.") var seed = 1

  func run() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let report = try Mutation.run(
      files: files, count: mutations, seed: UInt64(seed), folder: folder)
    print("\(mutations) damaged copies of \(files.count) files, seed \(seed).\n")
    print("| result of the reader | files |\n|---|---|")
    for (outcome, count) in report.outcomes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) })
    {
      print("| \(outcome) | \(count) |")
    }
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    print(
      String(
        format: "\nLongest time of one file %.1f ms; largest memory of the process %.0f MiB.",
        1000 * report.longest, Double(usage.ru_maxrss) / 1024))
  }
}
