import Glibc
internal import Numerics
import ShowerModel

/// The targets of a training set as numbers of about one, and back.
struct StandardisedTargets {
  let scaling: [TargetScaling]
  /// `[event, target]`, clipped.
  private let standardised: [Float]
  private let isOdd: [Bool]
  private let densities: [DensityColumns]
  /// By event, one on average over the training split; empty where all count once.
  private let weights: [Float]

  /// Events that the scaling is fitted to at most: sixteen numbers need no more, and memory stays
  /// small.
  static let fitLimit = 250_000

  var count: Int { scaling.count }
  /// Numbers of `trainingValues` for an event.
  var width: Int { count + (weights.isEmpty ? 0 : 1) }

  /// Fits the scaling to the training split, to each k-th event of a large one.
  init(_ set: TrainingSet) throws(NetworkError) {
    let targets = NetworkTarget.named(set.spec.targets)
    let (index, training) = (set.index, set.rows(of: .training))
    let step = max(1, (training.count + Self.fitLimit - 1) / Self.fitLimit)
    let rows = stride(from: 0, to: training.count, by: step).map { training[$0] }
    var scaling: [TargetScaling] = []
    for (column, target) in targets.enumerated() {
      func residual(_ row: Int) -> Double { index.residuals[row * targets.count + column] }
      // An auxiliary target is not known of every event.
      let known = rows.filter { residual($0).isFinite }
      guard known.count >= Trainer.fewestEvents else {
        throw .noTruth(
          target: target.name, known: known.count, needed: Trainer.fewestEvents)
      }
      do {
        scaling.append(
          try TargetScaling(
            variables: known.flatMap { index.variables[2 * $0..<2 * $0 + 2] },
            residuals: known.map(residual), isOdd: target.isOdd))
      } catch { throw .engine("fit of the size of residuals: \(error)") }
    }
    self.scaling = scaling
    isOdd = targets.map(\.isOdd)
    densities = set.spec.densityColumns
    var standardised: [Float] = []
    standardised.reserveCapacity(index.residuals.count)
    for row in 0..<index.count {
      for (column, scale) in scaling.enumerated() {
        let (mean, size) = scale.values(
          secZenith: index.variables[2 * row], logSignal800: index.variables[2 * row + 1])
        let z = (index.residuals[row * targets.count + column] - mean) / size
        standardised.append(
          z.isNaN ? .nan : Float(max(-TargetScaling.limit, min(TargetScaling.limit, z))))
      }
    }
    self.standardised = standardised
    func sum(_ rows: [Int]) -> Double { rows.reduce(0) { $0 + index.weights[$1] } }
    guard !index.weights.isEmpty else {
      weights = []
      return
    }
    let mean = sum(training) / Double(training.count)
    guard mean > 0, sum(set.rows(of: .validation)) > 0 else {
      throw .engine("all weights of the training or of the validation split are 0")
    }
    weights = index.weights.map { Float($0 / mean) }
  }

  /// `[row, target]`, turned as the events of the rows are: a mirror image changes odd targets.
  func values(of rows: some Sequence<TrainingRow>) -> [Float] {
    var values: [Float] = []
    for row in rows {
      let isMirror = GridSymmetry.all[row.symmetry].isMirror
      for column in 0..<count {
        let value = standardised[row.event * count + column]
        values.append(isMirror && isOdd[column] ? -value : value)
      }
    }
    return values
  }

  /// The same for training: where events have weights, that of the event behind its targets.
  func trainingValues(of rows: [TrainingRow]) -> [Float] {
    let values = self.values(of: rows)
    guard !weights.isEmpty else { return values }
    return rows.indices.flatMap { row in
      values[row * count..<(row + 1) * count] + [weights[rows[row].event]]
    }
  }

  /// Loss of outputs over the targets that are known, as training has it.
  func loss(_ outputs: NetworkOutputs, rows: [Int]) -> Double {
    let values = self.values(of: rows.lazy.map { TrainingRow(event: $0) })
    var (sum, total) = (0.0, 0.0)
    for (index, value) in values.enumerated() where !value.isNaN {
      let weight = weights.isEmpty ? 1 : Double(weights[rows[index / count]])
      let difference = Double(outputs.means[index] - value)
      if let logSigmas = outputs.logSigmas {
        let logSigma = Double(logSigmas[index])
        let pull = difference * exp(-logSigma)
        sum += weight * (0.5 * pull * pull + logSigma)
      } else {
        sum += weight * difference * difference
      }
      total += weight
    }
    sum += densityLoss(outputs.values, rows: rows, values)
    return total > 0 ? sum / total : 0
  }

  /// Sum over the pairs of targets that are both known of the negative ln likelihood, without
  /// ln 2 pi.
  private func densityLoss(_ outputs: [Float], rows: [Int], _ values: [Float]) -> Double {
    var sum = 0.0
    let width = outputs.count / max(rows.count, 1)
    for columns in densities {
      for (index, row) in rows.enumerated() {
        let point = SIMD2(
          Double(values[index * count + columns.targets[0]]),
          Double(values[index * count + columns.targets[1]]))
        guard point.x.isFinite, point.y.isFinite else { continue }
        let mixture = NormalMixture([outputs[index * width..<(index + 1) * width]], columns)
        let weight = weights.isEmpty ? 1 : Double(weights[row])
        sum -= weight * (mixture.logDensity(at: point) + log(2 * .pi))
      }
    }
    return sum
  }

  /// 1 - Var(y - predicted) / Var(y) of the residuals in native units, by target, of outputs as
  /// they are.
  func explainedVariance(
    _ outputs: [Float], rows: [Int], set: TrainingSet
  ) -> [String: Double] {
    let sample = CombinationSample(
      members: [outputs], outputCount: outputs.count / max(rows.count, 1), rows: rows, set: set)
    return Dictionary(
      uniqueKeysWithValues: zip(
        set.spec.targets,
        sample.quality(scaling, scaling.map { _ in .added }).map(\.explainedVariance)))
  }
}
