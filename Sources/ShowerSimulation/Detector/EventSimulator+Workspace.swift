internal import ShowerModel

extension EventSimulator {
  /// What the settings of one attempt make of it: the nominal ones, or those drawn for it.
  final class AttemptSettings: Sendable {
    let configuration: SimulationConfiguration
    let particles: StationParticles

    init(
      _ configuration: SimulationConfiguration, _ detector: DetectorDescription,
      laws: ParticleLaws, normal: NormalTable
    ) {
      var configuration = configuration
      // Nothing is in both layers of one.
      if detector.layerCount == 1 { configuration.bothLayersOffset = 0 }
      self.configuration = configuration
      particles = StationParticles(
        configuration: configuration, detector: detector, laws: laws, normal: normal)
    }
  }

  func settings(_ attempt: Int) -> AttemptSettings {
    guard !configuration.drawn.isEmpty else { return nominal }
    return AttemptSettings(
      configuration(attempt: attempt), array.detector, laws: laws, normal: normal)
  }

  /// Scratch memory of one thread.
  public final class Workspace {
    let trace: StationTrace
    var field: ShowerField
    var isBusy: [Bool]
    var settings: AttemptSettings
    /// Of each station in the attempt.
    var badLayers: [LayerSet]
    var windows: [RecordedWindow] = []
    var triggers: [ArrayTrigger.StationTrigger] = []
    var samples: [UInt16] = []

    fileprivate init(
      trace: StationTrace, field: ShowerField, settings: AttemptSettings, stationCount: Int
    ) {
      self.trace = trace
      self.field = field
      self.settings = settings
      badLayers = [LayerSet](repeating: [], count: stationCount)
      isBusy = [Bool](repeating: false, count: stationCount)
    }

    /// Makes it ready for an attempt.
    func begin(_ settings: AttemptSettings) {
      self.settings = settings
      windows.removeAll(keepingCapacity: true)
      triggers.removeAll(keepingCapacity: true)
      samples.removeAll(keepingCapacity: true)
      for index in isBusy.indices { isBusy[index] = false }
    }
  }

  public func makeWorkspace() -> Workspace {
    Workspace(
      trace: StationTrace(noiseTable: normal, detector: array.detector),
      field: ShowerField(
        truth: draw(attempt: 0), configuration: nominal.configuration,
        constants: constants, muons: muons, response: folded),
      settings: nominal, stationCount: array.stations.count)
  }

  /// One L0 window as a station would hold it in memory.
  struct RecordedWindow {
    var station: Int
    /// Reported time of the first sample [ns].
    var start: Double
    /// Reported time of the L0 trigger [ns].
    var time: Double
    var upper: LayerElectronics
    var lower: LayerElectronics
    /// Offset of the samples of the upper layer; those of the lower follow.
    var offset: Int
    var badLayers: LayerSet
    var truth: HitTruth
  }

  /// Windows within the recorded time, by station and time.
  func hits(
    of workspace: Workspace, around time: Double, clockZero: Double
  ) -> [Hit] {
    let length = configuration.windowSamples
    let layerCount = array.detector.layerCount
    var recorded = workspace.windows.indices.filter {
      abs(workspace.windows[$0].time - time) < configuration.recordHalfWidth
    }
    // Windows of a station are in order of time already; a stable order needs the index.
    recorded.sort {
      (workspace.windows[$0].station, $0) < (workspace.windows[$1].station, $1)
    }
    return recorded.map { index in
      let window = workspace.windows[index]
      func waveform(_ layer: LayerElectronics, _ offset: Int, _ length: Int) -> Waveform {
        Waveform(
          samples: Array(workspace.samples[offset..<offset + length]),
          pedestal: layer.monitoredPedestal, pedestalDeviation: layer.monitoredDeviation,
          countsPerVEM: layer.countsPerVEM)
      }
      return Hit(
        station: window.station, windowStart: window.start - clockZero,
        upper: waveform(window.upper, window.offset, length),
        lower: layerCount == 1
          ? .none : waveform(window.lower, window.offset + length, length),
        badLayers: window.badLayers,
        truth: window.truth)
    }
  }
}
