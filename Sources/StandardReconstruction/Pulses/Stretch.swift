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
  ///   - found: gets the stretches in order of time.
  static func find(
    in waveform: Waveform, _ layer: Layer, above onsetThreshold: Double,
    appendingTo found: inout [Stretch]
  ) {
    let above = onsetThreshold * waveform.pedestalDeviation
    // Samples are whole numbers: above the threshold means at or above `high`, below it at or below
    // `low`.
    let threshold = waveform.pedestal + above
    guard threshold < 65_536 else { return }
    let (high, low) = (Int32(threshold.rounded(.down)) + 1, Int32(threshold.rounded(.up)) - 1)
    let quiet = 4 * (waveform.pedestal + 0.5 * above)
    waveform.samples.withUnsafeBufferPointer { samples in
      // Four samples in a row hold every fourth one: most samples of a quiet window need no look.
      var begin = 0
      while begin + 4 <= samples.count {
        guard Int32(samples[begin + 3]) >= high else {
          begin += 4
          continue
        }
        var onset = begin + 3
        while onset > begin, Int32(samples[onset - 1]) >= high { onset -= 1 }
        var j = begin + 4
        while j < samples.count, j < onset + 4, Int32(samples[j]) >= high { j += 1 }
        guard j == onset + 4 else {
          begin = j + 1
          continue
        }
        while j + 4 <= samples.count {
          let (a, b) = (Int32(samples[j]), Int32(samples[j + 1]))
          let (c, d) = (Int32(samples[j + 2]), Int32(samples[j + 3]))
          // The end lies behind the last sample that is not below.
          if d > low {
            j += 4
          } else if c > low {
            j += 3
          } else if b > low {
            j += 2
          } else if a <= low && Double(a + b + c + d) < quiet {
            break
          } else {
            j += 1
          }
        }
        // Without an end the last three samples, too few to tell, belong to no stretch.
        j = min(j, max(onset + 4, samples.count - 3))
        found.append(Stretch(onset: onset, end: j, layer: layer))
        begin = j
      }
    }
  }
}
