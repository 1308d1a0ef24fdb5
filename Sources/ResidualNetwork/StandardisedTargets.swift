import Glibc
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

  /// The scaling with `shrink` and `spread` fitted to outputs for the validation split.
  func combined(with outputs: [Float], rows: [Batch.Row], set: TrainingSet) -> [TargetScaling] {
    let values = self.values(of: rows[...])
    return scaling.indices.map { column in
      let known = rows.indices.filter { !values[$0 * count + column].isNaN }
      var (product, square) = (0.0, 0.0)
      for row in known {
        let output = Double(outputs[row * count + column])
        product += output * Double(values[row * count + column])
        square += output * output
      }
      var result = scaling[column]
      result.shrink = square > 0 ? max(0, min(1, product / square)) : 0
      var sum = 0.0
      for row in known {
        let left =
          Double(values[row * count + column])
          - result.shrink * Double(outputs[row * count + column])
        sum += left * left
      }
      result.spread = (sum / Double(max(known.count, 1))).squareRoot()
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
        guard !residual.isNaN else { continue }
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
