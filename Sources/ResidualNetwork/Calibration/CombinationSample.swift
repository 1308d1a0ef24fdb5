import Glibc
internal import Numerics

extension NetworkMetadata {
  /// Fits combination, domain and explained variance to the validation split, and notes the arrays.
  ///
  /// - Parameters:
  ///   - outputs: `[row, output]`.
  ///   - rows: of the validation split.
  ///   - targets: of the training set.
  ///   - set: that was trained with.
  /// - Throws: `NetworkError.engine` where the fits fail.
  mutating func learn(
    fromOutputs outputs: [Float], rows: [Int], targets: StandardisedTargets, set: TrainingSet
  ) throws(NetworkError) {
    scaling = targets.scaling
    outputCount = rows.isEmpty ? spec.targets.count : outputs.count / rows.count
    let sample = CombinationSample(
      members: [outputs], outputCount: outputCount, rows: rows, set: set)
    do {
      try calibrate(to: sample)
      domain = try TrainingDomain(set.domain.rows)
    } catch { throw .engine("fit to the validation split: \(error)") }
    arrays = set.arrays
    windowSamples = set.windowSamples
  }

  /// Fits slopes, errors and parts of densities to a sample, and notes it.
  ///
  /// - Throws: an error of the fits.
  mutating func calibrate(to sample: CombinationSample) throws(LinearAlgebraError) {
    combination = try sample.combination(scaling)
    explainedVariance = Dictionary(
      uniqueKeysWithValues: zip(
        spec.targets, sample.quality(scaling, combination).map(\.explainedVariance)))
    for columns in spec.densityColumns {
      densityMasses[columns.name] = DensityCalibration(columns, sample, scaling: scaling)?.masses
    }
    validation = ValidationSample(sample)
  }
}

/// Events of a validation split with the outputs of one network, or of the members of an ensemble.
struct CombinationSample {
  /// `[event, 2]`: sec theta and ln S800.
  var variables: [Double] = []
  /// `[event, target]`: true minus standard, native units.
  var residuals: [Double] = []
  /// `[event, output]` of each member.
  let members: [[Float]]
  let outputCount: Int
  let targetCount: Int

  var count: Int { variables.count / 2 }

  init(members: [[Float]], outputCount: Int, rows: [Int], set: TrainingSet) {
    self.members = members
    self.outputCount = outputCount
    targetCount = set.spec.targets.count
    for row in rows {
      variables += set.index.variables[2 * row..<2 * row + 2]
      residuals += set.index.residuals[row * targetCount..<(row + 1) * targetCount]
    }
  }

  /// With values of one's own, and one network.
  init(
    variables: [Double], residuals: [Double], outputs: [Float], outputCount: Int, targetCount: Int
  ) {
    self.variables = variables
    self.residuals = residuals
    members = [outputs]
    self.outputCount = outputCount
    self.targetCount = targetCount
  }

  /// Joins the samples of several networks, which hold the same events.
  init(_ samples: [ValidationSample], outputCount: Int, targetCount: Int) {
    variables = samples.first.map { ValidationSample.floats($0.variables).map(Double.init) } ?? []
    residuals = samples.first.map { ValidationSample.floats($0.residuals).map(Double.init) } ?? []
    members = samples.map { ValidationSample.floats($0.outputs) }
    self.outputCount = outputCount
    self.targetCount = targetCount
  }

  func residual(_ event: Int, target: Int) -> Double { residuals[event * targetCount + target] }

  /// All outputs of each member for an event.
  func outputs(_ event: Int) -> [ArraySlice<Float>] {
    members.map { $0[event * outputCount..<(event + 1) * outputCount] }
  }

  /// The outputs of the members for one target of an event.
  func memberOutputs(_ event: Int, target: Int) -> MemberOutputs {
    MemberOutputs(outputs(event), target: target, targetCount: targetCount)
  }

  /// The combination of each target.
  func combination(_ scaling: [TargetScaling]) throws(LinearAlgebraError) -> [TargetCombination] {
    var result: [TargetCombination] = []
    for (target, scaling) in scaling.enumerated() {
      // A quantity that some events do not have is fitted to those that have it.
      let events = (0..<count).filter { residual($0, target: target).isFinite }
      let outputs = events.map { memberOutputs($0, target: target) }
      result.append(
        try CombinationFit(
          variables: events.flatMap { variables[2 * $0..<2 * $0 + 2] },
          residuals: events.map { residual($0, target: target) }, outputs: outputs.map(\.mean),
          predictedVariances: outputs.map(\.predictedVariance),
          memberVariances: outputs.map(\.memberVariance), scaling: scaling
        ).fitted())
    }
    return result
  }

  /// How well a combination describes the residuals of a target.
  struct Quality {
    /// 1 - Var(y - predicted) / Var(y), native units.
    let explainedVariance: Double
    /// Part of the events within one predicted error.
    let coverage: Double
  }

  /// By target.
  func quality(_ scaling: [TargetScaling], _ combination: [TargetCombination]) -> [Quality] {
    scaling.indices.map { target in
      var (before, after) = (Moments(), Moments())
      var (within, all) = (0, 0)
      for event in 0..<count where residual(event, target: target).isFinite {
        let predicted = combination[target].value(
          memberOutputs(event, target: target), scaling: scaling[target],
          secZenith: variables[2 * event],
          logSignal800: variables[2 * event + 1])
        let left = residual(event, target: target) - predicted.correction
        before.add(residual(event, target: target))
        after.add(left)
        within += abs(left) < predicted.sigma ? 1 : 0
        all += 1
      }
      return Quality(
        explainedVariance: 1 - after.variance / before.variance,
        coverage: Double(within) / Double(all))
    }
  }

  /// By event, the largest disagreement of the members about a target, in units of the errors they
  /// predict.
  func disagreements() -> [Double] {
    (0..<count).map { event in
      (0..<targetCount).map { memberOutputs(event, target: $0).disagreement }.max() ?? 0
    }
  }
}

/// Mean and variance by Welford's sums.
struct Moments {
  private var count = 0.0
  private var mean = 0.0
  private var squares = 0.0

  mutating func add(_ value: Double) {
    count += 1
    let difference = value - mean
    mean += difference / count
    squares += difference * (value - mean)
  }

  var variance: Double { squares / max(count, 1) }
}
