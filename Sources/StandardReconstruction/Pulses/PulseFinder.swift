public import ShowerModel

/// Finds the pulses in the waveforms of a station.
///
/// Onset: the first of four samples in a row above pedestal + 5 sigma_ped. End: the next four
/// samples are all below that and their mean below half of it. Pulses less than 50 samples apart
/// are one. These numbers are those of samples of 20 ns; of shorter ones as many more count.
/// A bad layer is not looked at: times and signals are those of the other one. The same holds for
/// stations of one layer.
/// Source: public analysis chain of the Telescope Array (`rufptn`).
struct PulseFinder {
  let configuration: FitConfiguration
  private let samplePeriod: Double
  private let onsetSamples: Int
  /// Samples at the pedestal after which a new pulse begins.
  private let gap: Int
  private let saturationLimit: Double

  init(configuration: FitConfiguration) {
    self.configuration = configuration
    samplePeriod = configuration.detector.samplePeriod
    onsetSamples = configuration.onsetSamples
    gap = Int((configuration.pulseGap / samplePeriod).rounded())
    saturationLimit = configuration.saturationLimit
  }

  /// Pulses of all stations of an event, by station and time.
  ///
  /// Later pulses of a station within 10 us are merged into the earlier one. A station has at least
  /// one pulse for each window. It has none if both layers are bad, or if a layer that is not bad
  /// has an unusable calibration.
  func pulses(of event: Event) -> [Pulse] {
    var pulses: [Pulse] = []
    pulses.reserveCapacity(event.hits.count + 8)
    var stretches: [Stretch] = []
    forEachInOrder(event.hits) { hit in
      guard hit.badLayers != .both, hit.windowStart.isFinite,
        hit.isCalibrated(configuration.detector)
      else { return }
      append(hit, to: &pulses, &stretches)
    }
    pulses.mergeLaterPulses(within: configuration.mergeTime)
    return pulses
  }

  /// Whether a hit of an event has a calibration that can be used.
  func hasUsableHit(in event: Event) -> Bool {
    event.hits.contains { hit in
      hit.badLayers != .both && hit.isCalibrated(configuration.detector)
    }
  }

  /// Hits by station and time; files hold them in this order, so that sorting is seldom needed.
  private func forEachInOrder(_ hits: [Hit], _ body: (Hit) -> Void) {
    let isOrdered = hits.indices.dropFirst().allSatisfy {
      (hits[$0 - 1].station, hits[$0 - 1].windowStart) <= (hits[$0].station, hits[$0].windowStart)
    }
    if isOrdered { return hits.forEach(body) }
    hits.sorted { ($0.station, $0.windowStart) < ($1.station, $1.windowStart) }.forEach(body)
  }

  /// Appends the pulses of one window.
  ///
  /// A window without an onset is one pulse at its largest sample.
  private func append(_ hit: Hit, to pulses: inout [Pulse], _ stretches: inout [Stretch]) {
    stretches.removeAll(keepingCapacity: true)
    for layer in hit.goodLayers {
      Stretch.find(
        in: hit[layer], layer, above: configuration.onsetThreshold, for: onsetSamples,
        appendingTo: &stretches)
    }
    guard !stretches.isEmpty else { return pulses.append(weakPulse(hit)) }
    stretches.sort { $0.onset < $1.onset }

    let sampleCount = hit.sampleCount
    let isSaturated = isSaturated(hit)
    var k = 0
    while k < stretches.count {
      // This pulse reaches to the first stretch that begins after a long enough gap.
      var next = k + 1
      var end = stretches[k].end
      while next < stretches.count, stretches[next].onset - end < gap {
        end = max(end, stretches[next].end)
        next += 1
      }
      let stop = next < stretches.count ? stretches[next].onset : sampleCount
      let edges = edges(hit, stretches[k..<next], until: stop)
      // The first pulse owns the samples before it too, as the published integration does.
      let charge = (k == 0 ? 0 : stretches[k].onset)..<max(stop, stretches[k].onset)
      pulses.append(
        Pulse(
          station: hit.station, time: hit.windowStart + edges.onset, timeError: edges.error,
          area: configuration.detector.stationArea,
          upper: integral(of: .upper, hit, over: charge),
          lower: integral(of: .lower, hit, over: charge), windowCount: 1,
          isSaturated: isSaturated, badLayers: hit.badLayers, windowStart: hit.windowStart))
      k = next
    }
  }

