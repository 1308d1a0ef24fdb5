internal import LinearAlgebra
import ShowerModel

/// The targets of a training set as numbers of about one, and back.
struct StandardisedTargets {
  private(set) var scaling: [TargetScaling]
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

  func replacing(scaling: [TargetScaling]) -> StandardisedTargets {
    var copy = self
    copy.scaling = scaling
    return copy
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

  /// The scaling with `shrink` and `spread` fitted to outputs for the validation split.
  func combined(with outputs: [Float], rows: [Batch.Row], set: TrainingSet) -> [TargetScaling] {
    let values = self.values(of: rows[...])
    return scaling.indices.map { column in
      var (product, square) = (0.0, 0.0)
      for row in rows.indices {
        let output = Double(outputs[row * count + column])
        product += output * Double(values[row * count + column])
        square += output * output
      }
      var result = scaling[column]
      result.shrink = square > 0 ? max(0, min(1, product / square)) : 0
      var sum = 0.0
      for row in rows.indices {
        let left =
          Double(values[row * count + column])
          - result.shrink * Double(outputs[row * count + column])
        sum += left * left
      }
      result.spread = (sum / Double(max(rows.count, 1))).squareRoot()
      return result
    }
  }

  /// 1 - Var(y - predicted) / Var(y) of the residuals in native units, by target.
  func explainedVariance(
    _ outputs: [Float], rows: [Batch.Row], set: TrainingSet
  ) -> [String: Double] {
    var result: [String: Double] = [:]
    for (column, name) in set.spec.targets.enumerated() {
      var (before, after) = (Moments(), Moments())
      for (index, row) in rows.enumerated() {
        let block = set.blocks[row.block]
        let (mean, size) = scaling[column].values(
          secZenith: block.scaleVariables[2 * row.row],
          logSignal800: block.scaleVariables[2 * row.row + 1])
        let predicted =
          mean + size * scaling[column].shrink * Double(outputs[index * count + column])
        let residual = set.residuals[row.block][row.row * count + column]
        before.add(residual)
        after.add(residual - predicted)
      }
      result[name] = 1 - after.variance / before.variance
    }
    return result
  }
}

/// Mean and variance by Welford's sums.
private struct Moments {
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
