import Glibc
import ShowerModel
import StandardReconstruction

/// Events made to break a reconstruction.
enum AdversarialEvents {
  /// What became of them.
  struct Outcome {
    var statuses: [ReconstructionStatus: Int] = [:]
    /// Numbers that are not finite in results with a geometry, in words.
    var notFinite: [String] = []
  }

  /// Kinds of mischief, mixed at random.
  enum Mischief: Int, CaseIterable {
    case none, badTimes, noSignal, line, oneStation, sameStation, absurdPositions, fullScale
    case badCalibration, unevenSamples, badNumbers
  }

  static func run(events: Int, seed: UInt64) -> Outcome {
    var outcome = Outcome()
    let fits = Configurations.all.map(\.fit)
    let workspaces = fits.map { $0.makeWorkspace() }
    for number in 0..<events {
      var random = CounterRandom(seed: seed, event: number)
      let kind = Mischief.allCases[Int(random.uniform() * Double(Mischief.allCases.count))]
      let choice = Int(random.uniform() * Double(fits.count))
      var fit = fits[choice]
      var workspace = workspaces[choice]
      if kind == .absurdPositions || kind == .line || kind == .sameStation {
        fit = Configurations.fit(in: array(kind, &random), like: fit)
        workspace = fit.makeWorkspace()
      }
      let made =
        random.uniform() < 0.5
        ? fit.reconstruct(event(kind, fit.array, &random), workspace: workspace)
        : fit.reconstruct(signals(kind, fit.array, &random), workspace: workspace)
      outcome.statuses[made.result.status, default: 0] += 1
      let isJoint = fit.configuration.mode == .joint
      for name in unfinished(made.result, isJoint) {
        outcome.notFinite.append("event \(number), \(kind), \(made.result.status): \(name)")
      }
    }
    return outcome
  }

  /// Names of numbers that should be finite and are not.
  private static func unfinished(_ result: StandardResult, _ isJoint: Bool) -> [String] {
    guard [.good, .outsideEnergyTable, .geometryOnly].contains(result.status) else { return [] }
    let (shower, sigma) = (result.shower, result.reconstruction.sigma)
    var numbers: [(String, Double)] = [
      ("zenith", shower.zenith), ("azimuth", shower.azimuth), ("core_x", shower.coreX),
      ("core_y", shower.coreY), ("time", shower.time), ("zenith_sigma", sigma.zenith),
      ("azimuth_sigma", sigma.azimuth), ("core_x_sigma", sigma.coreX),
      ("core_y_sigma", sigma.coreY), ("time_sigma", sigma.time), ("curvature", result.curvature),
      ("curvature_sigma", result.curvatureSigma), ("direction_sigma", result.directionSigma),
      ("chi2", result.chi2), ("ndf", result.degreesOfFreedom),
      ("edge_distance", result.edgeDistance),
    ]
    if isJoint {
      numbers += [("signal800", result.signal800), ("signal800_sigma", result.signal800Sigma)]
    }
    if result.status == .good {
      numbers += [("log_energy", shower.logEnergy), ("log_energy_sigma", sigma.logEnergy)]
    }
    numbers += result.covariance.enumerated().map { ("covariance \($0)", $1) }
    return numbers.filter { !$1.isFinite }.map(\.0)
  }

  // MARK: - Arrays, waveforms and numbers

  private static func array(_ kind: Mischief, _ random: inout CounterRandom) -> DetectorArray {
    let usual = DetectorArray.idealGrid(columns: 6, rows: 6)
    let scale = [1e-300, 1e-3, 1e6, 1e12, 1e150, 1e300][Int(random.uniform() * 6)]
    return DetectorArray(
      name: "adversarial", spacing: 1200, referenceAltitude: 0,
      stations: usual.stations.map { station in
        var position = station.position
        switch kind {
        case .line: position = Position(position.x, 0, 0)
        case .sameStation: position = Position(0, 0, 0)
        default:
          position *= scale
          if random.uniform() < 0.1 { position.x = .nan }
          if random.uniform() < 0.1 { position.z = .infinity }
        }
        return Station(
          id: station.id, column: station.column, row: station.row, position: position)
      })
  }

