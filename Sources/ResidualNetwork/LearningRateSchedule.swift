import Glibc

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
