internal import Glibc
public import ShowerModel

/// Muon number of a shower relative to the mean proton shower of QGSJETII-03 of its energy, R_mu.
///
/// `R_mu = R_model A^0.084 exp(s z - s^2/2)`, s = 0.16 A^-0.33; photons 0.13 R_model with s = 0.25.
/// z is normal and correlated with the depth of the maximum. Literature by memory.
public struct MuonNumber: Sendable, Equatable {
  /// How muons grow with the energy; a judgement.
  static let energyExponent = 0.92

  /// Mean R_mu.
  public var mean: Double
  /// Standard deviation s of ln R_mu.
  public var deviation: Double

  public init(primary: Primary, model: InteractionModel) {
    if primary == .photon {
      mean = 0.13 * model.muonNumber
      deviation = 0.25
    } else {
      let mass = Double(primary.massNumber)
      mean = model.muonNumber * pow(mass, 0.084)
      deviation = 0.16 * pow(mass, -0.33)
    }
  }

  /// R_mu of one shower whose Xmax lies `depthPull` standard deviations deeper than the mean.
  public func sample(
    depthPull: Double, correlation: Double, using random: inout CounterRandom
  ) -> Double {
    let u = min(max(depthPull, -2.5), 2.5)
    let z = correlation * u + (1 - correlation * correlation).squareRoot() * random.normal()
    return mean * exp(deviation * z - 0.5 * deviation * deviation)
  }

  /// Muons produced above 0.22 GeV, `N_prod = N R_mu (E/10 EeV)^0.92`; the exponent is a judgement.
  static func produced(
    energy: Double, muonScale: Double, exponent: Double = 0.92, constants: ShowerConstants.Muons
  ) -> Double {
    constants.number * muonScale * pow(energy / 10, exponent)
  }
}
