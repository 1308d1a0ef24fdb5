import ArgumentParser
import Foundation
import Logging
import Performance
import ResidualNetwork
import ShowerModel
import ShowerStore

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the errors of the standard and the corrected reconstruction.",
    discussion: """
      Writes a folder with report.html (opens offline), summary.json and the figures as PNG and SVG. \
      Both methods are judged on the same events; cuts use the standard reconstruction only.

        airshower compare corrected.h5 --output report
      """)

  @Argument(help: "Corrected event file with truth.")
  var input: String

  @Option(help: "Reconstruction to compare with the standard one, where the file has several.")
  var method: String?

  @Option(help: "Quality cuts: a name in tables/selections, or a file.")
  var cuts = "standard"

  @Option(
    help:
      "Events to use: all, test (those no network learns from), or auto: test where the network was trained on this simulation."
  )
  var split = SplitChoice.auto

  @Option(help: "Bootstrap replicas for the intervals.")
  var replicas = 1000

  @Option(help: "Seed of the bootstrap.")
  var seed: UInt64 = 1

  @Option(help: "Use the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  enum SplitChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, all, test
  }

  mutating func run() throws {
    try running.checkThreads()
    guard replicas >= 10 else { throw ValidationError("--replicas needs at least 10") }
    let log = running.logger("compare")
    var record = ProvenanceRecord("compare", seed: seed)
    let (qualityCuts, cutsFile) = try TableFolder(option: running.tables).selection(cuts)
    record.readHashed(cutsFile)
    let reader = try EventFileReader(path: input)
    let method = try chosenMethod(reader)
    try Report.check(folder: output.output, overwrite: output.overwrite)
    record.read(input)

    let isTestOnly = usesTestSplit(reader)
    if isTestOnly {
      log.info("the network learned from this simulation: only its test split is compared")
    }
    let sample = try sample(reader, method, qualityCuts, isTestOnly: isTestOnly)
    let comparison = Comparison(
      sample,
      settings: ComparisonSettings(replicas: replicas, seed: seed, threads: running.threads))
    let step = record.step([
      "method": method, "cuts": qualityCuts.json, "split": isTestOnly ? "test" : "all",
      "replicas": "\(replicas)",
    ])
    try Interruption.check()
    try Report(
      comparison: comparison, sample: sample, provenance: reader.provenance + [step],
      methodName: method
    ).write(to: output.output, overwrite: output.overwrite)
    print(comparison.improvementTable)
    log.info("\(output.output)/report.html")
  }

  private func chosenMethod(_ reader: EventFileReader) throws -> String {
    try reader.needTruth(", so there are no errors to compare. Use simulated events")
    // The control is compared where it is asked for.
    let names = method == nil ? reader.networkNames : reader.reconstructionNames
    guard let first = names.first else {
      throw InputError(
        description: "\(input): has no corrected reconstruction. Run airshower correct first")
    }
    if let method {
      guard names.contains(method) else {
        throw InputError(
          description:
            "\(input): has no reconstruction \(method), but \(names.joined(separator: ", "))")
      }
      return method
    }
    guard names.count == 1 else {
      throw ValidationError(
        "\(input) has several reconstructions: choose one with --method \(names.joined(separator: " | "))"
      )
    }
    return first
  }

  /// Whether the events must be narrowed to those that no network learns from.
  private func usesTestSplit(_ reader: EventFileReader) -> Bool {
    switch split {
    case .all: return false
    case .test: return true
    case .auto:
      let keys = [Correct.trainingSeedsKey, Reconstruct.frontSeedsKey]
      let seen = reader.provenance.flatMap { step in keys.compactMap { step.settings[$0] } }
        .flatMap { $0.split(separator: ",").map(String.init) }
      let own = reader.provenance.lazy.compactMap(\.simulatedShowers).first
      return own.map(seen.contains) ?? false
    }
  }

  private func sample(
    _ reader: EventFileReader, _ method: String, _ cuts: QualityCuts, isTestOnly: Bool
  ) throws -> ComparisonSample {
    var sample = ComparisonSample(cuts: cuts)
    var progress = Progress(
      "compared", total: min(reader.eventCount, maxEvents ?? .max), isQuiet: running.quiet)
    for rows in reader.chunks(of: 8192, limit: maxEvents) {
      try Interruption.check()
      let (truths, showerIDs) = (try reader.truths(rows), try reader.showerIDs(rows))
      let standard = try reader.standardResults(rows)
      let corrected = try reader.reconstructions(named: method, rows)
      for (index, showerID) in showerIDs.enumerated() {
        if isTestOnly && Split.of(showerID: showerID) != .test { continue }
        sample.append(
          truth: truths[index], showerID: showerID, standard: standard[index],
          corrected: corrected[index])
      }
      progress.update(rows.upperBound)
    }
    return sample
  }
}
