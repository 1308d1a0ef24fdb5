import ShowerModel

/// One pulse of a station: a stretch of its waveforms above threshold in either layer.
struct Pulse: Equatable {
  var station: Int
  /// Leading edge, mean of the good layers [ns].
  var time: Double
  /// 0.5 sqrt(e_lower^2 + e_upper^2), e = (peak - onset) / 2.33 of a layer [ns].
  var timeError: Double
  /// Integrated signal of each layer [VEM], with later pulses of the station merged in; NaN for a bad one.
  var upper: Double
  var lower: Double
  var windowCount: Int
  var isSaturated: Bool
  /// Layers that are not used.
  var badLayers: LayerSet = []
  /// First sample of the window [ns]; nil for pulses that another program found.
  var windowStart: Double?

  /// Mean of the good layers [VEM].
  var signal: Double { badLayers.meanOfOthers(upper: upper, lower: lower) }
  /// S = (S_upper + S_lower) / 2 / 3 m2 [VEM/m2].
  var density: Double { signal / Units.stationArea }
  var isFinite: Bool { time.isFinite && timeError.isFinite && signal.isFinite }
}
