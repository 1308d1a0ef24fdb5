internal import Glibc
internal import ShowerModel
internal import ShowerSimulation

extension SimulationValidation {
  /// S800 of the package TA energy formula, `(E_MC/0.48)(1 + 0.7 x - 2.3 x^2)`, x = cos^2 theta -
  /// 0.77.
  static func referenceSignal(energy: Double, zenith: Double) -> Double {
    let x = cos(zenith) * cos(zenith) - 0.77
    return energy / 0.48 * (1 + 0.7 * x - 2.3 * x * x)
  }

  func signalRows() -> [Row] {
    protonRows() + slopeRows() + primaryRows() + asymmetryRows()
  }

  private func protonRows() -> [Row] {
    var rows: [Row] = []
    for energy in [3.0, 10, 30, 100] {
      for theta in [0.0, 15, 30, 45] {
        let zenith = theta * Units.degree
        let ratio =
          meanSignals(.proton, energy: energy, zenith: zenith, distance: 800).total
          / Self.referenceSignal(energy: energy, zenith: zenith)
        let name = "S800 p / reference, \(energy) EeV, \(theta) deg"
        rows.append(
          energy > 10
            ? Row(name, "1 (no tolerance above 10 EeV)", nil, ratio)
            : Row(name, 1, relative: 0.05, ratio))
      }
    }
    // The most energetic event of TA: 244 EeV on the fluorescence scale.
    let zenith = 38.6 * Units.degree
    rows.append(
      Row(
        "Amaterasu S800 at 307.5 EeV, 38.6 deg [VEM/m2]", 530, absolute: 57,
        meanSignals(.proton, energy: 307.5, zenith: zenith, distance: 800).total))
    return rows
  }

  /// Logarithmic slope between 200 and 3000 m against that of TA's lateral distribution.
  private func slopeRows() -> [Row] {
    [0.0, 30, 45].map { theta in
      let zenith = theta * Units.degree
      let ratio =
        meanSignals(.proton, energy: 10, zenith: zenith, distance: 200).total
        / meanSignals(.proton, energy: 10, zenith: zenith, distance: 3000).total
      let expected =
        LateralDistribution.utah(200, zenith: zenith)
        / LateralDistribution.utah(3000, zenith: zenith)
      return Row(
        "LDF slope p / TA, 200-3000 m, \(theta) deg", 1, relative: 0.03,
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
    rows.append(Row("S800 Fe/p, 10 EeV, mean over theta", 1.085, absolute: 0.02, ratio))
    for (theta, target) in [(5.0, 0.34), (25, 0.47), (44, 0.83)] {
      let zenith = theta * Units.degree
      let value =
        meanSignals(.photon, energy: 10, zenith: zenith, distance: 800).total
        / meanSignals(.proton, energy: 10, zenith: zenith, distance: 800).total
      rows.append(
        Row("S800 photon/p, 10 EeV, \(theta) deg", target, relative: 0.15, value))
    }
    return rows
  }

  /// (early - late)/(early + late) of the total signal at 1 km, within 60 degrees of the plane of
  /// the axis.
  private func asymmetryRows() -> [Row] {
    [(25.0, 0.16), (40, 0.21)].map { theta, target in
      let zenith = theta * Units.degree
      let early = meanSignals(
        .proton, energy: 10, zenith: zenith, distance: 1000, side: 0.5...1
      ).total
      let late = meanSignals(
        .proton, energy: 10, zenith: zenith, distance: 1000, side: -1 ... -0.5
      ).total
      return Row(
        "asymmetry at 1 km, \(theta) deg", target, absolute: 0.04, (early - late) / (early + late))
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
    rows.append(Row("muon share, p 30 deg, 800 m", 0.15, relative: 0.2, share(800)))
    rows.append(
      Row("muon share, p 30 deg, 1500 m", "0.25-0.30 +- 20 %", 0.25 * 0.8...0.30 * 1.2, share(1500))
    )
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
