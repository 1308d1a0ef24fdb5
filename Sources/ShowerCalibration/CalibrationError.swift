/// Why simulated showers make no energy table, or no tuned front.
package enum CalibrationError: Error, Equatable, CustomStringConvertible {
  /// Showers in the range of energies, and what was asked for.
  case tooFewShowers(found: Int, needed: String)
  /// log10(E/EeV) and sec theta at which the fitted signal does not grow with the energy.
  case notRising(logEnergy: Double, secant: Double)
  /// The law has no unique fit.
  case undetermined(String)
  /// Stations with a time, and what a front needs.
  case tooFewStations(found: Int, needed: Int)
  /// Delays and errors of a front have no unique fit.
  case undeterminedFront(String)

  package var description: String {
    switch self {
    case .tooFewShowers(let found, let needed):
      "too few showers for an energy table: \(found) are left, \(needed). Simulate more events"
    case .notRising(let logEnergy, let secant):
      "the fitted S800 does not grow with the energy at log10(E/EeV) \(logEnergy), sec theta "
        + "\(secant): "
        + "simulate more events, or narrow the range of energies"
    case .undetermined(let reason): "the showers do not determine the law of S800: \(reason)"
    case .tooFewStations(let found, let needed):
      "too few stations for a front: \(found) are left, at least \(needed) are needed. Simulate "
        + "more events"
    case .undeterminedFront(let reason):
      "the stations do not determine the front: \(reason). Simulate more events, of a range of "
        + "energies and "
        + "zenith angles"
    }
  }
}
