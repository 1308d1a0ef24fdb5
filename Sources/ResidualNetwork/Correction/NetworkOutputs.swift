import Glibc

/// The outputs of one network for some events.
struct NetworkOutputs {
  /// `[row, output]` as the network gives them.
  let values: [Float]
  /// Predicted standardised targets, `[row, target]`.
  let means: [Float]
  /// ln of their predicted errors, where the network gives them.
  let logSigmas: [Float]?

  /// Splits `values`, `[row, output]`, into means and errors.
  init(_ values: [Float], _ spec: NetworkSpec) {
    self.values = values
    guard spec.loss == .gaussian else {
      (means, logSigmas) = (values, nil)
      return
    }
    var (means, logSigmas): ([Float], [Float]) = ([], [])
    let targets = spec.targets.count
    means.reserveCapacity(values.count / 2)
    logSigmas.reserveCapacity(values.count / 2)
    for start in stride(from: 0, to: values.count, by: spec.outputCount) {
      means += values[start..<start + targets]
      logSigmas += values[start + targets..<start + 2 * targets]
    }
    (self.means, self.logSigmas) = (means, logSigmas)
  }
}

/// Outputs of one network, or of the members of an ensemble, for one target of one event.
struct MemberOutputs {
  /// Mean of the outputs, in units of the size.
  var mean = 0.0
  /// Mean of the variances that the members predict; 1 where they predict none.
  var predictedVariance = 0.0
  /// Variance of the outputs about their mean.
  var memberVariance = 0.0

  /// - Parameters:
  ///   - outputs: of each member for the event: a value a target, then ln of an error a target if
  ///     there are more, then those of densities.
  ///   - target: position of the target.
  ///   - targetCount: number of targets.
  init(_ outputs: [ArraySlice<Float>], target: Int, targetCount: Int) {
    let count = Double(outputs.count)
    for output in outputs {
      mean += Double(output[output.startIndex + target]) / count
      guard output.count >= 2 * targetCount else {
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

  /// Standard deviation of the outputs over the error that the members predict.
  var disagreement: Double { (memberVariance / max(predictedVariance, 1e-12)).squareRoot() }
  var isFinite: Bool { mean.isFinite && predictedVariance.isFinite && memberVariance.isFinite }
}
