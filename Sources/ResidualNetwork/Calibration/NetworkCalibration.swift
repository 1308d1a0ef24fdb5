public import ShowerModel

/// Fits slopes, errors and parts of densities of a network again, to further simulated events.
///
/// The weights stay as they are. `train` does the same with its validation split.
public struct NetworkCalibration: Sendable {
  /// Outputs of the network and true residuals of some events.
  public struct Part: Sendable {
    fileprivate var variables: [Double] = []
    fileprivate var residuals: [Double] = []
    fileprivate var outputs: [Float] = []

    public var count: Int { variables.count / 2 }
  }

  /// What the calibration changed for a target.
  public struct Change: Sendable {
    public let target: String
    /// 1 - Var(y - predicted) / Var(y).
    public let explainedVariance: (before: Double, after: Double)
    /// Part of the events within the predicted error.
    public let coverage: (before: Double, after: Double)
  }

  /// Fewest events: errors then depend on zenith angle and signal.
  public static let fewestEvents = CombinationFit.fewestForShape

  private let network: Network
  private let targets: [NetworkTarget]
  private var all = Part()

  public init(_ network: Network) {
    self.network = network
    targets = NetworkTarget.named(network.metadata.spec.targets)
  }

  public var count: Int { all.count }

  /// Computes the network for events; on any thread.
  ///
  /// - Parameters:
  ///   - events: with truth. Those without a standard result, without the true value of a residual
  ///     or unlike the training events are left out.
  ///   - workspace: of the calling thread.
  /// - Returns: what `append` takes.
  /// - Throws: an error of the network.
  public func part(
    of events: [ReconstructedEvent], in workspace: Network.Workspace
  ) throws(NetworkError) -> Part {
    var part = Part()
    workspace.block.removeAll()
    for event in events where event.standard.hasBeenFitted {
      guard let truth = event.event.truth, isKnown(event) else { continue }
      let values = targets.map { $0.value(truth, event.standard.shower) }
      guard zip(targets, values).allSatisfy({ $0.isAuxiliary || $1.isFinite }) else { continue }
      workspace.imager.append(event, to: &workspace.block)
      part.residuals += values
    }
    part.variables = workspace.block.scaleVariables
    part.outputs = try network.outputs(
      of: workspace.block, symmetry: 0, batch: workspace.batches[0])
    return part
  }

  private func isKnown(_ event: ReconstructedEvent) -> Bool {
    network.metadata.domain?.reasons(toDoubt: event).isEmpty ?? true
  }

  /// Takes over some events. Their order decides the last digits.
  public mutating func append(_ part: Part) {
    all.variables += part.variables
    all.residuals += part.residuals
    all.outputs += part.outputs
  }

  /// The network with the new calibration, and what that changed.
  ///
  /// - Throws: `NetworkError.engine` where the fit fails.
  public func calibrated() throws(NetworkError) -> (network: Network, changes: [Change]) {
    var metadata = network.metadata
    let sample = CombinationSample(
      variables: all.variables, residuals: all.residuals, outputs: all.outputs,
      outputCount: metadata.outputCount, targetCount: targets.count)
    let before = metadata.combination
    do { try metadata.calibrate(to: sample) } catch {
      throw .engine("fit of the calibration: \(error)")
    }
    let changes = zip(
      metadata.spec.targets,
      zip(
        sample.quality(metadata.scaling, before),
        sample.quality(metadata.scaling, metadata.combination))
    ).map { target, qualities in
      Change(
        target: target,
        explainedVariance: (qualities.0.explainedVariance, qualities.1.explainedVariance),
        coverage: (qualities.0.coverage, qualities.1.coverage))
    }
    return (Network(metadata: metadata, module: network.module), changes)
  }
}