  /// Onset within the window, mean of the layers that have one, and its error [ns].
  ///
  /// The published error is for two layers also where one is bad; a station of one layer has the
  /// error of that layer.
  private func edges(
    _ hit: Hit, _ stretches: ArraySlice<Stretch>, until stop: Int
  ) -> (onset: Double, error: Double) {
    var (onsets, squares, layers) = (0.0, 0.0, 0.0)
    for layer in Layer.allCases {
      guard let first = stretches.first(where: { $0.layer == layer }) else { continue }
      let rise = hit[layer].samples.withUnsafeBufferPointer { samples in
        // Two simple loops: the processor looks at several samples at once in the first.
        let end = max(min(max(stop, first.onset), samples.count), first.onset + 1)
        var largest: UInt16 = 0
        for j in first.onset..<end { largest = max(largest, samples[j]) }
        var peak = first.onset
        while samples[peak] < largest { peak += 1 }
        return Double(peak - first.onset) / 2.33 * samplePeriod
      }
      onsets += Double(first.onset) * samplePeriod
      squares += rise * rise
      layers += 1
    }
    let part = configuration.detector.layerCount == 1 ? 1 : 0.5
    return (onsets / layers, part * squares.squareRoot())
  }

  /// Charge of a layer [VEM]; NaN for a bad one.
  private func integral(of layer: Layer, _ hit: Hit, over range: Range<Int>) -> Double {
    guard !hit.badLayers.contains(layer) else { return .nan }
    let waveform = hit[layer]
    let counts = waveform.samples.withUnsafeBufferPointer { samples in
      // Narrow sums are several at once; they hold 65,536 samples, the most that a file may have.
      var sum: UInt32 = 0
      for j in range.clamped(to: 0..<min(samples.count, 65_536)) { sum &+= UInt32(samples[j]) }
      return sum
    }
    return (Double(counts) - Double(range.count) * waveform.pedestal) / waveform.countsPerVEM
  }

  private func isSaturated(_ hit: Hit) -> Bool {
    hit.goodLayers.contains { Double(hit[$0].largestSample) >= saturationLimit }
  }

  private func weakPulse(_ hit: Hit) -> Pulse {
    let waveform = hit[hit.goodLayers.first ?? .upper]
    let peak = waveform.samples.firstIndex(of: UInt16(waveform.largestSample)) ?? 0
    return Pulse(
      station: hit.station, time: hit.windowStart + Double(peak) * samplePeriod,
      timeError: configuration.onsetDuration, area: configuration.detector.stationArea,
      upper: integral(of: .upper, hit, over: hit.upper.samples.indices),
      lower: integral(of: .lower, hit, over: hit.lower.samples.indices), windowCount: 1,
      isSaturated: isSaturated(hit), badLayers: hit.badLayers, windowStart: hit.windowStart)
  }
}

extension Hit {
  /// Whether the calibration of all layers that are not bad makes sense: pedestal within the range
  /// of the electronics, at least one count a VEM.
  public func isCalibrated(_ detector: DetectorDescription) -> Bool {
    goodLayers.allSatisfy { layer in
      let waveform = self[layer]
      return waveform.pedestal >= 0 && waveform.pedestal < detector.fullScale + 1
        && waveform.pedestalDeviation >= 0 && waveform.pedestalDeviation.isFinite
        && waveform.countsPerVEM >= 1 && waveform.countsPerVEM.isFinite
    }
  }
}

extension Waveform {
  fileprivate var largestSample: Int {
    samples.withUnsafeBufferPointer { samples in
      var largest: UInt16 = 0
      for sample in samples { largest = max(largest, sample) }
      return Int(largest)
    }
  }
}
