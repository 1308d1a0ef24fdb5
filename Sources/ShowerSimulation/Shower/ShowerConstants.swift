internal import Foundation
public import ShowerModel

/// The fitted constants of the shower model, `tables/simulation/shower-model.json`.
///
/// `make tune-simulation` makes the file from CORSIKA showers and the published laws of the
/// Telescope Array; Documentation/simulation.md has the formulas. What is chosen and not fitted is
/// in `SimulationConfiguration`.
public struct ShowerConstants: Sendable, Equatable, Decodable {
  /// Where the constants come from.
  public var source: String
  public var muons: Muons
  public var electromagnetic: Electromagnetic
  public var delay: Delay

  /// Production and transport of muons (`MuonProduction`, `MuonSpectrum`, `MuonTransport`).
  public struct Muons: Sendable, Equatable, Decodable {
    /// Muons produced above 0.22 GeV by a shower of 10 EeV with R_mu = 1.
    public var number: Double
    /// Xmax less the depth of maximum muon production, in the mean of proton showers [g/cm2].
    public var productionOffset: Double
    /// How much nearer to Xmax that is, per ln A [g/cm2].
    public var productionPerLogMass: Double
    /// Standard deviation of that from shower to shower [g/cm2].
    public var productionFluctuation: Double
    /// L of the production profile [g/cm2].
    public var productionLength: Double
    /// R of the production profile.
    public var productionAsymmetry: Double
    /// E0 [GeV] of `dN/dE ~ (E + E0)^-gamma`.
    public var spectrumOffset: Double
    /// gamma.
    public var spectrumIndex: Double
    /// beta [g/cm2]: muons produced early in the shower are harder.
    public var hardening: Double
    /// Q of `dN/dpt = pt/Q^2 exp(-pt/Q)` [GeV].
    public var momentumScale: Double
    /// kappa: delays are stretched by 1 + kappa Exp(1), for what straight lines leave out.
    public var delayTail: Double

    /// Depth of maximum muon production of a mean shower, Xmax_mu [g/cm2]; photons as protons.
    package func meanMaximum(xmax: Double, primary: Primary) -> Double {
      xmax - productionOffset + productionPerLogMass * log(Double(max(primary.massNumber, 1)))
    }
  }

  /// Signal of electrons and photons (`ElectromagneticField`); polynomials in x = ln(r/800 m),
  /// lowest order first.
  public struct Electromagnetic: Sendable, Equatable, Decodable {
    /// ln N [ln(VEM/m2)].
    public var logNorm: [Double]
    /// pk [g/cm2].
    public var peak: [Double]
    /// lambda [g/cm2].
    public var attenuation: [Double]
    /// f_h at 800 m, the part that hadrons feed.
    public var hadronicFraction: Double
    /// Exponent of r in f_h.
    public var hadronicExponent: Double
  }

  /// Delays of electrons and photons behind the plane front (`ArrivalTimes`); polynomials in x.
  public struct Delay: Sendable, Equatable, Decodable {
    /// ln of the median [ln ns].
    public var logMedian: [Double]
    /// Per 100 g/cm2 of depth beyond the maximum, from 280 g/cm2.
    public var medianPerDepth: Double
    /// Per km upstream.
    public var medianPerUpstream: Double
    /// Width of the log-normal distribution.
    public var width: [Double]
    public var widthPerDepth: Double
    public var widthPerUpstream: Double
    /// Standard deviation of ln median from shower to shower.
    public var fluctuation: Double
  }

  /// Reads the file.
  ///
  /// - Throws: `TableError` with the file and the key at fault.
  public init(parsing text: String, file: String) throws(TableError) {
    do {
      self = try JSONDecoder().decode(ShowerConstants.self, from: Data(text.utf8))
    } catch let DecodingError.keyNotFound(key, _) {
      throw TableError(table: file, reason: "\(key.stringValue) is missing")
    } catch let DecodingError.typeMismatch(_, context) {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw TableError(table: file, reason: "\(path) is of the wrong type")
    } catch {
      throw TableError(table: file, reason: "is not valid JSON")
    }
    let positive = [
      (muons.number, "muons.number"), (muons.productionLength, "muons.productionLength"),
      (muons.productionAsymmetry, "muons.productionAsymmetry"),
      (muons.spectrumOffset, "muons.spectrumOffset"), (muons.spectrumIndex, "muons.spectrumIndex"),
      (muons.momentumScale, "muons.momentumScale"),
    ]
    for (value, name) in positive where !(value > 0 && value.isFinite) {
      throw TableError(table: file, reason: "\(name) must be positive")
    }
    let polynomials = [
      electromagnetic.logNorm, electromagnetic.peak, electromagnetic.attenuation, delay.logMedian,
      delay.width,
    ]
    guard polynomials.allSatisfy({ (1...8).contains($0.count) }) else {
      throw TableError(table: file, reason: "polynomials must have 1 to 8 coefficients")
    }
  }
}

/// `sum c_k x^k`.
@inline(__always) func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
  var sum = 0.0
  for c in coefficients.reversed() { sum = sum * x + c }
  return sum
}
