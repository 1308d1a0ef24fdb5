import Foundation
import Logging
import Performance
import ShowerCalibration
import ShowerModel
import ShowerReport
import ShowerStore

/// Fits delays and timing errors of the shower front to reconstructed simulated events.
package struct FrontTuningRun: Sendable {
  package var inputs: [String]
  package var output: OutputFile
  package var cuts = TableFolder.defaultSelection
  package var eventLimit: Int?

  package init(_ inputs: [String], output: OutputFile) {
    self.inputs = inputs
    self.output = output
  }

  package func run(in context: RunContext) throws {
    try context.checkLimits("tune-front")
    let log = context.logger("tune-front")
    var record = ProvenanceRecord("tune-front")
    let (qualityCuts, cutsFile) = try context.tableFolder().selection(cuts)
    try output.check()
    let files = try inputs.map { try CalibrationSample(opening: $0, for: "a tuned front") }
    try CalibrationSample.checkTogether(files)

    let sample = try load(files, qualityCuts, context, &record)
    record.readHashed(cutsFile)
    var progress = Progress("iteration", total: 1, isQuiet: context.isQuiet)
    let name = URL(filePath: output.path).deletingPathExtension().lastPathComponent
    let fit = try namingFiles(inputs) {
      try FrontRegression(sample, name: name) { done, total in
        try Interruption.check()
        progress.total = total
        progress.update(done)
      }
    }
    let step = record.step(["cuts": qualityCuts.json])
    let origin = origin(step, files, sample, fit, qualityCuts)
    try writeText(TunedFrontFile(fit.front, origin: origin).text, to: output.path)
    log.info(
      """
      \(output.path): \(sample.stations.count) stations of \(sample.eventCount) events, \
      chi2 \(rounded(fit.chi2)) for \(fit.degreesOfFreedom) degrees of freedom, \
      showers differ by \(String(format: "%.1f", 100 * fit.front.scaleSigma)) %
      """)
  }

  /// The stations of the events that pass the cuts, of the training split.
  private func load(
    _ files: [CalibrationSample], _ cuts: QualityCuts, _ context: RunContext,
    _ record: inout ProvenanceRecord
  ) throws -> FrontSample {
    let total = files.reduce(0) { $0 + min($1.reader.eventCount, eventLimit ?? .max) }
    var progress = Progress("read", total: total, isQuiet: context.isQuiet)
    var sample = FrontSample()
    var read = 0
    for reader in files.map(\.reader) {
      record.readHashed(URL(filePath: reader.path))
      for rows in reader.chunks(of: 2048, limit: eventLimit) {
        try Interruption.check()
        let (truths, showers) = (try reader.truths(rows), try reader.showerIDs(rows))
        let results = try reader.standardResults(rows)
        let stations = try reader.stationSignals(rows)
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
