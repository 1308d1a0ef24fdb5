import Glibc
internal import Numerics
public import ShowerModel

/// Corrects reconstructions by one network, or by the mean of several with the same inputs and
/// targets.
///
/// The members of an ensemble are trained with the same events and different seeds. Their variance
/// is part of the stated error. An event keeps its standard value in three cases, named by
/// `CorrectionFallback`: it is unlike the training events; a prediction is not finite; or the
/// members disagree more than for 99.8 % of the validation split.
public final class NetworkEnsemble: Sendable {
  /// How predictions and standard values are combined.
  public enum Combination: String, Sendable, CaseIterable {
    /// Standard plus predicted residual, as it is.
    case add
    /// Each component shrunk by slopes fitted to the validation split (`TargetCombination`).
    case calibrated
  }

  public let members: [Network]
  public let combination: Combination
  /// Whether the outputs are averaged over the eight symmetries of the grid, at eight times the
  /// cost.
  public let averagesSymmetries: Bool
  /// Whether events that the members do not know keep their standard value; if not, those alone for
  /// which there is no finite number.
  public let keepsUnknown: Bool
  /// Whether slopes and errors were fitted to the ensemble itself: its members know the same
  /// validation events.
  public let isCalibratedTogether: Bool

  /// Names of the columns of the regions that results have; empty where none are given.
  public var regionColumns: [String] { regions?.columns ?? [] }

  private let combiner: Combiner
  private let domains: [TrainingDomain]
  private let largestDisagreement: Double
  /// nil where no regions are given.
  private let regions: EventRegions?

  private enum Combiner: Sendable {
    /// Outputs are averaged, then combined.
    case together([TargetScaling], [TargetCombination])
    /// Each member is combined as it stands in its file, then averaged.
    case apart
  }

  /// - Parameters:
  ///   - members: at least one, of the same inputs and targets.
  ///   - combination: how predictions and standard values are combined.
  ///   - averagingSymmetries: whether the outputs are averaged over the symmetries of the grid.
  ///   - keepingUnknown: whether events that the members do not know keep their standard value.
  ///   - givingRegions: whether results have regions of the direction and of densities.
  /// - Throws: `NetworkError.unlikeMembers` where inputs or targets differ, `.noRegions` where the
  ///   networks cannot give regions that are asked for, `.engine` where the fit of an ensemble's
  ///   errors fails.
  public init(
    _ members: [Network], combining combination: Combination = .calibrated,
    averagingSymmetries: Bool = false, keepingUnknown: Bool = true, givingRegions: Bool = false
  ) throws(NetworkError) {
    precondition(!members.isEmpty, "an ensemble has members")
    self.members = members
    self.combination = combination
    averagesSymmetries = averagingSymmetries
    keepsUnknown = keepingUnknown
    let first = members[0].metadata
    for member in members.dropFirst() {
      let differences = first.imageDifferences(from: member.metadata)
      guard differences.isEmpty else { throw .unlikeMembers(differences: differences) }
    }
    var domains: [TrainingDomain] = []
    for domain in members.compactMap(\.metadata.domain) where !domains.contains(domain) {
      domains.append(domain)
    }
    self.domains = domains

    let samples = members.compactMap(\.metadata.validation)
    let isTogether =
      members.count == 1
      || samples.count == members.count && samples.allSatisfy { $0.hasEvents(of: samples[0]) }
        && members.allSatisfy { $0.metadata.scaling == first.scaling }
    isCalibratedTogether = isTogether
    let sample = CombinationSample(
      samples, outputCount: first.outputCount, targetCount: first.spec.targets.count)
    guard isTogether else {
      guard !givingRegions else {
        throw .noRegions(reason: "the members of the ensemble learned from different events")
      }
      regions = nil
      combiner = .apart
      largestDisagreement = 1
      return
    }
    guard members.count > 1 else {
      let own = first.combination.map { $0.with(combination) }
      regions = givingRegions ? try EventRegions(sample, first, own) : nil
      combiner = .together(first.scaling, own)
      largestDisagreement = .infinity
      return
    }
    let fitted: [TargetCombination]
    do { fitted = try sample.combination(first.scaling).map { $0.with(combination) } } catch {
      throw .engine("fit of the ensemble: \(error)")
    }
    regions = givingRegions ? try EventRegions(sample, first, fitted) : nil
    combiner = .together(first.scaling, fitted)
    let disagreements = sample.disagreements()
    largestDisagreement = disagreements.isEmpty ? 1 : quantile(of: disagreements, 0.998)
  }

