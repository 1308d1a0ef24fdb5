internal import Glibc
public import ShowerModel

/// A simulated shower as the energy table sees it: true energy, fitted signal and zenith angle.
public struct CalibrationShower: Sendable, Equatable {
  /// log10(E/EeV), true.
  public var logEnergy: Double
  /// sec theta, fitted.
  public var secant: Double
  /// log10(S800 / (VEM/m2)), fitted.
  public var logSignal: Double

  public init(logEnergy: Double, secant: Double, logSignal: Double) {
    self.logEnergy = logEnergy
    self.secant = secant
    self.logSignal = logSignal
  }

  /// A shower whose fit has a result and passes the cuts; nil where it does not.
  ///
  /// An energy outside the table that was used before is no reason to leave a shower out: the new table
  /// would inherit the limits of the old one.
  public init?(truth: Truth, standard: StandardResult, cuts: QualityCuts) {
    guard standard.status == .good || standard.status == .outsideEnergyTable,
      standard.signal800 > 0, cuts.firstFailed(standard) == nil
    else { return nil }
    self.init(
      logEnergy: truth.shower.logEnergy - Units.logEnergyOfEeV,
      secant: 1 / cos(standard.shower.zenith), logSignal: log10(standard.signal800))
  }
}
