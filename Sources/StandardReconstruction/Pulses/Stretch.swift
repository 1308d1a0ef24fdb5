import ShowerModel

/// Samples above threshold in one of the layers: from the onset to the end of a pulse.
struct Stretch {
  /// First sample above threshold.
  var onset: Int
  /// First sample after the end.
  var end: Int
  var layer: Layer

  /// Finds the stretches of one waveform.
  ///
  /// - Parameters:
  ///   - waveform: of one layer.
  ///   - layer: which one.
  ///   - onsetThreshold: above the pedestal, in pedestal deviations.
  ///   - run: samples in a row above it that make an onset, and below it an end; at least 4.
  ///   - found: gets the stretches in order of time.
  static func find(
    in waveform: Waveform, _ layer: Layer, above onsetThreshold: Double, for run: Int,
    appendingTo found: inout [Stretch]
  ) {
    let above = onsetThreshold * waveform.pedestalDeviation
    // Samples are whole numbers: above the threshold means at or above `high`, below it at or below
    // `low`.
    let threshold = waveform.pedestal + above
    guard threshold < 65_536 else { return }
    let (high, low) = (Int32(threshold.rounded(.down)) + 1, Int32(threshold.rounded(.up)) - 1)
    let quiet = waveform.pedestal + 0.5 * above
    // A run of constant length is faster.
    if run == 4 {
      find(in: waveform, layer, (low, high), quiet: quiet, run: 4, appendingTo: &found)
    } else {
      find(in: waveform, layer, (low, high), quiet: quiet, run: run, appendingTo: &found)
    }
  }

  @inline(__always)
  private static func find(
    in waveform: Waveform, _ layer: Layer, _ limits: (low: Int32, high: Int32), quiet: Double,
    run: Int, appendingTo found: inout [Stretch]
  ) {
    let (low, high) = limits
    let quietSum = Double(run) * quiet
    waveform.samples.withUnsafeBufferPointer { samples in
      // A run holds one of every `run` samples: most of a quiet window need no look.
      var begin = 0
      while begin + run <= samples.count {
        guard Int32(samples[begin + run - 1]) >= high else {
          begin += run
          continue
        }
        var onset = begin + run - 1
        while onset > begin, Int32(samples[onset - 1]) >= high { onset -= 1 }
        var j = begin + run
        while j < samples.count, j < onset + run, Int32(samples[j]) >= high { j += 1 }
        guard j == onset + run else {
          begin = j + 1
          continue
        }
        while j + run <= samples.count {
          // The end lies behind the last sample that is not below.
          var last = run - 1
          while last >= 0, Int32(samples[j + last]) <= low { last -= 1 }
          if last < 0 {
            var sum: Int32 = 0
            for k in 0..<run { sum += Int32(samples[j + k]) }
            if Double(sum) < quietSum { break }
          }
          j += max(last, 0) + 1
        }
        // Without an end the last samples, too few to tell, belong to no stretch.
        j = min(j, max(onset + run, samples.count - run + 1))
        found.append(Stretch(onset: onset, end: j, layer: layer))
        begin = j
      }
    }
  }
}