  private static func event(
    _ kind: Mischief, _ array: DetectorArray, _ random: inout CounterRandom
  ) -> Event {
    let count = kind == .oneStation ? 1 : 1 + Int(random.uniform() * 12)
    let first = Int(random.uniform() * Double(array.stations.count))
    var hits: [Hit] = []
    for k in 0..<count {
      let station =
        random.uniform() < 0.8
        ? (first + k % 3 + 6 * (k / 3)) % array.stations.count
        : Int(random.uniform() * Double(array.stations.count))
      var start = 1000 * random.normal() + 3000 * Double(k / 3)
      if kind == .badTimes { start = badNumber(&random) ?? start }
      hits.append(
        Hit(
          station: station, windowStart: start, upper: waveform(kind, &random),
          lower: waveform(kind, &random)))
    }
    let dead = (0..<Int(random.uniform() * 10)).map { _ in
      Int(random.uniform() * Double(array.stations.count))
    }
    return Event(id: 0, showerID: 0, hits: hits, deadStations: dead)
  }

  private static func waveform(_ kind: Mischief, _ random: inout CounterRandom) -> Waveform {
    let size = pow(10, 3 * random.uniform())
    let onset = Int(random.uniform() * 100)
    let length = kind == .unevenSamples ? Int(random.uniform() * 200) : 128
    let samples = (0..<length).map { j -> UInt16 in
      switch kind {
      case .noSignal: return 6
      case .fullScale: return random.uniform() < 0.5 ? .max : 4095
      default:
        let pulse = j < onset ? 0 : size * Double(j - onset) / 3 * exp(-Double(j - onset) / 3)
        return UInt16(min(max(6 + pulse + random.normal(), 0), 4095))
      }
    }
    var result = Waveform(
      samples: samples, pedestal: 6, pedestalDeviation: 0.26, countsPerVEM: 39)
    if kind == .badCalibration {
      result.pedestal = badNumber(&random) ?? 6
      result.pedestalDeviation = badNumber(&random) ?? 0.26
      result.countsPerVEM = badNumber(&random) ?? 39
    }
    return result
  }

  private static func signals(
    _ kind: Mischief, _ array: DetectorArray, _ random: inout CounterRandom
  ) -> [StationSignal] {
    let count = kind == .oneStation ? 1 : 1 + Int(random.uniform() * 12)
    let first = Int(random.uniform() * Double(array.stations.count))
    return (0..<count).map { k in
      let signal = kind == .noSignal ? 0 : pow(10, 4 * random.uniform() - 1)
      var row = StationSignal(
        station: (first + k % 3 + 6 * (k / 3)) % array.stations.count,
        time: 1000 * random.normal() + 3000 * Double(k / 3), timeError: 30 * random.uniform(),
        upper: signal, lower: signal, windowCount: 1,
        isSaturated: kind == .fullScale || random.uniform() < 0.1)
      if kind == .badTimes { row.time = badNumber(&random) ?? row.time }
      if kind == .badNumbers {
        row.upper = badNumber(&random) ?? row.upper
        row.lower = badNumber(&random) ?? row.lower
        row.timeError = badNumber(&random) ?? row.timeError
      }
      return row
    }
  }

  /// A number that should not be, or nil.
  private static func badNumber(_ random: inout CounterRandom) -> Double? {
    let numbers: [Double?] = [
      .nan, .infinity, -.infinity, 0, -0.0, -1, 1e308, -1e308, .leastNonzeroMagnitude, 1e18, nil,
      nil,
    ]
    return numbers[Int(random.uniform() * Double(numbers.count))]
  }
}

/// The fits that the events go through.
private struct Configurations {
  let fit: StandardFit

  static let all: [Configurations] = {
    let grid = DetectorArray.idealGrid(columns: 6, rows: 6)
    var configurations = [FitConfiguration()]
    for front in ShowerFront.all {
      var joint = FitConfiguration()
      joint.front = front
      joint.lateralDistribution = .utah
      joint.usesExpectedSignalSigma = true
      var geometry = FitConfiguration()
      geometry.front = front
      geometry.mode = .geometry(core: nil)
      geometry.clusterRule = .everyStation
      geometry.timeError = .measuredSignal
      configurations += [joint, geometry]
    }
    return configurations.map {
      Configurations(fit: StandardFit(array: grid, energyTable: table, configuration: $0))
    }
  }()

  static func fit(in array: DetectorArray, like fit: StandardFit) -> StandardFit {
    StandardFit(array: array, energyTable: table, configuration: fit.configuration)
  }

  /// S proportional to E: enough where only the way of the numbers counts.
  private static let table: EnergyTable = {
    var text = "sec_theta,log10_s800,log10_energy_eev\n"
    for i in 0..<40 {
      for j in 0..<80 {
        text += "\(1 + 0.02 * Double(i)),\(-1 + 0.06 * Double(j)),\(-0.3 + 0.06 * Double(j))\n"
      }
    }
    guard let table = try? EnergyTable(parsing: text, name: "proportional") else {
      preconditionFailure("the table written above is one")
    }
    return table
  }()
}
