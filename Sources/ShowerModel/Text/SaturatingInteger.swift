extension Int {
  /// The whole number next to a real one towards zero, at most 2^53 in magnitude; 0 for NaN.
  ///
  /// For values of files, which may be anything: `Int(_:)` ends the program where a number has no
  /// place in it.
  public init(saturating value: Double) {
    self = value.isNaN ? 0 : Int(Swift.min(Swift.max(value, -0x1p53), 0x1p53))
  }
}