  /// What a thread keeps from one call to the next: memory, no values.
  public final class Workspace {
    let imager: EventImager
    let batches: [Batch]
    var block = ImageBlock()

    init(_ members: [Network], _ array: DetectorArray) {
      imager = EventImager(spec: members[0].metadata.spec, array: array)
      batches = members.map {
        Batch(spec: $0.metadata.spec, normalisation: $0.metadata.normalisation)
      }
    }
  }

  /// A workspace for events of an array. Not for use from two threads at once: one a thread.
  public func makeWorkspace(array: DetectorArray) -> Workspace { Workspace(members, array) }

  /// Corrected reconstructions, one for each event: the standard one shifted by the prediction.
  ///
  /// Events without a good standard result give `noStandardResult`. Computed on the calling thread,
  /// of which there may be many. On processors with AVX2 the result of an event does not depend on
  /// the others; elsewhere its last digits may.
  public func correct(
    _ events: [ReconstructedEvent], in workspace: Workspace
  ) throws(NetworkError) -> [Reconstruction] {
    let predictions = try memberPredictions(events, workspace)
    return zip(events, predictions).map { event, predictions in
      guard let predictions else { return .failed(.noStandardResult) }
      return corrected(event, predictions)
    }
  }

  /// Predicted residuals in native units and the order of `Residual.all`, one row for each event.
  ///
  /// Zero where the network does not predict a residual, NaN without a good standard result.
  public func residuals(
    _ events: [ReconstructedEvent], in workspace: Workspace
  ) throws(NetworkError) -> [[Double]] {
    let predictions = try memberPredictions(events, workspace)
    return zip(events, predictions).map { event, predictions in
      predictions.map { prediction(event, $0).residuals }
        ?? [Double](repeating: .nan, count: Residual.all.count)
    }
  }

  // MARK: - From outputs to a result

  /// Predictions of the members for the targets of an event.
  private struct MemberPredictions {
    /// `[target]`, over all members.
    var together: [MemberOutputs]
    /// `[member][target]`, where each member is combined on its own; otherwise empty.
    var apart: [[MemberOutputs]]
    /// All outputs of each member.
    let outputs: [ArraySlice<Float>]
  }

  private func corrected(_ event: ReconstructedEvent, _ predictions: MemberPredictions)
    -> Reconstruction
  {
    let standard = event.standard.reconstruction
    let prediction = prediction(event, predictions)
    let fallback = fallback(event, predictions, prediction)
    guard fallback == .none else {
      return Reconstruction(
        shower: standard.shower, sigma: standard.sigma, status: .good, fallback: fallback)
    }
    var result = ResidualNetwork.corrected(standard, by: prediction)
    regions?.add(
      to: &result, prediction, predictions.outputs,
      secZenith: EventImager.secZenith(event.standard), logSignal800: log(event.standard.signal800))
    return result
  }

  private func fallback(
    _ event: ReconstructedEvent, _ predictions: MemberPredictions, _ prediction: Prediction
  ) -> CorrectionFallback {
    guard predictions.together.allSatisfy(\.isFinite), prediction.isFinite else {
      return .notFinite
    }
    guard keepsUnknown else { return .none }
    if isBeyond(event) { return .beyondTraining }
    return predictions.together.contains { $0.disagreement > largestDisagreement }
      ? .ensembleSpread : .none
  }

