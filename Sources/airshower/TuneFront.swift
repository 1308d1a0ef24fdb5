import ArgumentParser
import Foundation
import Logging
import ShowerCalibration
import ShowerModel
import ShowerStore

struct TuneFront: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune-front",
    abstract: "Fit delays and timing errors of the shower front to reconstructed simulated events.",
    discussion: """
      Mean delay behind the plane front and its standard deviation as functions of axis distance, measured \
      signal, zenith angle and side of the axis, for airshower reconstruct --front:

        airshower tune-front reco.h5 --output front.json
        airshower reconstruct events.h5 --front front.json --output both.h5

      Method: weighted linear least squares of delays about the true axis and core, and of the logarithm of their \
      squared residuals, in turn. Events are those of the standard fit that pass the cuts, of the training split \
      alone (80 % of the showers), so that compare can judge the front on the others.

      A front follows the simulation that it is fitted to: test it on variations of that (simulate --variation).
      """)

  @Argument(help: "Reconstructed event files with truth.")
  var inputs: [String]

  @Option(help: "Quality cuts of the events: a name in tables/selections, or a file.")
  var cuts = "standard"

  @Option(help: "Events to read from each file at most.")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  mutating func run() throws {
    try running.checkThreads()
    let log = running.logger("tune-front")
    var record = ProvenanceRecord("tune-front")
    let (qualityCuts, cutsFile) = try TableFolder(option: running.tables).selection(cuts)
    try checkOutput(output.output, overwrite: output.overwrite)
    let files = try inputs.map { try CalibrationSample(opening: $0, for: "a tuned front") }
    try CalibrationSample.checkTogether(files)

    let sample = try load(files, qualityCuts, &record)
    record.readHashed(cutsFile)
    var progress = Progress("iteration", total: 1, isQuiet: running.quiet)
    let name = URL(filePath: output.output).deletingPathExtension().lastPathComponent
    let fit = try FrontRegression(sample, name: name) { done, total in
      try Interruption.check()
      progress.total = total
      progress.update(done)
    }
    let step = record.step(["cuts": qualityCuts.json])
    try writeText(
      TunedFrontFile(fit.front, origin: origin(step, files, sample, fit, qualityCuts)).text,
      to: output.output)
    log.info(
      "\(output.output): \(sample.stations.count) stations of \(sample.eventCount) events, chi2 \(rounded(fit.chi2)) for \(fit.degreesOfFreedom) degrees of freedom, showers differ by \(String(format: "%.1f", 100 * fit.front.scaleSigma)) %"
    )
  }

  /// The stations of the events that pass the cuts, of the training split.
  private func load(
    _ files: [CalibrationSample], _ cuts: QualityCuts, _ record: inout ProvenanceRecord
  ) throws -> FrontSample {
    let total = files.reduce(0) { $0 + min($1.reader.eventCount, maxEvents ?? .max) }
    var progress = Progress("read", total: total, isQuiet: running.quiet)
    var sample = FrontSample()
    var read = 0
    for reader in files.map(\.reader) {
      record.readHashed(URL(filePath: reader.path))
      for rows in reader.chunks(of: 2048, limit: maxEvents) {
        try Interruption.check()
        let (truths, showers) = (try reader.truths(rows), try reader.showerIDs(rows))
        let (results, stations) = (
          try reader.standardResults(rows), try reader.stationSignals(rows)
        )
        for index in 0..<rows.count
        where Split.of(showerID: showers[index]) == .training
          && cuts.verdict(results[index]) == .passed
        {
          sample.append(
            truth: truths[index], stations: stations[index], array: reader.array)
        }
        read += rows.count
        progress.update(read)
      }
    }
    return sample
  }

  private func origin(
    _ step: ProvenanceStep, _ files: [CalibrationSample], _ sample: FrontSample,
    _ fit: FrontRegression, _ cuts: QualityCuts
  ) -> TunedFrontFile.Origin {
    TunedFrontFile.Origin(
      source: "airshower \(step.version), fast simulation (Documentation/simulation.md); "
        + "training split of events reconstructed with \(files[0].fit)",
      date: String(step.finished.prefix(10)), command: step.commandLine.joined(separator: " "),
      inputs: step.inputs.prefix(files.count).map {
        "\($0.path), sha256 \($0.sha256 ?? "unknown")"
      },
      simulationSeeds: files.compactMap(\.seed), selection: cuts.explanation,
      events: sample.eventCount, stations: sample.stations.count, chi2: rounded(fit.chi2),
      degreesOfFreedom: fit.degreesOfFreedom, outliers: (fit.outliers * 1e6).rounded() / 1e6,
      outlierLimit: FrontRegression.outlierLimit)
  }

  private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
