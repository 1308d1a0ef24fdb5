internal import ShowerModel

extension SimulationSetting {
  /// Every setting, in the order of the tables.
  public static let all = showers + showerModel + detector + readout + array

  private static let showers: [SimulationSetting] = [
    number(
      .showers, "minimumLogEnergy", \.minimumLogEnergy, 17...20.8, unit: "log10(E/eV)",
      "Smallest energy, on the scale of the simulation"),
    number(
      .showers, "maximumLogEnergy", \.maximumLogEnergy, 17...20.8, unit: "log10(E/eV)",
      "Largest energy; equal to the smallest for a fixed one"),
    number(
      .showers, "spectralIndex", \.spectralIndex, -5...2, "gamma of dN/dE ~ E^gamma"),
    SimulationSetting(
      name: "primaryWeights", unit: "1", meaning: "Relative numbers of primaries", group: .showers,
      kind: .weights(\.primaryWeights)),
    angle("minimumZenith", \.minimumZenith, 0...60, "Smallest zenith angle"),
    angle(
      "maximumZenith", \.maximumZenith, 0...60,
      "Largest zenith angle; directions are uniform in sin^2 between the two"),
    angle(
      "minimumAzimuth", \.minimumAzimuth, -360...360,
      "Azimuths of the direction to the source, counter-clockwise from east, begin here"),
    angle(
      "maximumAzimuth", \.maximumAzimuth, -360...720,
      "Azimuths end here, at most a full turn later"),
    choice(
      .showers, "interactionModel", \.interactionModel,
      "Hadronic interaction model of Xmax and muon number"),
    choice(
      .showers, "coreArea", \.coreArea,
      "Where cores fall: the cells of all stations, that of the middle one, or a disc around it"),
    number(
      .showers, "coreRadius", \.coreRadius, 1...100_000, unit: "m",
      "Radius of the disc of cores, with coreArea disc"),
    flag(
      .showers, "photonPreshower", \.photonPreshower,
      "Photons may convert in the geomagnetic field (crude)"),
  ]

  private static let showerModel: [SimulationSetting] = [
    number(
      .showerModel, "muonScaleFactor", \.muonScaleFactor, 0.1...10,
      "Factor on the muon number; systematic +-20 %"),
    number(
      .showerModel, "muonEnergyExponent", \.muonEnergyExponent, 0.8...1,
      "Muon elasticity: muons grow as E^this, pivot 10 EeV"),
    number(
      .showerModel, "muonDepthCorrelation", \.muonDepthCorrelation, -1...1,
      "Correlation rho of the muon number with the depth of the maximum"),
    number(
      .showerModel, "muonDelayFactor", \.muonDelayFactor, 0.1...10,
      "Factor on the delay of muons behind the plane front"),
    number(
      .showerModel, "electromagneticFactor", \.electromagneticFactor, 0.1...10,
      "Factor on the electromagnetic signal, without electrons of muon decay"),
    number(
      .showerModel, "hadronicFractionOffset", \.hadronicFractionOffset, -0.65...0.65,
      "Added to the hadronic fraction f_h of the electromagnetic signal; systematic +-0.1"),
    number(
      .showerModel, "invisibleEnergyFraction", \.invisibleEnergyFraction, 0...0.5,
      "Part of the energy of a 10 EeV proton that muons and neutrinos carry away, f_inv"),
    number(
      .showerModel, "electromagneticDelayFactor", \.electromagneticDelayFactor, 0.1...10,
      "Factor on all delays of electrons and photons; systematic +-10 %"),
    number(
      .showerModel, "electromagneticWidthFactor", \.electromagneticWidthFactor, 0.2...2,
      "Factor on the width of the log-normal distribution of these delays; systematic +-10 %"),
    number(
      .showerModel, "delayScatter", \.delayScatter, 0...1,
      "Scatter of these delays from station to station, relative; 0.15 as a systematic"),
    number(
      .showerModel, "neutronRate", \.neutronRate, 0...1, unit: "1/VEM",
      "Delayed neutrons per VEM of electromagnetic signal at 1 km; uncertain by a factor 3"),
    number(
      .showerModel, "neutronDeposit", \.neutronDeposit, 0.1...1000, unit: "MeV",
      "Mean deposit of a delayed neutron in its layer"),
  ]

