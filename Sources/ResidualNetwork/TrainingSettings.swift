/// How a network is trained.
public struct TrainingSettings: Sendable, Equatable, Codable {
  public enum Optimiser: String, Sendable, Codable, CaseIterable {
    /// Adaptive steps without a learning rate of ours (Zeiler, arXiv:1212.5701), as in the lecture.
    case adadelta
    case adam
    /// Adam with weight decay apart from the gradient (arXiv:1711.05101).
    case adamW
  }

  public var epochs: Int
  public var batchSize: Int
  public var optimiser: Optimiser
  /// nil: 1 for Adadelta, 0.002 for the others. With `oneCycle`, the largest value.
  public var learningRate: Double?
  public var weightDecay: Double
  /// Learning rate rises over the first fifth of all steps and then falls to almost zero.
  public var oneCycle: Bool
  /// Epochs without a better validation loss after which training ends.
  public var patience: Int
  /// Largest norm of the gradient; 0 for none.
  public var gradientClip: Double
  /// Turns and reflects each event at random (eight symmetries of the grid).
  public var augment: Bool
  public var seed: UInt64
  /// Threads of libtorch. One is best unless the other cores are idle: its threads wait by spinning.
  /// The weights depend on the number in their last bits.
  public var threads: Int

  public init(
    epochs: Int = 20, batchSize: Int = 256, optimiser: Optimiser = .adamW,
    learningRate: Double? = nil, weightDecay: Double = 1e-3, oneCycle: Bool = true,
    patience: Int = 10, gradientClip: Double = 5, augment: Bool = true, seed: UInt64 = 1,
    threads: Int = 1
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimiser = optimiser
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.oneCycle = oneCycle
    self.patience = patience
    self.gradientClip = gradientClip
    self.augment = augment
    self.seed = seed
    self.threads = threads
  }

  /// As in the source lecture: Adadelta, no schedule, L2 regularisation.
  public static let lecture = TrainingSettings(
    optimiser: .adadelta, weightDecay: 1e-5, oneCycle: false)

  var effectiveLearningRate: Double { learningRate ?? (optimiser == .adadelta ? 1 : 2e-3) }
}
