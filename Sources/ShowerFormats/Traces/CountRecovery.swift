internal import ShowerModel

extension Waveform {
  /// A deviation of the pedestal as the experiment's stations have it, where a file states none
  /// [counts].
  private static let typicalDeviation = 0.27
  /// A pedestal to which traces are put whose own is not known [counts].
  private static let typicalPedestal = 5
  /// VEM of a count where the samples tell none.
  private static let coarseCount = 0.025

  /// The counts of a trace that is given in VEM.
  ///
  /// Such traces were made of whole counts: their values are multiples of the VEM of one count,
  /// shifted by the pedestal. Both are found again from the values, up to whole counts of the
  /// pedestal, which are set to those of a usual station. Where the values lie on no such grid,
  /// counts of 0.025 VEM stand for them.
  init(vem values: [Double]) {
    let values = values.map { $0.isFinite ? $0 : 0 }
    let lowest = values.min() ?? 0
    let count = Self.count(of: values) ?? Self.coarseCount
    let pedestal = -lowest / count
    // Pedestals are multiples of 1/8 count: the last digits must not move them by a whole one.
    let base = max(Self.typicalPedestal - Int(min(max(pedestal + 0.05, 0), 1e6)), 0)
    self.init(
      samples: values.map { value in
        UInt16(min(max(((value - lowest) / count).rounded() + Double(base), 0), 65_535))
      },
      pedestal: pedestal + Double(base), pedestalDeviation: Self.typicalDeviation,
      countsPerVEM: 1 / count)
  }

  /// Windows of one layer that are given as counts over the counts of a VEM, pedestal included.
  ///
  /// The counts are exact. The pedestal is estimated from the quiet samples before the signal.
  ///
  /// - Parameter windows: that follow each other, the first one with quiet samples.
  /// - Returns: the same windows, with one calibration.
  static func windows(ofRatios windows: [[Double]]) -> [Waveform] {
    let windows = windows.map { $0.map { $0.isFinite && $0 > 0 ? $0 : 0 } }
    let count = Self.count(of: windows.joined() + [0]) ?? Self.coarseCount
    let samples = windows.map { values in
      values.map { UInt16(min(($0 / count).rounded(), 65_535)) }
    }
    let pedestal = QuietSamples.pedestal(of: samples) ?? Double(Self.typicalPedestal)
    return samples.map {
      Waveform(
        samples: $0, pedestal: pedestal, pedestalDeviation: Self.typicalDeviation,
        countsPerVEM: 1 / count)
    }
  }

  /// The step of the grid on which values lie; nil where there is none.
  private static func count(of values: [Double]) -> Double? {
    let sorted = values.sorted()
    guard let lowest = sorted.first, let highest = sorted.last, highest > lowest else {
      return nil
    }
    // Digits of text: equal values differ by less.
    let smallest = 1e-3
    let gaps = zip(sorted, sorted.dropFirst()).map { $1 - $0 }.filter { $0 > smallest }
    guard var step = gaps.min() else { return nil }
    // A larger distance determines the step better.
    for value in sorted where value - lowest > smallest {
      let steps = ((value - lowest) / step).rounded()
      guard steps >= 1 else { return nil }
      step = (value - lowest) / steps
    }
    let isGrid = sorted.allSatisfy { value in
      let steps = (value - lowest) / step
      return abs(steps - steps.rounded()) < 0.2
    }
    return isGrid ? step : nil
  }
}
