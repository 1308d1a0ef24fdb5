import ShowerModel

/// One pulse of a station: a stretch of its waveforms above threshold in either layer.
struct Pulse: Equatable {
  var station: Int
  /// Leading edge, mean of the good layers [ns].
  var time: Double
  /// 0.5 sqrt(e_lower^2 + e_upper^2), e = (peak - onset) / 2.33 of a layer [ns]; e where stations
  /// have one layer.
  var timeError: Double
  /// Area of a layer [m2].
  var area: Double
  /// Integrated signal of each layer [VEM], later pulses of the station included; NaN for a bad
  /// layer.
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
  /// S = (S_upper + S_lower) / 2 A [VEM/m2].
  var density: Double { signal / area }
  var isFinite: Bool { time.isFinite && timeError.isFinite && signal.isFinite }
}

extension [Pulse] {
  /// Adds later pulses of a station to each earlier one that they follow within a time [ns].
  ///
  /// The later pulses stay in the list. Pulses are ordered by station and time.
  mutating func mergeLaterPulses(within mergeTime: Double) {
    for first in indices {
      var lastWindow = self[first].windowStart
      for index in indices.dropFirst(first + 1) {
        let later = self[index]
        guard later.station == self[first].station,
          later.time - self[first].time < mergeTime
        else { break }
        // A later pulse in the list is still unmerged: merging goes from front to back.
        self[first].upper += later.upper
        self[first].lower += later.lower
        self[first].isSaturated = self[first].isSaturated || later.isSaturated
        self[first].badLayers.formUnion(later.badLayers)
        if later.windowStart != lastWindow { self[first].windowCount += 1 }
        lastWindow = later.windowStart
      }
    }
  }
}
