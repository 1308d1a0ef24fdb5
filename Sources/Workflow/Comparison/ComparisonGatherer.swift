import Performance
import ResidualNetwork
import ShowerCalibration
import ShowerModel
import ShowerReport
import ShowerStore

/// Reads the results of all methods for a comparison with the truth, chunk by chunk.
struct ComparisonGatherer {
  let readers: [EventFileReader]
  let methods: [Method]
  let cuts: QualityCuts
  let split: EvaluationSplit
  let spectrum: SpectrumWeight?
  let limit: Int?
  let choice: EventChoice
  let isQuiet: Bool

  private static let chunkSize = 8192

  /// The sample with the polynomial control, fitted on another file where one is given.
  func sample(calibratingOn path: String?) throws -> ComparisonSample {
    var sample = ComparisonSample(cuts: cuts, methods: methods, spectrum: spectrum)
    var training = CalibrationFit()
    let selections = try readers.map { try EventSelection(choice, of: $0) }
    var progress = Progress(
      "read", total: readers.eventCount(limit: limit), isQuiet: isQuiet)
    for (file, reader, rows, done) in readers.chunks(of: Self.chunkSize, limit: limit) {
      try Interruption.check()
      let (truths, showerIDs) = (try reader.truths(rows), try reader.showerIDs(rows))
      let eventIDs = try reader.eventIDs(rows)
      let standard = try reader.standardResults(rows)
      let others = try methods.map { try reader.reconstructions(named: $0.name, rows) }
      let matches = try selections[file].matches(rows, of: reader)
      for (index, showerID) in showerIDs.enumerated() where matches[index] {
        guard split.isCompared(showerID: showerID) else {
          if Split.of(showerID: showerID) == .training {
            training.append(truth: truths[index], standard: standard[index], cuts: cuts)
          }
          continue
        }
        sample.append(
          truth: truths[index], eventID: eventIDs[index],
          showerID: readers.distinct(showerID, file: file), standard: standard[index],
          others: others.map { $0[index] }, fallbacks: others.map { $0[index].fallback.rawValue })
      }
      progress.update(done)
    }
    if let path {
      let fit = try fit(on: path)
      try sample.addPolynomial(fit, source: .calibration(path: path, events: fit.eventCount))
    } else if training.eventCount >= Self.leastTrainingEvents {
      try sample.addPolynomial(training, source: .training(events: training.eventCount))
    } else {
      try sample.addPolynomial()
    }
    return sample
  }

  /// Fewer events of the training split are not worth more than either half of the showers.
  private static let leastTrainingEvents = 200

  /// Learns from all events of a file that shares no shower with those compared.
  private func fit(on path: String) throws -> CalibrationFit {
    let other = try EventFileReader(path: path)
    try other.requireStations(of: readers[0])
    try other.requireTruth(" to fit a calibration to")
    try other.requireStandardReconstruction()
    let shared = split.simulations.intersection(other.lineage.simulations)
    if let known = shared.min(), !split.isTestOnly {
      throw InputError(
        description:
          "\(path): holds \(known), as \(readers[0].path) does. "
          + "So the control would be fitted to the showers on which it is tested. "
          + "Calibrate on another seed, or compare --split test"
      )
    }
    var fit = CalibrationFit()
    for rows in other.chunks(of: Self.chunkSize) {
      try Interruption.check()
      let (truths, showerIDs) = (try other.truths(rows), try other.showerIDs(rows))
      for (index, standard) in try other.standardResults(rows).enumerated()
      where shared.isEmpty || Split.of(showerID: showerIDs[index]) == .training {
        fit.append(truth: truths[index], standard: standard, cuts: cuts)
      }
    }
    guard fit.eventCount > 0 else {
      throw InputError(description: "\(path): no event passes the cuts (\(cuts.explanation))")
    }
    return fit
  }
}

/// Reads the results of all methods on data, chunk by chunk.
struct ShiftGatherer {
  let readers: [EventFileReader]
  let methods: [Method]
  let cuts: QualityCuts
  let limit: Int?
  let choice: EventChoice
  let isQuiet: Bool

  func sample() throws -> ShiftSample {
    var sample = ShiftSample(cuts: cuts, methods: methods)
    let selections = try readers.map { try EventSelection(choice, of: $0) }
    var progress = Progress(
      "read", total: readers.eventCount(limit: limit), isQuiet: isQuiet)
    for (file, reader, rows, done) in readers.chunks(of: 8192, limit: limit) {
      try Interruption.check()
      let eventIDs = try reader.eventIDs(rows)
      let standard = try reader.standardResults(rows)
      let others = try methods.map { try reader.reconstructions(named: $0.name, rows) }
      let matches = try selections[file].matches(rows, of: reader)
      for (index, eventID) in eventIDs.enumerated() where matches[index] {
        sample.append(
          eventID: eventID, distinctID: readers.distinct(eventID, file: file),
          standard: standard[index],
          others: others.map { $0[index] },
          fallbacks: others.map { $0[index].fallback.rawValue })
      }
      progress.update(done)
    }
    return sample
  }
}
