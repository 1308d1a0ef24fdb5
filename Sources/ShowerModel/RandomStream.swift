/// The purpose of a stream of random numbers: one case for each use.
///
/// Results depend on these numbers: never change one, and give a new case a number below 256 that
/// is free. Cases that had the same number before they had names still share it, since another
/// number would change results:
///
/// - 0: `generic`, `shower`, `altitudes`, `depthOfMaximum`, `photonSignals`
/// - 1: `deadStations`, `protonSignals`
/// - 4: `clock`, `heliumSignals`
/// - 7: `detectorSettings`, `poissonWeights`
/// - 8: `badLayers`, `bootstrap`
/// - 105: `stationRisetimes`, `singleMuons`
///
/// A test asserts that all other numbers are distinct.
public enum RandomStream: Sendable, CaseIterable {
  // MARK: Simulation of an event

  /// Where no purpose is given: tests and studies.
  case generic
  /// Primary particle, axis, core and fluctuations of a shower.
  case shower
  case deadStations
  /// Numbers and arrivals of particles at a station.
  case particles
  case electronics
  /// Clock of a station.
  case clock
  case noise
  /// Background muons.
  case background
  /// Detector settings that are drawn for every shower.
  case detectorSettings
  case badLayers
  /// Altitudes of the stations of an ideal array.
  case altitudes

  // MARK: Comparison

  /// Poisson weights of bootstrap replicas.
  case poissonWeights
  case bootstrap
  /// Folds of the polynomial control.
  case polynomialControl
  /// Order in which events of two files are matched, and exchanges within the pairs.
  case pairOrder, pairExchange

  // MARK: Validation of the simulation

  case depthOfMaximum
  /// Mean signals of photon, proton, helium, nitrogen and iron showers.
  case photonSignals, protonSignals, heliumSignals, nitrogenSignals, ironSignals
  case muonNumbers
  /// Delays of particles in a ring.
  case delays
  /// Showers of the risetime in rings.
  case ringRisetimes
  case firstParticles
  case stationRisetimes
  case singleMuons
  /// Delays in rings of CORSIKA showers, and on their early and late side.
  case corsikaRings, corsikaSides

  // MARK: CORSIKA showers

  /// Draws of the true S800.
  case corsikaSignal800
  /// Stations in rings, and on a circle.
  case corsikaRingStations, corsikaCircleStations

  // MARK: Networks

  case initialWeights
  case trainingOrder
  /// Random changes of training events.
  case augmentation
  /// Seeds of dropout and noise of a micro-batch.
  case dropout

  /// The number in the counter of `CounterRandom`, 0 to 255.
  @inlinable public var number: Int {
    switch self {
    case .generic, .shower, .altitudes, .depthOfMaximum, .photonSignals: 0
    case .deadStations, .protonSignals: 1
    case .particles: 2
    case .electronics: 3
    case .clock, .heliumSignals: 4
    case .noise: 5
    case .background: 6
    case .detectorSettings, .poissonWeights: 7
    case .badLayers, .bootstrap: 8
    case .polynomialControl: 9
    case .pairOrder: 10
    case .pairExchange: 11
    case .nitrogenSignals: 14
    case .ironSignals: 56
    case .muonNumbers: 101
    case .delays: 102
    case .ringRisetimes: 103
    case .firstParticles: 104
    case .stationRisetimes, .singleMuons: 105
    case .corsikaRings: 110
    case .corsikaSides: 111
    case .corsikaSignal800: 120
    case .corsikaRingStations: 121
    case .corsikaCircleStations: 122
    case .initialWeights: 200
    case .trainingOrder: 201
    case .augmentation: 202
    case .dropout: 203
    }
  }
}
