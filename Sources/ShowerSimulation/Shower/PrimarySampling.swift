internal import Glibc
internal import ShowerModel

/// Draws showers: primary, energy, direction, core, depth of maximum and muon number.
struct PrimarySampling: Sendable {
  private let constants: ShowerConstants
  private let array: DetectorArray
  private let primaries: [(primary: Primary, cumulative: Double)]
  private let centralStation: Int
  private let middle: Position
  /// Height of the ground of the shower model above the plane z = 0 of the array [m].
  private let groundOffset: Double

  init(
    configuration: SimulationConfiguration, constants: ShowerConstants, array: DetectorArray,
    groundHeight: Double
  ) {
    self.constants = constants
    self.array = array
    var sum = 0.0
    // The order of a dictionary differs from run to run; that of the cases does not.
    primaries = Primary.allCases.compactMap { primary in
      let weight = configuration.primaryWeights.reduce(0) {
        Primary(symbol: $1.key) == primary ? $0 + $1.value : $0
      }
      guard weight > 0 else { return nil }
      sum += weight
      return (primary, sum)
    }
    let count = Double(max(array.stations.count, 1))
    let middle = array.stations.reduce(Position.zero) { $0 + $1.position } / count
    func squaredDistance(_ index: Int) -> Double {
      let d = array.stations[index].position - middle
      return d.x * d.x + d.y * d.y
    }
    centralStation =
      array.stations.indices.min { squaredDistance($0) < squaredDistance($1) } ?? 0
    self.middle = middle
    groundOffset = groundHeight - array.referenceAltitude
  }

  /// The shower of an attempt, its time counted from the passage of the plane front at the core.
  ///
  /// `configuration` is that of the attempt: it may differ from the one of the start in what may be
  /// drawn.
  func draw(
    _ configuration: SimulationConfiguration, using random: inout CounterRandom
  ) -> Truth {
    let wanted = random.uniform() * (primaries.last?.cumulative ?? 1)
    let primary = primaries.first { wanted < $0.cumulative }?.primary ?? .proton
    let logEnergy = drawLogEnergy(configuration, random.uniform())
    let zenith = drawZenith(configuration, random.uniform())
    let (azimuth, core) = place(configuration, zenith: zenith, using: &random)
    var shower = Shower(
      logEnergy: logEnergy, zenith: zenith, azimuth: azimuth, coreX: core.x, coreY: core.y, time: 0)
    if shower.azimuth >= .pi { shower.azimuth = -.pi }
    let distribution = depthDistribution(
      configuration, primary: primary, shower: shower, using: &random)
    let xmax = distribution.sample(using: &random)
    let muonScale = MuonNumber(primary: primary, model: configuration.interactionModel).sample(
      depthPull: (xmax - distribution.mean) / distribution.deviation,
      correlation: configuration.muonDepthCorrelation, using: &random)
    let muonMaximum =
      constants.muons.meanMaximum(xmax: xmax, primary: primary)
      + constants.muons.productionFluctuation * random.normal()
    return Truth(
      shower: shower, primary: primary, xmax: xmax,
      muonScale: muonScale * configuration.muonScaleFactor, muonMaximum: muonMaximum,
      delayScale: exp(constants.delayFluctuation * random.normal()))
  }

  /// An azimuth and a core on the plane z = 0.
  func place(
    _ configuration: SimulationConfiguration, zenith: Double, using random: inout CounterRandom
  ) -> (azimuth: Double, core: Position) {
    let (first, last) = (configuration.minimumAzimuth, configuration.maximumAzimuth)
    let azimuth = wrappedAngle(first + (last - first) * random.uniform())
    return (azimuth, drawCore(configuration, zenith: zenith, azimuth: azimuth, using: &random))
  }

  private func drawLogEnergy(_ configuration: SimulationConfiguration, _ u: Double) -> Double {
    let (low, high) = (configuration.minimumLogEnergy, configuration.maximumLogEnergy)
    let exponent = configuration.spectralIndex + 1
    guard abs(exponent) > 1e-9 else { return low + (high - low) * u }
    // Inverse of the integral of E^gamma, relative to the lower edge.
    let ratio = pow(10, exponent * (high - low))
    return low + log10(1 + u * (ratio - 1)) / exponent
  }

  /// Uniform in sin^2 theta.
  private func drawZenith(_ configuration: SimulationConfiguration, _ u: Double) -> Double {
    let (least, most) = (sin(configuration.minimumZenith), sin(configuration.maximumZenith))
    guard most > 0 else { return 0 }
    let inner = (least / most) * (least / most)
    return asin(most * (inner + (1 - inner) * u).squareRoot())
  }

  /// Uniform on the ground, brought along the axis to the plane z = 0.
  private func drawCore(
    _ configuration: SimulationConfiguration, zenith: Double, azimuth: Double,
    using random: inout CounterRandom
  ) -> Position {
    let pick = random.uniform()
    let station: Int
    switch configuration.coreArea {
    case .wholeArray:
      station = min(Int(pick * Double(array.stations.count)), array.stations.count - 1)
    case .centralCell, .disc: station = centralStation
    }
    let n = Direction(zenith: zenith, azimuth: azimuth).vector
    let shift = groundOffset / n.z
    let (u, v) = (random.uniform(), random.uniform())
    let (centre, offset): (Position, SIMD2<Double>)
    if configuration.coreArea == .disc {
      let radius = configuration.coreRadius * u.squareRoot()
      offset = SIMD2(radius * cos(2 * .pi * v), radius * sin(2 * .pi * v))
      centre = middle
    } else {
      offset = array.spacing * SIMD2(u - 0.5, v - 0.5)
      centre = array.stations[station].position
    }
    return Position(
      centre.x + offset.x - shift * n.x, centre.y + offset.y - shift * n.y, 0)
  }

  private func depthDistribution(
    _ configuration: SimulationConfiguration, primary: Primary, shower: Shower,
    using random: inout CounterRandom
  ) -> DepthOfMaximum {
    guard primary == .photon else {
      return DepthOfMaximum(
        nucleus: primary.massNumber, logEnergy: shower.logEnergy,
        model: configuration.interactionModel)
    }
    let u = random.uniform()
    if configuration.photonPreshower,
      u < preshowerProbability(energy: shower.energy, direction: shower.direction)
    {
      return DepthOfMaximum(convertedPhotonWithLogEnergy: shower.logEnergy)
    }
    return DepthOfMaximum(photonWithLogEnergy: shower.logEnergy)
  }
}