  private func isBeyond(_ event: ReconstructedEvent) -> Bool {
    guard !domains.isEmpty else { return false }
    let values = DomainFeature.values(of: event)
    return domains.contains { !$0.reasons(values).isEmpty }
  }

  private func prediction(_ event: ReconstructedEvent, _ predictions: MemberPredictions)
    -> Prediction
  {
    let secZenith = EventImager.secZenith(event.standard)
    let logSignal800 = log(event.standard.signal800)
    var prediction = Prediction()
    let targets = NetworkTarget.named(members[0].metadata.spec.targets)
    for (column, target) in targets.enumerated() {
      switch combiner {
      case .together(let scaling, let combination):
        let value = combination[column].value(
          predictions.together[column], scaling: scaling[column], secZenith: secZenith,
          logSignal800: logSignal800)
        prediction.set(target, value.correction, sigma: value.sigma)
      case .apart:
        let values = zip(members, predictions.apart).map { member, outputs in
          member.metadata.combination[column].with(combination).value(
            outputs[column], scaling: member.metadata.scaling[column], secZenith: secZenith,
            logSignal800: logSignal800)
        }
        let average = Average(values)
        prediction.set(target, average.correction, sigma: average.sigma)
      }
    }
    return prediction
  }

  /// Mean of corrections; mean of variances plus the variance of the corrections, which
  /// overestimates the error of the mean since that of each member holds its own scatter.
  private struct Average {
    var correction = 0.0
    var sigma = 0.0

    init(_ values: [TargetCombination.Value]) {
      let count = Double(values.count)
      for value in values { correction += value.correction / count }
      var variance = 0.0
      for value in values {
        let difference = value.correction - correction
        variance += (value.sigma * value.sigma + difference * difference) / count
      }
      sigma = variance.squareRoot()
    }
  }

  // MARK: - Outputs

  /// Predictions of the members, one for each event; nil without a standard result.
  private func memberPredictions(
    _ events: [ReconstructedEvent], _ workspace: Workspace
  ) throws(NetworkError) -> [MemberPredictions?] {
    var all: [MemberPredictions?] = []
    all.reserveCapacity(events.count)
    for start in stride(from: 0, to: events.count, by: Network.batchSize) {
      all += try memberPredictions(
        batch: events[start..<min(start + Network.batchSize, events.count)], workspace)
    }
    return all
  }

  /// The same for one batch.
  ///
  /// Each thread computes whole batches. This is faster than many threads on one batch, and the
  /// result is the same for any number of threads.
  private func memberPredictions(
    batch events: ArraySlice<ReconstructedEvent>, _ workspace: Workspace
  ) throws(NetworkError) -> [MemberPredictions?] {
    let outputs = try outputs(events, workspace)
    let metadata = members[0].metadata
    let (width, targets) = (metadata.outputCount, metadata.spec.targets.count)
    var row = 0
    return events.map { event in
      guard event.standard.hasBeenFitted else { return nil }
      defer { row += 1 }
      let own = outputs.map { $0[row * width..<(row + 1) * width] }
      func byTarget(_ outputs: [ArraySlice<Float>]) -> [MemberOutputs] {
        (0..<targets).map { MemberOutputs(outputs, target: $0, targetCount: targets) }
      }
      return MemberPredictions(
        together: byTarget(own), apart: isCalibratedTogether ? [] : own.map { byTarget([$0]) },
        outputs: own)
    }
  }

  /// `[member][event, output]` of the events that have a standard result.
  private func outputs(
    _ events: ArraySlice<ReconstructedEvent>, _ workspace: Workspace
  ) throws(NetworkError) -> [[Float]] {
    workspace.block.removeAll()
    for event in events where event.standard.hasBeenFitted {
      workspace.imager.append(event, to: &workspace.block)
    }
    var outputs: [[Float]] = []
    for (member, batch) in zip(members, workspace.batches) {
      outputs.append(
        try averagesSymmetries
          ? member.symmetricOutputs(of: workspace.block, batch: batch)
          : member.outputs(of: workspace.block, symmetry: 0, batch: batch))
    }
    return outputs
  }
}

