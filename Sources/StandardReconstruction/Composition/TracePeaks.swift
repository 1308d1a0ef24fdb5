import ShowerModel

/// Peaks in the readout windows of one station. Source: INR chain of the Telescope Array.
///
/// A window of which a layer is bad or has no usable calibration is passed over. Of stations of one
/// layer, the sum of the layers is that layer.
struct TracePeaks {
  /// Length of a sample [ns].
  let samplePeriod: Double
  /// Peaks of both layers.
  private(set) var count = 0
  /// Those that one layer has alone.
  private(set) var oneLayerCount = 0
  /// Largest sample of the sum of the layers [VEM]; 0 where none is above.
  private(set) var largestSum = 0.0

  /// Samples of the published peaks [ns]; a sample of another length holds another charge.
  private static let publishedPeriod = 20.0
  /// Smallest peak [VEM in 20 ns].
  private static let threshold = 0.2
  /// Time on each side of a peak that it must stand out from [ns].
  private static let reach = 60.0
  /// Smallest sum of the layers at a peak of one layer [VEM in 20 ns], and how unlike they must be.
  private static let oneLayerThreshold = 0.28
  private static let oneLayerRatio = 1.0 / 3

  /// Layers that stations do not have.
  private let absentLayers: LayerSet

  init(_ detector: DetectorDescription) {
    samplePeriod = detector.samplePeriod
    absentLayers = detector.absentLayers
  }

  /// From counts of a sample to VEM: `scale * counts + offset`.
  private struct Calibration {
    let scale: Double
    let offset: Double

    /// nil where the numbers of the monitoring make no sense.
    init?(_ waveform: Waveform) {
      scale = 1 / waveform.countsPerVEM
      offset = -waveform.pedestal * scale
      guard scale.isFinite, scale > 0, offset.isFinite else { return nil }
    }

    func charge(_ sample: UInt16) -> Double { Double(sample) * scale + offset }

    /// The largest number of counts that is not above a charge [VEM].
    func counts(notAbove charge: Double) -> Int {
      Int(min(max(((charge - offset) / scale).rounded(.down), -1), 65_536))
    }
  }

  /// Adds the peaks of a window.
  mutating func add(_ hit: Hit) {
    guard hit.badLayers == absentLayers, let upper = Calibration(hit.upper) else { return }
    guard absentLayers.isEmpty else { return addOneLayer(hit.upper, upper) }
    guard let lower = Calibration(hit.lower) else { return }
    hit.upper.samples.withUnsafeBufferPointer { upperSamples in
      hit.lower.samples.withUnsafeBufferPointer { lowerSamples in
        let count = min(upperSamples.count, lowerSamples.count)
        let offset = upper.offset + lower.offset
        func sum(_ index: Int) -> Double {
          Double(upperSamples[index]) * upper.scale + Double(lowerSamples[index]) * lower.scale
        }
        // Four maxima side by side: one alone waits for itself at every sample.
        var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index + 4 <= count {
          a = max(a, sum(index))
          b = max(b, sum(index + 1))
          c = max(c, sum(index + 2))
          d = max(d, sum(index + 3))
          index += 4
        }
        while index < count {
          a = max(a, sum(index))
          index += 1
        }
        largestSum = max(largestSum, max(max(a, b), max(c, d)) + offset)
        addPeaks(upperSamples, upper, beside: lowerSamples, lower, count)
        addPeaks(lowerSamples, lower, beside: upperSamples, upper, count)
      }
    }
  }

  /// Adds the peaks of the only layer.
  private mutating func addOneLayer(_ waveform: Waveform, _ calibration: Calibration) {
    let largest = waveform.samples.max() ?? 0
    largestSum = max(largestSum, calibration.charge(largest))
    waveform.samples.withUnsafeBufferPointer {
      addPeaks($0, calibration, beside: $0, calibration, $0.count)
    }
  }

  private mutating func addPeaks(
    _ samples: UnsafeBufferPointer<UInt16>, _ calibration: Calibration,
    beside others: UnsafeBufferPointer<UInt16>, _ otherCalibration: Calibration, _ sampleCount: Int
  ) {
    let part = samplePeriod / Self.publishedPeriod
    let limit = calibration.counts(notAbove: Self.threshold * part)
    let oneLayerThreshold = Self.oneLayerThreshold * part
    let reach = max(Int((Self.reach / samplePeriod).rounded()), 1)
    guard sampleCount > 2 * reach else { return }
    for index in reach..<sampleCount - reach where Int(samples[index]) > limit {
      let sample = samples[index]
      var stands = true
      var distance = 1
      while stands, distance <= reach {
        stands = sample > samples[index - distance] && sample >= samples[index + distance]
        distance += 1
      }
      guard stands else { continue }
      count += 1
      let (a, b) = (calibration.charge(sample), otherCalibration.charge(others[index]))
      if abs(a - b) > Self.oneLayerRatio * (a + b) && a + b > oneLayerThreshold {
        oneLayerCount += 1
      }
    }
  }
}
