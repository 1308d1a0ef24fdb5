internal import ShowerModel

/// Pedestal and onset of a trace that comes without its calibration.
enum QuietSamples {
  /// Readout windows of the Telescope Array begin with as many samples before the signal, or more.
  private static let count = 20
  /// Farthest that a sample without a signal lies from the middle one [counts].
  private static let widest = 3

  /// Mean of the samples before the signal [counts].
  ///
  /// - Returns: nil for no samples. Where the trace begins with a signal: the smallest mean of 20
  ///   samples of a window.
  static func pedestal(of windows: [[UInt16]]) -> Double? {
    let blocks = windows.flatMap { samples in
      stride(from: 0, to: samples.count - count + 1, by: count).map { samples[$0..<$0 + count] }
    }
    guard let first = blocks.first else { return nil }
    // A small pulse of a muon may lie among them.
    let middle = first.sorted()[count / 2]
    let quiet = first.filter { abs(Int($0) - Int(middle)) <= widest }
    if quiet.count * 4 >= count * 3 { return mean(quiet[...]) }
    return blocks.map(mean).min()
  }

  private static func mean(_ samples: ArraySlice<UInt16>) -> Double {
    Double(samples.reduce(0) { $0 + Int($1) }) / Double(samples.count)
  }

  /// The first of four samples above the threshold, as the program rufptn of the experiment finds
  /// the time of a hit; 0 where there are none.
  static func onset(of waveform: Waveform) -> Int {
    let threshold = waveform.pedestal + 5 * waveform.pedestalDeviation
    let isAbove = waveform.samples.map { Double($0) >= threshold }
    let onset = isAbove.indices.first {
      isAbove[$0..<min($0 + 4, isAbove.count)].allSatisfy(\.self)
    }
    return onset ?? 0
  }
}
