import Glibc
import ShowerModel

/// One pulse of a station: a stretch of its waveforms above threshold in either layer.
struct Pulse: Equatable {
  var station: Int
  /// Leading edge, mean of the layers [ns].
  var time: Double
  /// 0.5 sqrt(e_lower^2 + e_upper^2), e = (peak - onset) / 2.33 of a layer [ns].
  var timeError: Double
  /// Integrated signal of each layer [VEM], with later pulses of the station merged in.
  var upper: Double
  var lower: Double
  var windowCount: Int
  var isSaturated: Bool

  /// Mean of both layers [VEM].
  var signal: Double { 0.5 * (upper + lower) }
}

/// Finds the pulses in the waveforms of one station.
///
/// Onset: the first of four samples in a row above pedestal + 5 sigma_ped. End: the next four samples
/// are all below that and their mean below half of it. Pulses less than 50 samples apart are one.
/// Source: public analysis chain of the Telescope Array (`rufptn`).
struct PulseFinder {
  let configuration: FitConfiguration

  /// Pulses of one station in order of time, each with the later ones within 10 us merged in.
  ///
  /// - Parameter hits: the station's windows in order of time.
  /// - Returns: at least one pulse for each window.
  func pulses(in hits: ArraySlice<Hit>) -> [Pulse] {
    let separate = hits.flatMap { pulses(in: $0) }
    return separate.indices.map { first in
      var merged = separate[first]
      var lastWindow = merged.time
      for later in separate[(first + 1)...] {
        guard later.time - merged.time < configuration.mergeTime else { break }
        merged.upper += later.upper
        merged.lower += later.lower
        merged.isSaturated = merged.isSaturated || later.isSaturated
        if later.time - lastWindow > Units.samplePeriod * 64 { merged.windowCount += 1 }
        lastWindow = later.time
      }
      return merged
    }
  }

  /// Pulses of one window. A window without an onset is one pulse at its largest sample.
  private func pulses(in hit: Hit) -> [Pulse] {
    let sampleCount = min(hit.upper.samples.count, hit.lower.samples.count)
    let upperStretches = stretches(of: hit.upper)
    let lowerStretches = stretches(of: hit.lower)
    let starts = pulseStarts(upperStretches + lowerStretches)
    guard !starts.isEmpty else { return [weakPulse(hit)] }
    return starts.indices.map { k in
      let window = starts[k]..<(k + 1 < starts.count ? starts[k + 1] : sampleCount)
      // The first pulse owns the samples before it too, as the published integration does.
      let charge = (k == 0 ? 0 : window.lowerBound)..<window.upperBound
      let edges = [(hit.upper, upperStretches), (hit.lower, lowerStretches)].compactMap {
        edge(of: $0.0, $0.1, in: window)
      }
      return Pulse(
        station: hit.station,
        time: hit.windowStart + edges.reduce(0) { $0 + $1.onset } / Double(edges.count),
        timeError: 0.5 * edges.reduce(0) { $0 + $1.error * $1.error }.squareRoot(),
        upper: integral(of: hit.upper, over: charge), lower: integral(of: hit.lower, over: charge),
        windowCount: 1, isSaturated: isSaturated(hit))
    }
  }

  /// Stretches of samples above threshold.
  private func stretches(of waveform: Waveform) -> [Range<Int>] {
    let threshold = waveform.pedestal + configuration.onsetThreshold * waveform.pedestalDeviation
    let quiet =
      waveform.pedestal + 0.5 * configuration.onsetThreshold * waveform.pedestalDeviation
    return waveform.samples.withUnsafeBufferPointer { samples in
      var found: [Range<Int>] = []
      var j = 0
      while j + 4 <= samples.count {
        guard (0..<4).allSatisfy({ Double(samples[j + $0]) > threshold }) else {
          j += 1
          continue
        }
        let onset = j
        j += 4
        while j + 4 <= samples.count {
          let next = (0..<4).map { Double(samples[j + $0]) }
          if next.allSatisfy({ $0 < threshold }) && next.reduce(0, +) < 4 * quiet { break }
          j += 1
        }
        found.append(onset..<min(j, samples.count))
      }
      return found
    }
  }

  /// First samples of pulses: stretches of either layer that begin after a long enough gap.
  private func pulseStarts(_ stretches: [Range<Int>]) -> [Int] {
    var starts: [Int] = []
    var end = Int.min / 2
    for stretch in stretches.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if stretch.lowerBound - end >= configuration.pulseGap { starts.append(stretch.lowerBound) }
      end = max(end, stretch.upperBound)
    }
    return starts
  }

  /// Onset time within the window [ns] and its error, of one layer.
  private func edge(
    of waveform: Waveform, _ stretches: [Range<Int>], in window: Range<Int>
  ) -> (onset: Double, error: Double)? {
    guard let onset = stretches.first(where: { window.contains($0.lowerBound) })?.lowerBound else {
      return nil
    }
    let peak = window.clamped(to: onset..<waveform.samples.count).reduce(onset) {
      waveform.samples[$1] > waveform.samples[$0] ? $1 : $0
    }
    return (
      Double(onset) * Units.samplePeriod, Double(peak - onset) / 2.33 * Units.samplePeriod
    )
  }

  private func integral(of waveform: Waveform, over range: Range<Int>) -> Double {
    let counts = waveform.samples[range].reduce(0) { $0 + Int($1) }
    return (Double(counts) - Double(range.count) * waveform.pedestal) / waveform.countsPerVEM
  }

  private func isSaturated(_ hit: Hit) -> Bool {
    let limit = UInt16(configuration.saturationCounts)
    return hit.upper.samples.contains { $0 >= limit } || hit.lower.samples.contains { $0 >= limit }
  }

  private func weakPulse(_ hit: Hit) -> Pulse {
    let samples = hit.upper.samples
    let peak = samples.indices.max { samples[$0] < samples[$1] } ?? 0
    return Pulse(
      station: hit.station, time: hit.windowStart + Double(peak) * Units.samplePeriod,
      timeError: 4 * Units.samplePeriod,
      upper: integral(of: hit.upper, over: samples.indices),
      lower: integral(of: hit.lower, over: hit.lower.samples.indices), windowCount: 1,
      isSaturated: isSaturated(hit))
  }
}
