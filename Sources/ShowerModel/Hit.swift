/// Which of the two scintillator layers of a station.
public enum Layer: Int, Sendable, CaseIterable {
  case upper = 0
  case lower = 1
}

/// The FADC trace of one layer with the calibration needed to read it.
public struct Waveform: Sendable, Equatable {
  /// FADC counts, one a 20 ns sample.
  public var samples: [UInt16]
  /// Mean counts without a signal, per sample.
  public var pedestal: Double
  /// Half width of the histogram of 8-sample sums / 8 / 2.33, as the monitoring gives it [counts].
  ///
  /// For white noise this is 0.35 times the rms of a single sample.
  public var pedestalDeviation: Double
  /// Integrated counts of one VEM.
  public var countsPerVEM: Double

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
  public var lower: Waveform
  /// What fell into the station, where the event is simulated.
  public var truth: HitTruth?

  public init(
    station: Int, windowStart: Double, upper: Waveform, lower: Waveform, truth: HitTruth? = nil
  ) {
    self.station = station
    self.windowStart = windowStart
    self.upper = upper
    self.lower = lower
    self.truth = truth
  }
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
