internal import LinearAlgebra

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
      do {
        scaling.append(
          try TargetScaling(variables: variables, residuals: residuals, isOdd: target.isOdd))
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
          values.append(Float(max(-TargetScaling.limit, min(TargetScaling.limit, z))))
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

  /// Mean square error of outputs `[row, target]`.
  func loss(_ outputs: [Float], rows: [Batch.Row]) -> Double {
    let values = self.values(of: rows[...])
    var sum = 0.0
    for (output, value) in zip(outputs, values) {
      sum += Double((output - value) * (output - value))
    }
    return sum / Double(max(values.count, 1))
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
