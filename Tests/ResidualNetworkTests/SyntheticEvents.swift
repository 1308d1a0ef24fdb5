import Glibc
import ShowerModel

@testable import ResidualNetwork

/// Events whose residuals are known functions of what the detector saw.
///
/// ln E is written into the width of the waveforms alone, the direction into the time residuals;
/// the rest is noise. All coordinates and times are multiples of 1/64, so that sums of them are
/// exact.
struct SyntheticEvents {
  let array = DetectorArray.idealGrid(columns: 12, rows: 12)

  func dyadic(_ value: Double) -> Double { (value * 64).rounded() / 64 }

  func make(count: Int, seed: UInt64 = 5, from first: Int = 0) -> [ReconstructedEvent] {
    (first..<first + count).map { make(id: $0, seed: seed) }
  }

  func make(id: Int, seed: UInt64) -> ReconstructedEvent {
    var random = CounterRandom(seed: seed, event: id)
    let core = SIMD2(
      dyadic(random.uniform(-1500..<1500)), dyadic(random.uniform(-1500..<1500)))
    let shower = Shower(
      logEnergy: random.uniform(18.5..<20), zenith: random.uniform(0.1..<0.8),
      azimuth: random.uniform(-3..<3), coreX: core.x, coreY: core.y, time: 4096)
    let signal800 = pow(10, shower.logEnergy - 18.0) / 2
    let hidden = random.normal()
    let tilt = random.normal()
    let across = random.normal()

    var standard = StandardResult(
      reconstruction: Reconstruction(shower: shower, sigma: sigma, status: .good))
    standard.signal800 = signal800
    standard.signal800Sigma = 0.1 * signal800
    standard.curvature = 1
    standard.directionSigma = 0.02
    standard.chi2Time = 5
    standard.chi2Signal = 5
    standard.chi2Silent = 1
    standard.degreesOfFreedom = 10
    standard.stationCount = 8

    let axis = shower.axis
    var hits: [Hit] = []
    var signals: [StationSignal] = []
    for (index, station) in array.stations.enumerated() {
      let distance = axis.distance(of: station.position)
      guard distance < 1700 else { continue }
      let expected = signal800 * LateralDistribution.inr(max(distance, 100), zenith: shower.zenith)
      let along = axis.upstream(of: station.position) / 1000
      let sideways =
        ((station.position - axis.core) * axis.direction.azimuthUnit).sum() / 1000
      let start = dyadic(shower.time + axis.planeDelay(at: station.position))
      let width = 8 * exp(0.35 * hidden)
      hits.append(
        Hit(
          station: index, windowStart: start,
          upper: waveform(charge: 3 * expected, width: width),
          lower: waveform(charge: 3 * expected, width: width),
          truth: HitTruth(muonSignal: hidden, electromagneticSignal: tilt)))
      signals.append(
        StationSignal(
          station: index, time: start + 300, timeError: 30, upper: 3 * expected,
          lower: 3 * expected, windowCount: 1, isSaturated: false, role: .fitted,
          timeResidual: dyadic(60 * (tilt * along + across * sideways)), expectedSignal: expected))
    }
    let truth = shower.shifted(by: [
      0.02 * tilt, 0.02 * across, 0.15 * hidden, 30 * random.normal(), 30 * random.normal(),
    ])
    return ReconstructedEvent(
      event: Event(
        id: id, showerID: id, time: 0, hits: hits, deadStations: [id % 144],
        truth: Truth(shower: truth, primary: .proton, xmax: 750, muonScale: 1)),
      stations: signals, standard: standard)
  }

  private var sigma: Shower {
    Shower(logEnergy: 0.06, zenith: 0.02, azimuth: 0.05, coreX: 50, coreY: 50, time: 20)
  }

  private func waveform(charge: Double, width: Double) -> Waveform {
    var samples = [UInt16](repeating: 6, count: 128)
    let norm = 39 * charge / (width * width)
    for t in 15..<128 {
      let x = Double(t - 15)
      samples[t] = UInt16(min(4000, 6 + norm * x * exp(-x / width)))
    }
    return Waveform(samples: samples, pedestal: 6, pedestalDeviation: 0.3, countsPerVEM: 39)
  }

  /// The whole event turned about the middle of the array.
  func turned(_ event: ReconstructedEvent, by symmetry: GridSymmetry) -> ReconstructedEvent {
    func turn(_ station: Int) -> Int {
      let position = array.stations[station].position
      let place = symmetry(SIMD2(position.x, position.y))
      return array.stations.firstIndex { $0.position.x == place.x && $0.position.y == place.y }
        ?? -1
    }
    func turn(_ shower: Shower) -> Shower {
      var result = shower
      let n = shower.direction.vector
      let direction = symmetry(SIMD2(n.x, n.y))
      result.azimuth = atan2(direction.y, direction.x)
      let core = symmetry(SIMD2(shower.coreX, shower.coreY))
      (result.coreX, result.coreY) = (core.x, core.y)
      return result
    }
    var result = event
    result.event.hits = event.event.hits.map { hit in
      var hit = hit
      hit.station = turn(hit.station)
      return hit
    }.sorted { ($0.station, $0.windowStart) < ($1.station, $1.windowStart) }
    result.stations = event.stations.map { signal in
      var signal = signal
      signal.station = turn(signal.station)
      return signal
    }.sorted { $0.station < $1.station }
    result.event.deadStations = event.event.deadStations.map(turn)
    result.event.truth?.shower = turn(event.event.truth?.shower ?? .undefined)
    result.standard.reconstruction.shower = turn(event.standard.shower)
    return result
  }

  /// A network that trains in seconds.
  static let tinySpec = NetworkSpec(
    name: "tiny", gridSize: 4, samples: 128,
    encoder: [
      LayerSpec("convolution", ["kernel": 8, "stride": 8, "maps": 8]),
      LayerSpec("convolution", ["kernel": 4, "stride": 2, "maps": 8]),
      LayerSpec("dense", ["size": 8]),
    ],
    grid: [
      LayerSpec("context", ["size": 12, "of": ["event"]]),
      LayerSpec("convolution", ["maps": 12, "residual": true]), LayerSpec("dense", ["size": 8]),
      LayerSpec("flatten"),
    ],
    event: [LayerSpec("dense", ["size": 32])])

  /// The same with all inputs that there are.
  static var fullSpec: NetworkSpec {
    var spec = tinySpec
    spec.inputs = NetworkSpec.Inputs(
      cell: CellInput.all.map(\.name), station: StationInput.all.map(\.name),
      event: EventInput.all.map(\.name))
    return spec
  }

  /// A network of stations without a grid.
  static var setSpec: NetworkSpec {
    var spec = tinySpec
    spec.grid = []
    spec.inputs.cell = []
    spec.inputs.station += ["along", "across", "log_expected_signal"]
    spec.stations = [
      LayerSpec("dense", ["size": 16]),
      LayerSpec("context", ["size": 16, "of": ["event", "mean", "max"], "residual": true]),
      LayerSpec("attention", ["heads": 2]),
      LayerSpec("summary", ["of": ["mean", "max", "attention"], "heads": 2]),
    ]
    return spec
  }
}