  private static let detector: [SimulationSetting] = [
    number(
      .detector, "bothLayersOffset", \.bothLayersOffset, -0.5...0.5,
      "Added to the part of hits of electrons and photons that is in both layers; systematic +-0.05"
    ),
    number(
      .detector, "photoElectronsPerMeV", \.photoElectronsPerMeV, 0.5...1000, unit: "1/MeV",
      "Photo-electrons per MeV deposited; systematic +-20 %"),
    number(
      .detector, "photoElectronSpread", \.photoElectronSpread, 0...1,
      "Relative spread of their yield between layers"),
    number(
      .detector, "countsPerMeV", \.countsPerMeV, 1...200, unit: "counts/MeV",
      "FADC counts per MeV deposited"),
    number(
      .detector, "gainSpread", \.gainSpread, 0...1,
      "Relative spread of the gain between layers, known from the calibration"),
    number(
      .detector, "calibrationError", \.calibrationError, 0...1,
      "Relative error of the calibration: what the event says against the true gain"),
    number(
      .detector, "pedestal", \.pedestal, 0...1000, unit: "counts", "Mean pedestal of layers"),
    number(
      .detector, "pedestalSpread", \.pedestalSpread, 0...100, unit: "counts",
      "Spread of the pedestal between layers"),
    number(
      .detector, "noise", \.noise, 0...100, unit: "counts",
      "Standard deviation of the noise of a sample, before rounding"),
    flag(
      .detector, "nonLinearity", \.nonLinearity,
      "The electronics compress above the array's linear limit"),
    flag(
      .detector, "saturation", \.saturation,
      "Samples end at the array's full scale, else at 65535"),
    number(
      .detector, "timeJitter", \.timeJitter, 0...1000, unit: "ns",
      "Standard deviation of a station's clock"),
    number(
      .detector, "deadFraction", \.deadFraction, 0...0.95,
      "Stations that do not work, drawn for every event"),
    number(
      .detector, "badLayerFraction", \.badLayerFraction, 0...0.95,
      "Layers that work badly and that the monitoring has excluded, drawn for every event"),
    number(
      .detector, "badLayerGainSpread", \.badLayerGainSpread, 0...3,
      "Spread of the logarithm of a bad layer's gain, which the calibration does not know"),
    number(
      .detector, "badLayerNoiseFactor", \.badLayerNoiseFactor, 0...100,
      "Factor on the noise of a bad layer"),
    number(
      .detector, "backgroundMuonRate", \.backgroundMuonRate, 0...100_000, unit: "Hz",
      "Background muons of a station, through both layers"),
    number(
      .detector, "backgroundSingleRate", \.backgroundSingleRate, 0...100_000, unit: "Hz",
      "Background hits of a station in one layer"),
  ]

  private static let readout: [SimulationSetting] = [
    SimulationSetting(
      name: "windowSamples", unit: "1", meaning: "Samples in a readout window",
      group: .readout,
      kind: .count(\.windowSamples, 128...512, step: 2)),
    number(
      .readout, "recordHalfWidth", \.recordHalfWidth, 1000...32_000, unit: "ns",
      "Windows are recorded up to this time before and after the trigger"),
  ]

  private static let array: [SimulationSetting] = [
    number(
      .array, "altitudeSpread", \.altitudeSpread, 0...200, unit: "m",
      "Standard deviation of the altitudes of an ideal grid; 25 as in the Telescope Array")
  ]

  // MARK: - Shorter ways to write one

  private static func number(
    _ group: Group, _ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>,
    unit: String = "1", _ meaning: String
  ) -> SimulationSetting {
    SimulationSetting(
      name: name, unit: unit, meaning: meaning, group: group, kind: .number(path, range, factor: 1))
  }

  /// Degrees in files, radians inside.
  private static func angle(
    _ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>, _ meaning: String
  ) -> SimulationSetting {
    SimulationSetting(
      name: name, unit: "deg", meaning: meaning, group: .showers,
      kind: .number(path, range, factor: Units.degree))
  }

  private static func flag(
    _ group: Group, _ name: String, _ path: Path<Bool>, _ meaning: String
  ) -> SimulationSetting {
    SimulationSetting(name: name, unit: "1", meaning: meaning, group: group, kind: .flag(path))
  }

  private static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
    _ group: Group, _ name: String, _ path: Path<Value>, _ meaning: String
  ) -> SimulationSetting {
    SimulationSetting(
      name: name, unit: "1", meaning: meaning, group: group,
      kind: .choice(
        names: Value.allCases.map(\.rawValue), get: { $0[keyPath: path].rawValue },
        set: { if let value = Value(rawValue: $1) { $0[keyPath: path] = value } }))
  }
}
