import ShowerModel

/// Saturation as the experiment defines it: 40 muons in one sample of the deconvolved trace.
///
/// Each trace is deconvolved with the pulse of one muon by Gold's method: x = 1, then 1000 times
/// `x_i <- x_i b_i / (M x)_i`, with b = H^T y and M = H^T H.
/// Source: rufptn; R. Gold, Argonne report ANL-6984 (1964).
struct PublishedSaturation {
  /// 40 / cos 35 degrees [VEM].
  static let limit = 48.831
  /// The pulse of one muon in samples of 20 ns.
  private static let pulse = [
    0.09044301, 0.2011518, 0.2357062, 0.1958141, 0.1346454, 0.07871757, 0.03778135, 0.01320628,
    0.003927172, 0.001456995, 0.0007651797, 0.0004421589,
  ]
  private static let pulsePeak = 0.2357062
  private static let iterations = 1000
  /// M, by the distance from the diagonal.
  private static let autocorrelation = pulse.indices.map { distance in
    pulse.indices.dropLast(distance).reduce(0) { $0 + pulse[$1] * pulse[$1 + distance] }
  }

  /// Whether a trace of either layer is saturated in one of the windows of a hit.
  static func isSaturated(_ hit: PublishedHit, _ windows: [Hit]) -> Bool {
    guard max(hit.upper.charge, hit.lower.charge) >= limit else { return false }
    return hit.windows.contains { index in
      isSaturated(windows[index].upper.samples, hit.upper)
        || isSaturated(windows[index].lower.samples, hit.lower)
    }
  }

  private static func isSaturated(_ samples: [UInt16], _ layer: PublishedLayer) -> Bool {
    let trace = samples.map { max(0, Double($0) - layer.pedestal) }
    let limit = Self.limit * layer.countsPerVEM
    // A sample of the result over the limit needs a pulse of nearly its height in the trace; half
    // of that spares most traces.
    guard (trace.max() ?? 0) > 0.5 * pulsePeak * limit else { return false }
    return largestSample(deconvolving: trace) > limit
  }

  /// Largest sample of a deconvolved trace, in its unit.
  static func largestSample(deconvolving trace: [Double]) -> Double {
    let n = trace.count
    var b = [Double](repeating: 0, count: n)
    for i in 0..<n {
      for (k, h) in pulse.enumerated() where i + k < n { b[i] += h * trace[i + k] }
    }
    // With a margin of zeros, so that the inner loop has no ends.
    let margin = pulse.count - 1
    var x = [Double](repeating: 0, count: n + 2 * margin)
    for i in 0..<n where b[i] > 1e-6 { x[margin + i] = 1 }
    var next = x
    autocorrelation.withUnsafeBufferPointer { m in
      b.withUnsafeBufferPointer { b in
        x.withUnsafeMutableBufferPointer { x in
          next.withUnsafeMutableBufferPointer { next in
            for _ in 0..<iterations {
              for i in 0..<n {
                let c = i + margin
                var sum = m[0] * x[c]
                for d in 1...margin { sum += m[d] * (x[c - d] + x[c + d]) }
                next[c] = x[c] > 1e-6 && b[i] > 1e-6 ? x[c] * b[i] / sum : 0
              }
              for c in margin..<margin + n { x[c] = next[c] }
            }
          }
        }
      }
    }
    return x.max() ?? 0
  }
}
