internal import ShowerModel

/// What energy, direction and core of a good result can be.
extension Shower {
  /// Limits by the name of the column: log10(E/eV), rad, m.
  static let limits: [(name: String, limits: ClosedRange<Double>)] = [
    ("log_energy", 10...25), ("zenith", 0...4), ("azimuth", -10...10), ("core_x", -1e7...1e7),
    ("core_y", -1e7...1e7),
  ]

  /// The first value outside of its limits; NaN may stand for one that a method does not give.
  func valueWithoutMeaning(mayBeUnknown: Bool) -> (name: String, value: Double)? {
    // Most are within: asked without a list.
    guard
      !((10...25).contains(logEnergy) && (0...4).contains(zenith) && (-10...10).contains(azimuth)
        && abs(coreX) <= 1e7 && abs(coreY) <= 1e7)
    else { return nil }
    for (value, known) in zip([logEnergy, zenith, azimuth, coreX, coreY], Self.limits) {
      if value.isNaN ? !mayBeUnknown : !known.limits.contains(value) { return (known.name, value) }
    }
    return nil
  }
}
