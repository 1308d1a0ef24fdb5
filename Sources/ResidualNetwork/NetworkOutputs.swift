/// What a network said of some events.
struct NetworkOutputs {
  /// `[row, output]` as the network gives them.
  let values: [Float]
  /// Predicted standardised targets, `[row, target]`.
  let means: [Float]
  /// ln of their predicted errors, where the network gives them.
  let logSigmas: [Float]?

  /// Takes `values`, `[row, output]` as the network gives them, apart.
  init(_ values: [Float], targets: Int, loss: NetworkSpec.Loss) {
    self.values = values
    guard loss == .gaussian else {
      (means, logSigmas) = (values, nil)
      return
    }
    var (means, logSigmas): ([Float], [Float]) = ([], [])
    means.reserveCapacity(values.count / 2)
    logSigmas.reserveCapacity(values.count / 2)
    for start in stride(from: 0, to: values.count, by: 2 * targets) {
      means += values[start..<start + targets]
      logSigmas += values[start + targets..<start + 2 * targets]
    }
    (self.means, self.logSigmas) = (means, logSigmas)
  }
}
