internal import Glibc
internal import ShowerModel
internal import ShowerSimulation

extension SimulationValidation {
  func timeRows() -> [Row] { risetimeRows() + stationRisetimeRows() + firstParticleRows() }

  /// Quantiles of the delays of the signal at a distance, over all azimuths.
  private func delays(_ truth: Truth, distance: Double) -> (Double) -> Double {
    var random = CounterRandom(seed: seed, event: Int(distance), stream: .delays)
    var field = makeField(truth)
    var values: [Double] = []
    for azimuth in 0..<32 {
      let cosine = cos((Double(azimuth) + 0.5) / 32 * .pi)
      let upstream = distance * tan(truth.shower.zenith) * cosine
      let signals = field.signals(distance: distance, upstream: upstream)
      for _ in 0..<400 {
        values.append(delay(signals, field, by: \.signal, using: &random))
      }
    }
    values.sort()
    return { values[Int($0 * Double(values.count))] }
  }

  typealias Part = ShowerField.Signals.Part

  /// The delay of one hit of any component, drawn in proportion to hits or signals.
  private func delay(
    _ signals: ShowerField.Signals, _ field: ShowerField, by size: (Part) -> Double,
    using random: inout CounterRandom
  ) -> Double {
    let components = [
      signals.muons, signals.decays, signals.photons, signals.electrons, signals.hadrons,
    ]
    let sizes = components.map(size)
    var wanted = random.uniform() * sizes.reduce(0, +)
    var index = 0
    while index < sizes.count - 1, wanted > sizes[index] {
      wanted -= sizes[index]
      index += 1
    }
    switch index {
    case 0: return field.muon(using: &random).delay
    case 1:
      return field.muon(using: &random).delay
        + random.exponential(mean: StationParticles.decayDelay * signals.photonArrival.median)
    case 2: return signals.photonArrival.delay(normal: random.normal())
    case 3: return signals.electronArrival.delay(normal: random.normal())
    default: return signals.hadronArrival.delay(normal: random.normal())
    }
  }

  /// Time from 10 to 50 % of the signal, mean of 60 proton showers of 30 EeV at 30 degrees.
  private func risetimeRows() -> [Row] {
    let zenith = 30 * Units.degree
    return [600.0, 1000, 1050, 1500].map { distance in
      var random = CounterRandom(seed: seed, event: Int(distance), stream: .ringRisetimes)
      var sum = 0.0
      for _ in 0..<60 {
        let truth = shower(.proton, energy: 30, zenith: zenith, using: &random)
        let delays = delays(truth, distance: distance)
        sum += (delays(0.5) - delays(0.1)) / 60
      }
      let name = "risetime 10-50 %, p 30 EeV 30 deg, \(Int(distance)) m [ns]"
      return distance == 1050
        ? Row(name + " (AGASA)", "357, by memory", nil, sum)
        : Row(name, "rising with distance", nil, sum)
    }
  }

  /// The same station by station: the mean of what scintillators of 2.2 m2 (those of AGASA)
  /// measure. Few particles reach their 10 % later than many.
  private func stationRisetimeRows() -> [Row] {
    let (zenith, distance, area) = (30 * Units.degree, 1050.0, 2.2)
    return [3.0, 10, 30, 100].map { energy in
      var random = CounterRandom(seed: seed, event: Int(energy), stream: .stationRisetimes)
      var (sum, count) = (0.0, 0.0)
      for _ in 0..<400 {
        var field = makeField(shower(.proton, energy: energy, zenith: zenith, using: &random))
        let upstream = distance * tan(zenith) * cos(2 * .pi * random.uniform())
        let signals = field.signals(distance: distance, upstream: upstream)
        let parts = [
          signals.muons, signals.decays, signals.photons, signals.electrons, signals.hadrons,
        ]
        let hits = random.poisson(mean: area * parts.reduce(0) { $0 + $1.hits })
        guard hits >= 5 else { continue }
        // All hits with the same weight, drawn by their signals.
        let delays = (0..<hits).map { _ in
          (delay: delay(signals, field, by: \.signal, using: &random), signal: 1.0)
        }
        sum += Self.risetime(delays)
        count += 1
      }
      return Row(
        "risetime 10-50 %, single stations of 2.2 m2, p \(Int(energy)) EeV 30 deg, 1050 m [ns]",
        "no target", nil, sum / count)
    }
  }

  /// Time from 10 to 50 % of the sum of signals.
  private static func risetime(_ signals: [(delay: Double, signal: Double)]) -> Double {
    let sorted = signals.sorted { $0.delay < $1.delay }
    let total = sorted.reduce(0) { $0 + $1.signal }
    func time(_ fraction: Double) -> Double {
      var sum = 0.0
      let first = sorted.first {
        sum += $0.signal
        return sum >= fraction * total
      }
      return first?.delay ?? .nan
    }
    return time(0.5) - time(0.1)
  }

  /// Delay of the first particle in a station at 1 km, mean of showers of 10 EeV.
  private func firstParticleRows() -> [Row] {
    let area = DetectorDescription.telescopeArray.stationArea
    var rows: [Row] = []
    for primary in [Primary.proton, .iron, .photon] {
      for theta in [10.0, 30, 44] {
        var random = CounterRandom(seed: seed, event: Int(theta), stream: .firstParticles)
        let zenith = theta * Units.degree
        var (sum, count) = (0.0, 0.0)
        for _ in 0..<400 {
          var field = makeField(shower(primary, energy: 10, zenith: zenith, using: &random))
          let upstream = 1000 * tan(zenith) * cos(2 * .pi * random.uniform())
          let signals = field.signals(distance: 1000, upstream: upstream)
          let parts = [
            signals.muons, signals.decays, signals.photons, signals.electrons, signals.hadrons,
          ]
          let hits = random.poisson(mean: area * parts.reduce(0) { $0 + $1.hits })
          var first = Double.infinity
          for _ in 0..<hits {
            first = min(first, delay(signals, field, by: \.hits, using: &random))
          }
          guard first.isFinite else { continue }
          sum += first
          count += 1
        }
        let name = "first particle at 1 km, \(primary.symbol) 10 EeV, \(Int(theta)) deg [ns]"
        rows.append(
          primary == .proton
            ? Row(name, "110-250 +- 30 %", 110 * 0.7...250 * 1.3, sum / count)
            : Row(name, "no target", nil, sum / count))
      }
    }
    return rows
  }
}
