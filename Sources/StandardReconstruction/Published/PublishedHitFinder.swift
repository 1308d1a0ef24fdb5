import Glibc
import ShowerModel

/// Makes hits from readout windows, as the program rufptn of the experiment does.
///
/// A window continues the hit of the window before it if both are of one station, unless both
/// layers have been quiet for 50 samples. The second window of an event always begins a new hit.
/// The signal of a layer is the sum of the samples inside pulses alone.
struct PublishedHitFinder {
  /// Quiet samples in both layers after which a new hit begins.
  private static let gap = 50

  let samplePeriod: Double

  /// Hits in the order of the windows.
  func hits(of windows: [Hit]) -> [PublishedHit] {
    var hits: [PublishedHit] = []
    var open: (upper: LayerScan, lower: LayerScan, first: Int)?
    func close(before end: Int) {
      guard let scan = open else { return }
      hits.append(hit(windows, scan.first..<end, scan.upper, scan.lower))
      open = nil
    }
    for (index, window) in windows.enumerated() {
      guard isUsable(window) else {
        close(before: index)
        continue
      }
      if let scan = open {
        let continues =
          index >= 2 && windows[scan.first].station == window.station
          && min(scan.upper.quiet, scan.lower.quiet) < Self.gap
        if !continues { close(before: index) }
      }
      var scan = open ?? (LayerScan(window.upper), LayerScan(window.lower), index)
      scan.upper.add(window.upper.samples)
      scan.lower.add(window.lower.samples)
      open = scan
    }
    close(before: windows.count)
    return hits
  }

  /// Whether the pedestals are in the range that the programs read, the lower one at most 31
  /// counts.
  private func isUsable(_ window: Hit) -> Bool {
    let (upper, lower) = (window.upper.pedestal, window.lower.pedestal)
    return window.windowStart.isFinite && lower <= 31 && upper >= 1 && upper < 249
  }

  private func hit(
    _ windows: [Hit], _ range: Range<Int>, _ upper: LayerScan, _ lower: LayerScan
  ) -> PublishedHit {
    let window = windows[range.lowerBound]
    let isGood =
      window.badLayers.isEmpty && upper.isCalibrated && lower.isCalibrated
      && window.lower.pedestal >= 1 && window.upper.pedestal <= 31
    func layer(_ scan: LayerScan) -> PublishedLayer {
      PublishedLayer(
        pedestal: scan.pedestal, countsPerVEM: scan.countsPerVEM,
        time: GridUnits.perNanosecond
          * (window.windowStart + samplePeriod * Double(scan.firstWindow.start)),
        timeError: GridUnits.perNanosecond * samplePeriod
          * Double(scan.firstWindow.peak - scan.firstWindow.start) / 2.33,
        charge: isGood ? scan.area / scan.countsPerVEM : 0)
    }
    return PublishedHit(
      station: window.station, flag: isGood ? .alone : .bad, upper: layer(upper),
      lower: layer(lower), windows: range)
  }
}

/// The pulses of one layer over the windows of a hit.
private struct LayerScan {
  let pedestal: Double
  let countsPerVEM: Double
  private let threshold: Double
  /// Onset and peak as they are at the end of the first window [samples].
  private(set) var firstWindow = (start: 0, peak: 127)
  /// Counts above the pedestal inside pulses.
  var area: Double { sum - Double(sampleCount) * pedestal }
  /// Samples since the last one of a pulse.
  private(set) var quiet = 0
  private var sum = 0.0
  private var sampleCount = 0
  private var isInPulse = false
  private var isFirst = true

  init(_ waveform: Waveform) {
    pedestal = waveform.pedestal
    countsPerVEM = waveform.countsPerVEM
    threshold = 5 * waveform.pedestalDeviation
  }

  var isCalibrated: Bool { countsPerVEM >= 1 && countsPerVEM.isFinite && threshold.isFinite }

  mutating func add(_ samples: [UInt16]) {
    var (start, peak) = (0, samples.count - 1)
    var hasPeak = false
    // Samples are whole numbers: these limits say the same as those above the pedestal.
    let (high, above) = (pedestal + threshold, pedestal + threshold)
    let quietSum = 4 * pedestal + 2 * threshold
    samples.withUnsafeBufferPointer { samples in
      let count = samples.count
      var previous = 0.0
      for j in 0..<count {
        let value = Double(samples[j])
        if !isInPulse {
          quiet += 1
          if value >= high, (j..<min(j + 4, count)).allSatisfy({ Double(samples[$0]) >= high }) {
            isInPulse = true
            if start == 0 { start = j }
          }
        }
        if isInPulse {
          sum += value
          sampleCount += 1
          if !hasPeak, value < previous {
            hasPeak = true
            peak = j - 1
          }
          if j <= count - 6, isEnd(samples, after: j, above: above, quietSum: quietSum) {
            isInPulse = false
            quiet = 0
          }
        }
        previous = value
      }
    }
    if isInPulse { quiet = 0 }
    if isFirst { firstWindow = (start, peak) }
    isFirst = false
  }

  /// Whether none of the next four samples is above the threshold, and their mean at most half of
  /// it.
  private func isEnd(
    _ samples: UnsafeBufferPointer<UInt16>, after j: Int, above: Double, quietSum: Double
  ) -> Bool {
    var total = 0.0
    for k in j + 1...j + 4 {
      let value = Double(samples[k])
      if value > above { return false }
      total += value
    }
    return total <= quietSum
  }
}
