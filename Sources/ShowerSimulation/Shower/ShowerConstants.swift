internal import Foundation
public import ShowerModel

/// The fitted constants of the shower model, `tables/simulation/shower-model.json`.
///
/// `make tune-simulation` makes the file from CORSIKA showers. The article TheModel has the
/// formulas. What is chosen and not fitted is in `SimulationConfiguration`.
public struct ShowerConstants: Sendable, Equatable, Decodable {
  /// Where the constants come from.
  public var source: String
  public var muons: Muons
  public var photons: Photons
  public var electrons: Electrons
  public var hadrons: Hadrons
  /// Standard deviation of the logarithm of delays from shower to shower.
  public var delayFluctuation: Double
  public var delayRatios: DelayRatios
  public var spectra: Spectra

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

  /// Photons (`PhotonField`); polynomials in x = ln(r/800 m), lowest order first.
  public struct Photons: Sendable, Equatable, Decodable {
    /// ln N [ln 1/m2].
    public var logNorm: [Double]
    /// pk [g/cm2].
    public var peak: [Double]
    /// lambda [g/cm2].
    public var attenuation: [Double]
    /// f_h at 800 m, the part that hadrons feed.
    public var hadronicFraction: Double
    /// Exponent of r in f_h.
    public var hadronicExponent: Double
    /// Exponent of the energy in what hadrons feed.
    public var energyExponent: Double
    /// Density of the air on the ground in which they were fitted [kg/m3].
    public var airDensity: Double
    /// Slope of the asymmetry of the signal between early and late side [1/m].
    public var asymmetry: Double
    public var delay: Delay
  }

  /// Electrons and positrons.
  public struct Electrons: Sendable, Equatable, Decodable {
    /// ln of their number for one photon of the cascade; polynomial in x.
    public var logRatio: [Double]
    /// Its change per 100 g/cm2 of depth beyond the maximum, from 280 g/cm2.
    public var ratioPerDepth: Double
    /// Electrons of muon decay for one muon.
    public var perMuon: Double
    /// Slope of the asymmetry of the signal between early and late side [1/m].
    public var asymmetry: Double
    public var delay: Delay
  }

  /// Hadrons above 0.3 GeV.
  public struct Hadrons: Sendable, Equatable, Decodable {
    /// ln of their number for one muon; polynomial in x.
    public var logPerMuon: [Double]
    public var delay: Delay
  }

  /// Delays of a signal behind the plane front (`ArrivalTimes`); polynomials in x.
  public struct Delay: Sendable, Equatable, Decodable {
    /// ln of the median [ln ns].
    public var logMedian: [Double]
    /// Per 100 g/cm2 of depth beyond the maximum, from 280 g/cm2.
    public var medianPerDepth: Double
    /// Per unit of tan(theta) cos(zeta), zeta the azimuth from the early side; a line in x.
    public var medianPerSlope: [Double]
    /// Width of the log-normal distribution.
    public var width: [Double]
    public var widthPerDepth: Double
    public var widthPerSlope: [Double]
  }

  /// ln of delay quantiles of a signal over those of the number of its particles, for t10, t50 and
  /// t90: `c0 + c1 x + c2 x^2 + c3 (sec theta - 1.1)`. For the comparison with CORSIKA's numbers.
  public struct DelayRatios: Sendable, Equatable, Decodable {
    public var photon: [[Double]]
    public var electron: [[Double]]
  }

  /// Energies and angles of the particles on the ground, which the response of a detector is folded
  /// with (`FoldedResponse`).
  public struct Spectra: Sendable, Equatable, Decodable {
    /// Distances from the axis [m].
    public var distances: [Double]
    /// Kinetic energies [MeV].
    public var energies: [Double]
    public var photon: Component
    public var electron: Component
    public var muon: Component
    public var hadron: Component

    public struct Component: Sendable, Equatable, Decodable {
      public var cosine: Angle
      /// ln of the deposit of single CORSIKA particles over the folded one, for what a mean angle
      /// leaves out; polynomial in x.
      public var logScale: [Double]
      /// Parts of the particles of the component by name in response tables, distance and energy.
      public var parts: [String: [[Double]]]
    }

    /// Cosine of the zenith angle of particles, weighted by their signal: `vertical - perSlant (1 -
    /// cos theta)`, both polynomials in x.
    public struct Angle: Sendable, Equatable, Decodable {
      public var vertical: [Double]
      public var perSlant: [Double]
    }
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
      (muons.momentumScale, "muons.momentumScale"), (photons.airDensity, "photons.airDensity"),
    ]
    for (value, name) in positive where !(value > 0 && value.isFinite) {
      throw TableError(table: file, reason: "\(name) must be positive")
    }
    let delays = [photons.delay, electrons.delay, hadrons.delay]
    let polynomials =
      [
        photons.logNorm, photons.peak, photons.attenuation, electrons.logRatio, hadrons.logPerMuon,
      ] + delays.flatMap { [$0.logMedian, $0.width] }
    guard polynomials.allSatisfy({ (1...8).contains($0.count) }) else {
      throw TableError(table: file, reason: "polynomials must have 1 to 8 coefficients")
    }
    guard let wrong = spectra.fault ?? delayRatios.fault else { return }
    throw TableError(table: file, reason: wrong)
  }
}

extension ShowerConstants.Spectra {
  /// What is wrong with the lists, nil where nothing is.
  fileprivate var fault: String? {
    func isRising(_ values: [Double]) -> Bool {
      (2...100).contains(values.count) && values[0] > 0
        && zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
    }
    guard isRising(distances) else { return "spectra.distances must rise" }
    guard isRising(energies) else { return "spectra.energies must rise" }
    let parts = [photon, electron, muon, hadron].flatMap { $0.parts.values }
    guard
      parts.allSatisfy({
        $0.count == distances.count
          && $0.allSatisfy { $0.count == energies.count && $0.allSatisfy { (0...1).contains($0) } }
      })
    else {
      return "spectra: parts must hold a number from 0 to 1 for every distance and energy"
    }
    return nil
  }
}

extension ShowerConstants.DelayRatios {
  fileprivate var fault: String? {
    (photon + electron).allSatisfy { $0.count == 4 } && photon.count == 3 && electron.count == 3
      ? nil : "delayRatios must hold four numbers for each of t10, t50 and t90"
  }
}

/// `sum c_k x^k`.
@inline(__always) func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
  var sum = 0.0
  for c in coefficients.reversed() { sum = sum * x + c }
  return sum
}
