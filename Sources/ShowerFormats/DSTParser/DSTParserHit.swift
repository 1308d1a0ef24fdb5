internal import ShowerModel

/// One hit of a station, with its readout windows one after the other.
struct DSTParserHit {
  let stationID: Int
  /// Onsets after the earliest hit of the event [ns], the lower layer first.
  let times: SIMD2<Double>
  /// Windows that the hit had in the DST file.
  let foldCount: Int
  /// Counts over counts of a VEM, window by window.
  let lower: [[Double]]
  let upper: [[Double]]

  var windowCount: Int { lower.count }

  /// Whether both onsets are within a second of the earliest hit.
  var hasTime: Bool { abs(times.x) < 1e9 && abs(times.y) < 1e9 }

  /// The windows, such that the onsets found in the first one are at the times of the file.
  ///
  /// The file has no times of the others: they follow without gaps.
  func hits(of station: Int) -> [Hit] {
    let (lower, upper) = (Waveform.windows(ofRatios: lower), Waveform.windows(ofRatios: upper))
    let period = DetectorDescription.telescopeArray.samplePeriod
    let onsets = SIMD2(
      Double(QuietSamples.onset(of: lower[0])), Double(QuietSamples.onset(of: upper[0])))
    let start = (times - period * onsets).sum() / 2
    return zip(upper, lower).enumerated().map { index, layers in
      Hit(
        station: station,
        windowStart: start + Double(index * WaveformBank.sampleCount) * period,
        upper: layers.0, lower: layers.1)
    }
  }
}
