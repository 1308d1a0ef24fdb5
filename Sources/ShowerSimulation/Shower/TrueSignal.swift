internal import Glibc
internal import ShowerModel

/// The signal density that stations at 800 m from the axis measure in the mean, true S800.
///
/// Expected particles of the shower's field, times what a particle deposits in a layer in the mean.
/// Delayed neutrons (below 1 % of it, most of them after the window) and accidental particles are
/// not counted.
struct TrueSignal: Sendable {
  static let distance = 800.0
  /// Azimuths from the early to the late side. The field is even in the azimuth and smooth: four
  /// equal steps of the half circle give its mean to 0.05 %.
  static let azimuthCount = 4

  /// Measured over expected signal of an electromagnetic hit.
  private let electromagneticFactor: Double

  init(configuration: SimulationConfiguration) {
    let moments = ElectromagneticMoments(bothLayersFraction: configuration.bothLayersFraction)
    electromagneticFactor =
      moments.mean / ParticleResponse.energyOfVEM / SignalUnits.electromagneticHitVEM
  }

  /// True S800 [VEM/m2] of the shower of a field.
  func signal800(_ field: inout ShowerField) -> Double {
    let tangent = tan(field.truth.shower.zenith)
    let step = Double.pi / Double(Self.azimuthCount)
    return (0..<Self.azimuthCount).reduce(0) { sum, index in
      let upstream = Self.distance * tangent * cos((Double(index) + 0.5) * step)
      return sum + mean(&field, distance: Self.distance, upstream: upstream)
    } / Double(Self.azimuthCount)
  }

  /// Mean measured density at one place [VEM/m2].
  func mean(_ field: inout ShowerField, distance: Double, upstream: Double) -> Double {
    let signals = field.signals(distance: distance, upstream: upstream)
    // A flat station counts density times cosine, and each muon's path is longer by its secant.
    let perMuon = ParticleResponse.meanMuonDeposit / ParticleResponse.energyOfVEM
    return signals.muonDensity * perMuon + signals.electromagneticSignal * electromagneticFactor
  }
}
