import Glibc
internal import LinearAlgebra
import ShowerModel

/// The targets of a training set as numbers of about one, and back.
struct StandardisedTargets {
  let scaling: [TargetScaling]
  /// `[event, target]` of each block, clipped.
  private let standardised: [[Float]]
  private let isOdd: [Bool]

  var count: Int { scaling.count }

  /// Fits the scaling to the training split.
  init(_ set: TrainingSet) throws(NetworkError) {
    let targets = NetworkTarget.named(set.spec.targets)
    let rows = set.rows(of: .training)
    var variables: [Double] = []
    for row in rows {
      variables += set.blocks[row.block].scaleVariables[2 * row.row..<2 * row.row + 2]
    }
    var scaling: [TargetScaling] = []
    for (column, target) in targets.enumerated() {
      let residuals = rows.map { set.residuals[$0.block][$0.row * targets.count + column] }
      // An auxiliary target is not known of every event.
      let known = residuals.indices.filter { residuals[$0].isFinite }
      guard known.count >= Trainer.fewestEvents else {
        throw .tooFewEvents(training: known.count, validation: 0, needed: Trainer.fewestEvents)
      }
      do {
        scaling.append(
          try TargetScaling(
            variables: known.flatMap { variables[2 * $0..<2 * $0 + 2] },
            residuals: known.map { residuals[$0] }, isOdd: target.isOdd))
      } catch { throw .engine("fit of the size of residuals: \(error)") }
    }
    self.scaling = scaling
    isOdd = targets.map(\.isOdd)
    standardised = zip(set.blocks, set.residuals).map { block, residuals in
      var values: [Float] = []
      values.reserveCapacity(residuals.count)
      for row in 0..<block.count {
        for (column, scale) in scaling.enumerated() {
          let (mean, size) = scale.values(
            secZenith: block.scaleVariables[2 * row],
            logSignal800: block.scaleVariables[2 * row + 1])
          let z = (residuals[row * targets.count + column] - mean) / size
          values.append(
            z.isNaN ? .nan : Float(max(-TargetScaling.limit, min(TargetScaling.limit, z))))
        }
      }
      return values
    }
  }

  /// `[row, target]`, turned as the events of the rows are: a mirror image changes odd targets.
  func values(of rows: ArraySlice<Batch.Row>) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(rows.count * count)
    for row in rows {
      let isMirror = GridSymmetry.all[row.symmetry].isMirror
      for column in 0..<count {
        let value = standardised[row.block][row.row * count + column]
        values.append(isMirror && isOdd[column] ? -value : value)
      }
    }
    return values
  }

  /// Loss of outputs over the targets that are known, as training has it.
  func loss(_ outputs: NetworkOutputs, rows: [Batch.Row]) -> Double {
    let values = self.values(of: rows[...])
    var (sum, count) = (0.0, 0)
    for (index, value) in values.enumerated() where !value.isNaN {
      let difference = Double(outputs.means[index] - value)
      if let logSigmas = outputs.logSigmas {
        let logSigma = Double(logSigmas[index])
        let pull = difference * exp(-logSigma)
        sum += 0.5 * pull * pull + logSigma
      } else {
        sum += difference * difference
      }
      count += 1
    }
    return sum / Double(max(count, 1))
  }

  /// 1 - Var(y - predicted) / Var(y) of the residuals in native units, by target, of outputs as they are.
  func explainedVariance(
    _ outputs: [Float], rows: [Batch.Row], set: TrainingSet
  ) -> [String: Double] {
    let sample = CombinationSample(
      members: [outputs], outputCount: outputs.count / max(rows.count, 1), rows: rows, set: set)
    return Dictionary(
      uniqueKeysWithValues: zip(
        set.spec.targets, sample.explainedVariance(scaling, scaling.map { _ in .added })))
  }
}
