import Glibc
internal import ShowerModel

/// Fourteen features of the waveforms of a station: six of each layer, and two of both.
///
/// Each layer has three times: those at which 10, 50 and 90 % of its charge have arrived, from the
/// start of the trace. It has the charge over the highest sample (a duration) and the number of
/// peaks. Its jumps are the sum of steep rises, which counts muons (Auger's jump method,
/// arXiv:1503.07786). Both layers together have their overlap and the late part of the charge. A
/// bad layer has no features; they are zero after normalisation.
struct TraceFeatures: Sendable {
  /// Upper layer, lower layer.
  private(set) var layers = [LayerNumbers](repeating: LayerNumbers(), count: 2)
  /// Sum over samples of the smaller of both layers over that of the larger.
  private(set) var overlap = Double.nan
  /// Part of the charge more than 1 us after 10 % of it have come.
  private(set) var late = Double.nan

  static let none = TraceFeatures()

  struct LayerNumbers {
    var quantiles = SIMD3<Double>(repeating: .nan)
    var areaOverPeak = Double.nan
    var peaks = Double.nan
    var jumps = Double.nan
  }

  /// Length of a sample [ns].
  private let samplePeriod: Double

  /// Samples of which the next two numbers are charges [ns].
  private static let referencePeriod = 20.0
  /// Samples below this are noise [VEM in 20 ns]: three times its rms.
  private static let threshold = 0.06
  /// A rise above this from one sample to the next is a particle [VEM in 20 ns].
  private static let jump = 0.1

  private init() { samplePeriod = Self.referencePeriod }

  /// - Parameters:
  ///   - windows: of one station, in order of time, at least one.
  ///   - samples: length of the trace that is looked at.
  ///   - samplePeriod: length of a sample [ns].
  init(_ windows: ArraySlice<Hit>, samples: Int, samplePeriod: Double) {
    self.samplePeriod = samplePeriod
    let threshold = Self.threshold * (samplePeriod / Self.referencePeriod)
    guard let start = windows.first?.windowStart else { return }
    var traces = [[Double]?](repeating: nil, count: 2)
    for layer in Layer.allCases {
      guard !windows.contains(where: { $0.badLayers.contains(layer) }) else { continue }
      var trace = [Double](repeating: 0, count: samples)
      for hit in windows {
        let offset = Int(((hit.windowStart - start) / samplePeriod).rounded())
        let waveform = hit[layer]
        guard waveform.countsPerVEM > 0, (0..<samples).contains(offset) else { continue }
        for (index, count) in waveform.samples.prefix(samples - offset).enumerated() {
          let value = (Double(count) - waveform.pedestal) / waveform.countsPerVEM
          trace[offset + index] = value > threshold ? value : 0
        }
      }
      traces[layer.rawValue] = trace
      layers[layer.rawValue] = numbers(of: trace)
    }
    setBoth(traces)
  }

  private func numbers(of trace: [Double]) -> LayerNumbers {
    var result = LayerNumbers()
    let jump = Self.jump * (samplePeriod / Self.referencePeriod)
    let charge = trace.reduce(0, +)
    let highest = trace.max() ?? 0
    guard charge > 0 else { return result }
    result.quantiles = SIMD3(
      time(of: 0.1, trace, charge), time(of: 0.5, trace, charge), time(of: 0.9, trace, charge))
    result.areaOverPeak = charge / highest
    var (peaks, jumps) = (0, 0.0)
    for index in 1..<trace.count {
      let rise = trace[index] - trace[index - 1]
      if rise > jump { jumps += rise }
      let next = index + 1 < trace.count ? trace[index + 1] : 0
      if trace[index] > jump, rise > 0, trace[index] >= next { peaks += 1 }
    }
    (result.peaks, result.jumps) = (Double(peaks), jumps)
    return result
  }

  /// Time [us] by which a part of the charge has come, linear within a sample.
  private func time(of part: Double, _ trace: [Double], _ charge: Double) -> Double {
    var sum = 0.0
    for (index, value) in trace.enumerated() {
      if sum + value >= part * charge {
        let within = value > 0 ? (part * charge - sum) / value : 0
        return (Double(index) + within) * samplePeriod / Units.microsecond
      }
      sum += value
    }
    return Double(trace.count) * samplePeriod / Units.microsecond
  }

  private mutating func setBoth(_ traces: [[Double]?]) {
    if let upper = traces[0], let lower = traces[1] {
      var (smaller, larger) = (0.0, 0.0)
      for (a, b) in zip(upper, lower) {
        smaller += min(a, b)
        larger += max(a, b)
      }
      if larger > 0 { overlap = smaller / larger }
    }
    var (charge, lateCharge) = (0.0, 0.0)
    for (trace, numbers) in zip(traces, layers) {
      guard let trace, numbers.quantiles.x.isFinite else { continue }
      let begin =
        Int((numbers.quantiles.x * Units.microsecond + Units.microsecond) / samplePeriod)
      for (index, value) in trace.enumerated() {
        charge += value
        if index > begin { lateCharge += value }
      }
    }
    if charge > 0 { late = lateCharge / charge }
  }

  // MARK: - As inputs

  static let inputs: [ImageInput<StationView>] = inputs(of: .upper) + inputs(of: .lower) + ofBoth

  static let names = Set(inputs.map(\.name))

  private static func inputs(of layer: Layer) -> [ImageInput<StationView>] {
    let number = layer.rawValue
    func input(
      _ name: String, _ description: String, _ value: @escaping @Sendable (LayerNumbers) -> Double
    ) -> ImageInput<StationView> {
      .scalar("\(layer)_\(name)", "\(description), \(layer) layer") {
        value($0.trace.layers[number])
      }
    }
    return [
      input("t10", "10 % of the charge, from the start of the trace [us]") { $0.quantiles.x },
      input("t50", "50 % of the charge [us]") { $0.quantiles.y },
      input("t90", "90 % of the charge [us]") { $0.quantiles.z },
      input("area_over_peak", "ln(charge / highest sample)") { log($0.areaOverPeak) },
      input("peaks", "ln(1 + peaks above 0.1 VEM)") { log(1 + $0.peaks) },
      input("jumps", "ln(1 + sum of rises above 0.1 VEM a sample)") { log(1 + $0.jumps) },
    ]
  }

  private static let ofBoth: [ImageInput<StationView>] = [
    .scalar("layer_overlap", "smaller over larger of both layers, sample by sample, summed") {
      $0.trace.overlap
    },
    .scalar("late_fraction", "charge more than 1 us after the first tenth of it") {
      $0.trace.late
    },
  ]
}
