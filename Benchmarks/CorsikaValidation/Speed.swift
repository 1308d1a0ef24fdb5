import ArgumentParser
import Foundation
import ShowerSimulation

/// How fast the reader alone is, on one thread.
struct Speed: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "MB/s through the reader alone.")

  @Argument(help: "CORSIKA particle files.") var files: [String]
  @Option(help: "Times each file is read; the best counts.") var repetitions = 5

  func run() throws {
    print("| file | MB unpacked | rows | best [s] | MB/s |\n|---|---|---|---|---|")
    for file in files {
      var best = Double.infinity
      var (rows, megabytes) = (0, 0.0)
      for _ in 0..<repetitions {
        let start = ContinuousClock.now
        let summary = try CorsikaSummary(path: file)
        best = min(best, start.duration(to: .now) / .seconds(1))
        if let failure = summary.failure { throw failure }
        rows = summary.entries.reduce(0) { $0 + $1.rowCounts.reduce(0, +) }
        megabytes = 1e-6 * Double(summary.blockCount * (summary.layout.isThinned ? 1248 : 1092))
      }
      let name = URL(filePath: file).lastPathComponent
      print(
        "| \(name) | "
          + String(format: "%.1f | %d | %.3f | %.0f |", megabytes, rows, best, megabytes / best))
    }
  }
}
