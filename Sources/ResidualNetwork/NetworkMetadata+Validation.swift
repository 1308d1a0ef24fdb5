import Glibc
internal import Numerics

extension NetworkMetadata {
  /// Learns from a training set and the outputs for its validation split: how outputs become corrections and
  /// errors, which events are known, and where they came from.
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
      combination = try sample.combination(scaling)
      domain = try TrainingDomain(set.domain.rows)
    } catch { throw .engine("fit to the validation split: \(error)") }
    explainedVariance = Dictionary(
      uniqueKeysWithValues: zip(
        spec.targets, sample.explainedVariance(scaling, combination)))
    validation = ValidationSample(sample)
    arrays = set.arrays
    windowSamples = set.windowSamples
  }
}

/// Events of a validation split and what one network, or the members of an ensemble, said of them.
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

  /// Of samples with the same events.
  init(_ samples: [ValidationSample], outputCount: Int, targetCount: Int) {
    variables = samples.first.map { ValidationSample.floats($0.variables).map(Double.init) } ?? []
    residuals = samples.first.map { ValidationSample.floats($0.residuals).map(Double.init) } ?? []
    members = samples.map { ValidationSample.floats($0.outputs) }
    self.outputCount = outputCount
    self.targetCount = targetCount
  }

  func residual(_ event: Int, target: Int) -> Double { residuals[event * targetCount + target] }

  /// What is said of one target of an event.
  func said(_ event: Int, target: Int) -> MemberOutputs {
    MemberOutputs(
      members.map { $0[event * outputCount..<(event + 1) * outputCount] }, target: target,
      targetCount: targetCount)
  }

  /// The combination of each target.
  func combination(_ scaling: [TargetScaling]) throws(LinearAlgebraError) -> [TargetCombination] {
    var result: [TargetCombination] = []
    for (target, scaling) in scaling.enumerated() {
      // A quantity that some events do not have is fitted to those that have it.
      let events = (0..<count).filter { residual($0, target: target).isFinite }
      let said = events.map { self.said($0, target: target) }
      result.append(
        try CombinationFit(
          variables: events.flatMap { variables[2 * $0..<2 * $0 + 2] },
          residuals: events.map { residual($0, target: target) }, outputs: said.map(\.mean),
          predictedVariances: said.map(\.predictedVariance),
          memberVariances: said.map(\.memberVariance), scaling: scaling
        ).fitted())
    }
    return result
  }

  /// 1 - Var(y - predicted) / Var(y) of each target in native units.
  func explainedVariance(_ scaling: [TargetScaling], _ combination: [TargetCombination]) -> [Double]
  {
    scaling.indices.map { target in
      var (before, after) = (Moments(), Moments())
      for event in 0..<count where residual(event, target: target).isFinite {
        let predicted = combination[target].value(
          said(event, target: target), scaling: scaling[target], secZenith: variables[2 * event],
          logSignal800: variables[2 * event + 1]
        ).correction
        before.add(residual(event, target: target))
        after.add(residual(event, target: target) - predicted)
      }
      return 1 - after.variance / before.variance
    }
  }

  /// By event, the largest disagreement of the members about a target, in units of the errors they predict.
  func disagreements() -> [Double] {
    (0..<count).map { event in
      (0..<targetCount).map { said(event, target: $0).disagreement }.max() ?? 0
    }
  }
}

/// What the members of an ensemble, or one network, say of one target of one event.
struct MemberOutputs {
  /// Mean of the outputs, in units of the size.
  var mean = 0.0
  /// Mean of the variances that the members predict; 1 where they predict none.
  var predictedVariance = 0.0
  /// Variance of the outputs about their mean.
  var memberVariance = 0.0

  /// - Parameters:
  ///   - outputs: of each member for the event: a value a target, then ln of an error a target if there are more.
  ///   - target: position of the target.
  ///   - targetCount: number of targets.
  init(_ outputs: [ArraySlice<Float>], target: Int, targetCount: Int) {
    let count = Double(outputs.count)
    for output in outputs {
      mean += Double(output[output.startIndex + target]) / count
      guard output.count == 2 * targetCount else {
        predictedVariance += 1 / count
        continue
      }
      let logarithm = Double(output[output.startIndex + targetCount + target])
      predictedVariance += exp(2 * max(-8, min(8, logarithm))) / count
    }
    guard outputs.count > 1 else { return }
    for output in outputs {
      let difference = Double(output[output.startIndex + target]) - mean
      memberVariance += difference * difference / count
    }
  }

  var disagreement: Double { (memberVariance / max(predictedVariance, 1e-12)).squareRoot() }
  var isFinite: Bool { mean.isFinite && predictedVariance.isFinite && memberVariance.isFinite }
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
