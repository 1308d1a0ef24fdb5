internal import Glibc

/// How a network is trained.
///
/// A specification may give any of these but seed and threads; what it leaves out has the default.
public struct TrainingSettings: Sendable, Equatable, Codable {
  public enum Optimiser: String, Sendable, Codable, CaseIterable {
    /// Adaptive steps without a learning rate of ours (Zeiler, arXiv:1212.5701), as in the lecture.
    case adadelta
    case adam
    /// Adam with weight decay apart from the gradient (arXiv:1711.05101).
    case adamW
  }

  public var epochs = 20
  public var batchSize = 256
  public var optimiser = Optimiser.adamW
  /// nil: 1 for Adadelta, 0.002 for the others. With `oneCycle`, the largest value.
  public var learningRate: Double?
  /// L2 of all weights: lambda in AdamW's decay `rate lambda w`, or a term `lambda w` of the
  /// gradient.
  public var weightDecay = 1e-3
  /// Learning rate rises over the first fifth of all steps and then falls to almost zero.
  public var oneCycle = true
  /// Epochs without a better validation loss after which training ends.
  public var patience = 10
  /// Largest norm of the gradient; 0 for none.
  public var gradientClip = 5.0
  /// Turns and reflects each event at random (eight symmetries of the grid).
  public var symmetries = true
  public var augmentation = Augmentation()
  public var seed: UInt64 = 1
  /// Threads that compute micro-batches concurrently; the weights are the same for any
  /// number.
  public var threads = 1

  public init() {}

  /// Changes the optimiser, and with it the schedule and weight decay that suit it.
  public mutating func use(_ optimiser: Optimiser) {
    guard optimiser != self.optimiser else { return }
    self.optimiser = optimiser
    learningRate = nil
    oneCycle = optimiser != .adadelta
    weightDecay = optimiser == .adadelta ? 1e-5 : 1e-3
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ value: inout Value, _ key: CodingKeys) throws {
      value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(&epochs, .epochs)
    try read(&batchSize, .batchSize)
    try read(&optimiser, .optimiser)
    learningRate = try container.decodeIfPresent(Double.self, forKey: .learningRate)
    try read(&weightDecay, .weightDecay)
    try read(&oneCycle, .oneCycle)
    try read(&patience, .patience)
    try read(&gradientClip, .gradientClip)
    try read(&symmetries, .symmetries)
    try read(&augmentation, .augmentation)
    try read(&seed, .seed)
    try read(&threads, .threads)
  }

  /// What a specification may say.
  static let specKeys = [
    "epochs", "batchSize", "optimiser", "learningRate", "weightDecay", "oneCycle", "patience",
    "gradientClip", "symmetries", "augmentation",
  ]

  /// The key of a value that cannot be used, and the remedy.
  public var problem: (key: String, remedy: String)? {
    if epochs < 1 { return ("epochs", "must be at least 1") }
    if batchSize < 1 { return ("batchSize", "must be at least 1") }
    if patience < 1 { return ("patience", "must be at least 1") }
    if let learningRate, !(learningRate > 0) { return ("learningRate", "must be above 0") }
    if !(weightDecay >= 0) { return ("weightDecay", "must be 0 or more") }
    if !(gradientClip >= 0) { return ("gradientClip", "must be 0 or more") }
    if threads < 1 { return ("threads", "must be at least 1") }
    return augmentation.problem.map { ("augmentation.\($0.key)", $0.remedy) }
  }

  /// Number of micro-batches in a batch on processors: the most threads that can share one.
  public var microBatchCount: Int {
    MicroBatches.Plan(events: batchSize, gpu: false, processes: 1).count
  }

  var effectiveLearningRate: Double { learningRate ?? (optimiser == .adadelta ? 1 : 2e-3) }
}

/// Learning rate by step.
struct LearningRateSchedule: Sendable {
  let largest: Double
  let steps: Int
  let oneCycle: Bool

  /// One cycle: from 1/25 up over a fifth of the steps, then down to 1/10000, both as a cosine.
  ///
  /// Source: Smith and Topin, arXiv:1708.07120, with the defaults common today.
  func rate(atStep step: Int) -> Double {
    guard oneCycle, steps > 1 else { return largest }
    let warmUp = max(1, steps / 5)
    let (from, to, part) =
      step < warmUp
      ? (largest / 25, largest, Double(step) / Double(warmUp))
      : (largest, largest / 1e4, Double(step - warmUp) / Double(max(1, steps - 1 - warmUp)))
    return to + 0.5 * (from - to) * (1 + cos(.pi * min(part, 1)))
  }
}
