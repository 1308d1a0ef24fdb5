internal import Glibc
internal import ShowerModel
internal import ShowerSimulation

extension SimulationValidation {
  /// S800 [VEM/m2] of QGSJETII-03 protons at 0, 15, 28.7, 38.6 and 45 degrees by energy [EeV],
  /// inverted from the published energy tables of the Telescope Array
  /// (Fixtures/published-energy-coefficients.csv). They are fitted signals. Below some 5 EeV they
  /// are those of showers that triggered.
  static let published: [(energy: Double, signals: [Double])] = [
    (3, [12.20, 11.79, 10.37, 8.47, 6.08]), (10, [29.41, 29.40, 26.90, 22.34, 16.07]),
    (30, [79.81, 80.26, 74.22, 63.57, 46.93]), (100, [239.7, 242.4, 224.1, 189.8, 142.7]),
  ]
  static let publishedAngles = [0.0, 15, 28.7, 38.6, 45]

  func signalRows() -> [Row] {
    protonRows() + slopeRows() + primaryRows() + asymmetryRows()
  }

  private func protonRows() -> [Row] {
    var rows: [Row] = []
    for (energy, signals) in Self.published {
      for (theta, signal) in zip(Self.publishedAngles, signals) {
        let ratio =
          meanSignals(.proton, energy: energy, zenith: theta * Units.degree, distance: 800).total
          / signal
        let name = "S800 p / published table, \(energy) EeV, \(theta) deg"
        rows.append(
          energy < 5 || energy > 50
            ? Row(name, "1 (table of triggered showers, and of fitted signals)", nil, ratio)
            : Row(name, 1, absolute: 0.15, ratio))
      }
    }
    // The most energetic event of TA: 244 EeV on the fluorescence scale.
    let zenith = 38.6 * Units.degree
    rows.append(
      Row(
        "Amaterasu S800 at 307.5 EeV, 38.6 deg [VEM/m2]", "530 +- 57, a fitted signal", nil,
        meanSignals(.proton, energy: 307.5, zenith: zenith, distance: 800).total))
    return rows
  }

  /// Logarithmic slope between 500 and 2000 m against that of TA's lateral distribution.
  private func slopeRows() -> [Row] {
    [0.0, 30, 45].map { theta in
      let zenith = theta * Units.degree
      let ratio =
        meanSignals(.proton, energy: 10, zenith: zenith, distance: 500).total
        / meanSignals(.proton, energy: 10, zenith: zenith, distance: 2000).total
      let expected =
        LateralDistribution.utah(500, zenith: zenith)
        / LateralDistribution.utah(2000, zenith: zenith)
      return Row(
        "LDF slope p / Telescope Array's data, 500-2000 m, \(theta) deg", 1, relative: 0.05,
        log(ratio) / log(expected))
    }
  }

  private func primaryRows() -> [Row] {
    var rows: [Row] = []
    // Steps of equal acceptance, sin^2 theta uniform to 45 degrees.
    var ratio = 0.0
    for step in 0..<10 {
      let zenith = asin((0.5 * (Double(step) + 0.5) / 10).squareRoot())
      ratio +=
        meanSignals(.iron, energy: 10, zenith: zenith, distance: 800).total
        / meanSignals(.proton, energy: 10, zenith: zenith, distance: 800).total / 10
    }
    rows.append(
      Row(
        "S800 Fe/p, 10 EeV, mean over theta (published tables)", 1.083, absolute: 0.04, ratio))
    for theta in [5.0, 25, 44] {
      let zenith = theta * Units.degree
      let value =
        meanSignals(.photon, energy: 10, zenith: zenith, distance: 800).total
        / meanSignals(.proton, energy: 10, zenith: zenith, distance: 800).total
      rows.append(Row("S800 photon/p, 10 EeV, \(theta) deg", "no target", nil, value))
    }
    return rows
  }

  /// (early - late)/(early + late) of the total signal at 1 km, within 60 degrees of the plane of
  /// the axis.
  private func asymmetryRows() -> [Row] {
    // Six CORSIKA showers with the response table (Fixtures/corsika/components.csv).
    [(25.0, 0.06), (37, 0.12)].map { theta, target in
      let zenith = theta * Units.degree
      let early = meanSignals(
        .proton, energy: 10, zenith: zenith, distance: 1000, side: 0.5...1
      ).total
      let late = meanSignals(
        .proton, energy: 10, zenith: zenith, distance: 1000, side: -1 ... -0.5
      ).total
      return Row(
        "asymmetry at 1 km, \(theta) deg (CORSIKA)", target, absolute: 0.05,
        (early - late) / (early + late))
    }
  }

  func muonRows() -> [Row] {
    var random = CounterRandom(seed: seed, event: 1, stream: .muonNumbers)
    func meanNumber(_ primary: Primary) -> Double {
      (0..<20_000).reduce(0) { sum, _ in
        sum + shower(primary, energy: 10, zenith: 0, using: &random).muonScale / 20_000
      }
    }
    var rows = [
      Row("R_mu Fe/p", 1.40, absolute: 0.05, meanNumber(.iron) / meanNumber(.proton))
    ]
    let zenith = 30 * Units.degree
    func share(_ distance: Double) -> Double {
      let signals = meanSignals(.proton, energy: 10, zenith: zenith, distance: distance)
      return signals.muonSignal / signals.total
    }
    // CORSIKA (SIBYLL 2.3c) with the response table: 0.163 and 0.25; a fifth fewer muons here.
    rows.append(Row("muon share, p 30 deg, 800 m", 0.137, relative: 0.15, share(800)))
    rows.append(Row("muon share, p 30 deg, 1500 m", 0.21, relative: 0.15, share(1500)))
    for (name, side, target) in [
      ("early", 0.5...1.0, "0.28, by memory"), ("late", -1.0 ... -0.5, "0.65, by memory"),
    ] {
      let signals = meanSignals(
        .proton, energy: 10, zenith: 37.5 * Units.degree, distance: 3000, side: side)
      rows.append(
        Row(
          "muon share, p 37.5 deg, 3 km, \(name)", target, nil, signals.muonSignal / signals.total))
    }
    return rows
  }
}