extension Network {
  /// Outputs `[event, output]` of all events of a block, turned by one of `GridSymmetry.all`.
  func outputs(
    of block: ImageBlock, symmetry: Int, batch: Batch
  ) throws(NetworkError) -> [Float] {
    try module.outputs(
      of: (0..<block.count).map { Batch.Row(block: 0, row: $0, symmetry: symmetry) }, in: [block],
      batch: batch, outputCount: metadata.outputCount, batchSize: Self.batchSize)
  }

  /// The mean of the outputs over the eight symmetries, odd targets turned back.
  ///
  /// Eight floats are added in double precision, in which the sum does not depend on their order:
  /// turning an event changes its outputs by no more than the network's own rounding. Mixtures
  /// have no mean of their numbers: those of the event as it is are kept.
  func symmetricOutputs(of block: ImageBlock, batch: Batch) throws(NetworkError) -> [Float] {
    let targets = NetworkTarget.named(metadata.spec.targets)
    let firstOfDensities = metadata.spec.densityColumns.first?.first ?? metadata.outputCount
    var sums = [Double](repeating: 0, count: block.count * metadata.outputCount)
    var first: [Float] = []
    for (index, symmetry) in GridSymmetry.all.enumerated() {
      let outputs = try outputs(of: block, symmetry: index, batch: batch)
      for place in sums.indices {
        let column = place % metadata.outputCount
        let isOdd = column < targets.count && targets[column].isOdd
        sums[place] += Double(symmetry.isMirror && isOdd ? -outputs[place] : outputs[place])
      }
      if index == 0 { first = outputs }
    }
    return sums.enumerated().map { place, sum in
      place % metadata.outputCount < firstOfDensities
        ? Float(sum / Double(GridSymmetry.all.count)) : first[place]
    }
  }
}

extension TargetCombination {
  /// With the slopes of a kind of combination; the errors stay those of the calibrated one.
  func with(_ combination: NetworkEnsemble.Combination) -> TargetCombination {
    guard combination == .add else { return self }
    var result = self
    result.slopes = Self.added.slopes
    result.outer = outer?.withoutExcess
    return result
  }
}

extension NetworkMetadata {
  /// In what the inputs or targets of two networks differ.
  func imageDifferences(from other: NetworkMetadata) -> [String] {
    var differences: [String] = []
    func compare(_ name: String, _ own: String, _ others: String) {
      if own != others { differences.append("\(name): \(own) and \(others)") }
    }
    func compare(_ name: String, _ own: [String], _ others: [String]) {
      guard own != others else { return }
      let missing = Set(own).symmetricDifference(others).sorted()
      differences.append(
        missing.isEmpty ? "\(name): another order" : "\(name): \(missing.joined(separator: ", "))")
    }
    compare("reconstruction to start from", base ?? "standard", other.base ?? "standard")
    compare("grid size", "\(spec.gridSize)", "\(other.spec.gridSize)")
    compare("T", "\(spec.samples)", "\(other.spec.samples)")
    compare("inputs of cells", spec.inputs.cell, other.spec.inputs.cell)
    compare("inputs of stations", spec.inputs.station, other.spec.inputs.station)
    compare("inputs of the event", spec.inputs.event, other.spec.inputs.event)
    compare("targets", spec.targets, other.spec.targets)
    compare(
      "densities", spec.density?.of ?? [], other.spec.density?.of ?? [])
    compare("waveforms", "\(usesTraces)", "\(other.usesTraces)")
    compare("outputs", "\(outputCount)", "\(other.outputCount)")
    return differences
  }

  /// Whether the network sees the waveforms.
  var usesTraces: Bool { spec.readsWaveforms }
}
