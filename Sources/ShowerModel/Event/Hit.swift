/// Which of the two scintillator layers of a station.
public enum Layer: Int, Sendable, CaseIterable {
  case upper = 0
  case lower = 1

  public var other: Layer { self == .upper ? .lower : .upper }
}

/// Some of the layers of a station.
public struct LayerSet: OptionSet, Sendable, Hashable {
  /// Bit 0 the upper layer, bit 1 the lower one; stored in files.
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let upper = LayerSet(.upper)
  public static let lower = LayerSet(.lower)
  public static let both: LayerSet = [.upper, .lower]

  public init(_ layer: Layer) { rawValue = 1 << UInt8(layer.rawValue) }

  /// Layers that are not in the set, by its raw value: made once, as every waveform asks for them.
  static let complements: [[Layer]] = (0..<4).map { rawValue in
    Layer.allCases.filter { !LayerSet(rawValue: rawValue).contains($0) }
  }

  public func contains(_ layer: Layer) -> Bool { contains(LayerSet(layer)) }

  /// The mean of a quantity over the layers that are not in the set; NaN where both are.
  public func meanOfOthers(upper: Double, lower: Double) -> Double {
    switch (contains(.upper), contains(.lower)) {
    case (false, false): 0.5 * (upper + lower)
    case (true, false): lower
    case (false, true): upper
    case (true, true): .nan
    }
  }
}

/// The FADC trace of one layer with the calibration needed to read it.
public struct Waveform: Sendable, Equatable {
  /// FADC counts, one a sample.
  public var samples: [UInt16]
  /// Mean counts without a signal, per sample.
  public var pedestal: Double
  /// Half width of the histogram of 8-sample sums / 8 / 2.33, as the monitoring gives it [counts].
  ///
  /// For white noise this is 0.35 times the rms of a single sample.
  public var pedestalDeviation: Double
  /// Integrated counts of one VEM.
  public var countsPerVEM: Double

  /// That of a layer which is not there.
  public static let none = Waveform(
    samples: [], pedestal: 0, pedestalDeviation: 0, countsPerVEM: 0)

  public init(
    samples: [UInt16], pedestal: Double, pedestalDeviation: Double, countsPerVEM: Double
  ) {
    self.samples = samples
    self.pedestal = pedestal
    self.pedestalDeviation = pedestalDeviation
    self.countsPerVEM = countsPerVEM
  }
}

/// One readout window of one station. A long signal fills several windows, each one hit.
public struct Hit: Sendable, Equatable {
  /// Index of the station in `DetectorArray.stations`.
  public var station: Int
  /// Time of the first sample [ns], on the clock of the event.
  public var windowStart: Double
  public var upper: Waveform
  /// Without samples where stations have one layer.
  public var lower: Waveform
  /// Layers that took part in the trigger, but that the monitoring has excluded: their waveforms
  /// must not be used. The lower one is among them where stations have one layer.
  public var badLayers: LayerSet
  /// What fell into the station, where the event is simulated.
  public var truth: HitTruth?

  public init(
    station: Int, windowStart: Double, upper: Waveform, lower: Waveform,
    badLayers: LayerSet = [], truth: HitTruth? = nil
  ) {
    self.station = station
    self.windowStart = windowStart
    self.upper = upper
    self.lower = lower
    self.badLayers = badLayers
    self.truth = truth
  }
}

extension Hit {
  /// Samples of the window.
  public var sampleCount: Int {
    lower.samples.isEmpty ? upper.samples.count : min(upper.samples.count, lower.samples.count)
  }

  /// The trace of a layer.
  public subscript(layer: Layer) -> Waveform { layer == .upper ? upper : lower }

  /// Layers that are not bad, the upper one first.
  public var goodLayers: [Layer] { LayerSet.complements[Int(badLayers.rawValue & 3)] }
}

/// True expected signal of a station by component. For studies; never an input of anything.
public struct HitTruth: Sendable, Equatable {
  /// Signal of muons [VEM/m2].
  public var muonSignal: Double
  /// Signal of electrons and photons [VEM/m2].
  public var electromagneticSignal: Double

  public init(muonSignal: Double, electromagneticSignal: Double) {
    self.muonSignal = muonSignal
    self.electromagneticSignal = electromagneticSignal
  }
}

extension Array where Element == Hit {
  /// Ranges of neighbouring hits of one station, in hits ordered by station.
  public var stationRuns: [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for index in indices where index + 1 == count || self[index + 1].station != self[start].station
    {
      runs.append(start..<index + 1)
      start = index + 1
    }
    return runs
  }
}
