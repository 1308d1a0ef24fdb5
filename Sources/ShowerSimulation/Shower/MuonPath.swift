internal import Glibc
internal import ShowerModel

/// The way of a muon through the air from its production to the ground, in a straight line.
///
/// Constant energy loss and an atmosphere that is exponential along the path make loss, survival
/// and kinematic delay closed formulas.
struct MuonPath {
  /// Energy loss, k [GeV cm2/g].
  static let loss = 2.1e-3
  /// Muon mass [GeV].
  static let mass = 0.10566
  /// c tau [m].
  static let decayLength = 658.65
  /// Least energy at the ground [GeV].
  static let leastFinalEnergy = 0.16

  /// Slant depth along the muon's path at production, X_p, and at the ground, X_G [g/cm2].
  let productionDepth: Double
  let groundDepth: Double
  /// Scale height of the air along the path, H_s [m].
  let scaleHeight: Double
  /// ln(X_G/X_p).
  let logDepthRatio: Double

  /// The path of a muon produced at the vertical depth X_v [g/cm2] with secant 1/cos of its zenith
  /// angle.
  ///
  /// `scaleHeight` is H = (h - h0)/ln(X_g/X_v) [m], `groundDepth` the vertical X_g [g/cm2] and
  /// `logDepthRatio` ln(X_g/X_v).
  @inline(__always)
  init(
    verticalDepth: Double, scaleHeight: Double, groundDepth: Double, logDepthRatio: Double,
    secant: Double
  ) {
    productionDepth = verticalDepth * secant
    self.groundDepth = groundDepth * secant
    self.scaleHeight = scaleHeight * secant
    self.logDepthRatio = logDepthRatio
  }

  /// Total energy lost on the way [GeV].
  @inline(__always) var energyLoss: Double { MuonPath.loss * (groundDepth - productionDepth) }

  /// Probability to reach the ground before decay, 0 where the energy does not suffice.
  @inline(__always) func survival(energy: Double) -> Double {
    let final = energy - energyLoss
    guard final > MuonPath.leastFinalEnergy else { return 0 }
    let epsilon = energy + MuonPath.loss * productionDepth
    let logarithm = logDepthRatio + log(energy / final)
    return exp(-MuonPath.mass / MuonPath.decayLength * scaleHeight / epsilon * logarithm)
  }

  /// Delay behind light on the same path [ns]:
  /// `(m^2/2c) H_s [L/eps^2 + (1/E_f - 1/E)/eps]`.
  @inline(__always) func kinematicDelay(energy: Double) -> Double {
    let final = finalEnergy(energy)
    return kinematicDelay(
      energy: energy, final: final, logLoss: VectorFunctions.log(energy / final))
  }

  /// The same with the energy at the ground and `logLoss` = ln(E/E_f).
  @inline(__always) func kinematicDelay(
    energy: Double, final: Double, logLoss: Double
  ) -> Double {
    let epsilon = energy + MuonPath.loss * productionDepth
    let logarithm = logDepthRatio + logLoss
    return MuonPath.mass * MuonPath.mass / (2 * 0.299792458) * scaleHeight
      * (logarithm / epsilon + 1 / final - 1 / energy) / epsilon
  }

  /// Energy at the ground [GeV].
  @inline(__always) func finalEnergy(_ energy: Double) -> Double {
    max(energy - energyLoss, MuonPath.leastFinalEnergy)
  }
}

/// Energy of muons at production.
struct MuonSpectrum {
  static let leastEnergy = 0.22
  static let greatestEnergy = 300.0
  /// Where the tilt of the spectrum turns [GeV].
  static let pivotEnergy = 2.0

  /// Energies [GeV], spaced logarithmically.
  let energies: [Double]
  /// Weights of `dN/dE ~ (E + E0)^-gamma`.
  let weights: [Double]

  /// The muon number is defined with 30 points of equal weight in ln E, whose sum is 1. Finer grids
  /// keep that normalisation.
  init(_ constants: ShowerConstants.Muons, points: Int) {
    func rectangles(_ points: Int) -> (energies: [Double], weights: [Double]) {
      let step = log(Self.greatestEnergy / Self.leastEnergy) / Double(points - 1)
      let energies = (0..<points).map { Self.leastEnergy * exp(step * Double($0)) }
      return (
        energies,
        energies.map { pow($0 + constants.spectrumOffset, -constants.spectrumIndex) * $0 * step }
      )
    }
    let norm = rectangles(30).weights.reduce(0, +)
    let (energies, weights) = rectangles(points)
    self.energies = energies
    self.weights = weights.map { $0 / norm }
  }
}

/// The straight line from a production bin on the axis to a station.
struct MuonRay {
  /// Length [m].
  let length: Double
  /// Component along the axis, z [m].
  let along: Double
  /// Sine of the angle to the axis.
  let sine: Double
  /// Cosine of the zenith angle.
  let cosine: Double

  @inline(__always) init(bin: MuonProduction.Bin, upstream: Double, distance r: Double) {
    along = max(bin.distance - upstream, 20)
    length = (along * along + r * r).squareRoot()
    sine = r / length
    cosine = min(max(bin.level.height / length, 0.05), 1)
  }

  /// Delay of light on this way behind the plane front [ns].
  @inline(__always) var pathDelay: Double { (length - along) / Units.speedOfLight }

  /// z^2 / l^3 / (2 pi r) [1/m2], per transverse momentum over energy.
  @inline(__always) func dilution(_ r: Double) -> Double {
    along * along / (length * length * length * 2 * .pi * r)
  }

  @inline(__always) func path(_ bin: MuonProduction.Bin, groundDepth: Double) -> MuonPath {
    MuonPath(
      verticalDepth: bin.level.verticalDepth, scaleHeight: bin.level.scaleHeight,
      groundDepth: groundDepth, logDepthRatio: bin.level.logDepthRatio, secant: 1 / cosine)
  }
}
