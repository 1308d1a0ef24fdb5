/// A uniform number that decides one thing after another: what a decision leaves of it is uniform
/// again.
///
/// No processor foresees such decisions, so they are made without branches where that is possible.
struct UniformRest {
  private(set) var value: Double

  init(_ value: Double) { self.value = value }

  /// 1 with a probability, else 0.
  @inline(__always) mutating func step(_ probability: Double) -> Int {
    // The sign of the rest decides: the compiler would make branches of comparisons.
    let isFirst = (value - probability).bitPattern >> 63
    let other = Double(bitPattern: (isFirst &- 1) & (1.0).bitPattern)
    value = (value - other * probability) / (other - probability).magnitude
    return Int(truncatingIfNeeded: isFirst)
  }
}
