/// What energy, direction and core of a good result can be.
extension Shower {
  /// Limits by the name of the column: log10(E/eV), rad, m.
  package static let limits: [(name: String, limits: ClosedRange<Double>)] = [
    ("log_energy", logEnergies), ("zenith", zeniths), ("azimuth", azimuths), ("core_x", cores),
    ("core_y", cores),
  ]
  private static let (logEnergies, zeniths) = (10.0...25, 0.0...4)
  private static let (azimuths, cores) = (-10.0...10, -1e7...1e7)

  /// What an error can be, in the unit of its column.
  package static let errors = 0.0...1e7
  private static let errorLimits = limits.map { (name: $0.name + "_sigma", limits: errors) }

  /// The first value outside of its limits; NaN may stand for one that a method does not give.
  package func valueWithoutMeaning(mayBeUnknown: Bool) -> (name: String, value: Double)? {
    // Most are within: asked without a list, here and below.
    guard
      !(Self.logEnergies.contains(logEnergy) && Self.zeniths.contains(zenith)
        && Self.azimuths.contains(azimuth) && Self.cores.contains(coreX)
        && Self.cores.contains(coreY))
    else { return nil }
    return first(outside: Self.limits, mayBeUnknown: mayBeUnknown)
  }

  /// As `valueWithoutMeaning`, where the values are errors of energy, direction and core.
  package func errorWithoutMeaning(mayBeUnknown: Bool) -> (name: String, value: Double)? {
    guard
      !(Self.errors.contains(logEnergy) && Self.errors.contains(zenith)
        && Self.errors.contains(azimuth) && Self.errors.contains(coreX)
        && Self.errors.contains(coreY))
    else { return nil }
    return first(outside: Self.errorLimits, mayBeUnknown: mayBeUnknown)
  }

  private func first(
    outside limits: [(name: String, limits: ClosedRange<Double>)], mayBeUnknown: Bool
  ) -> (name: String, value: Double)? {
    for (value, known) in zip([logEnergy, zenith, azimuth, coreX, coreY], limits) {
      if value.isNaN ? !mayBeUnknown : !known.limits.contains(value) { return (known.name, value) }
    }
    return nil
  }
}
