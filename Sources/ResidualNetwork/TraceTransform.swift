internal import ShowerModel

/// From FADC counts to what the network sees: y = ln(1 + 10 x), x >= 0 in VEM per sample.
///
/// Kept as fixed-point numbers of 16 bits, 4096 to the unit (y < 8, 298 VEM a sample): half of the
/// memory of floats, and finer than a count of the FADC everywhere.
enum TraceTransform {
  static let scale: Float = 4096

  /// Adds the samples of a layer to a station's trace `[T, 2]`, from sample `offset` on.
  ///
  /// Samples before 0 or beyond T are left out.
  static func place(
    _ waveform: Waveform, layer: Layer, offset: Int, into trace: UnsafeMutablePointer<Int16>,
    samples: Int
  ) {
    guard waveform.countsPerVEM > 0, waveform.pedestal.isFinite else { return }
    let gain = SIMD8<Float>(repeating: Float(10 / waveform.countsPerVEM))
    let pedestal = SIMD8<Float>(repeating: Float(waveform.pedestal))
    let first = max(0, -offset)
    let last = min(waveform.samples.count, samples - offset)
    guard first < last else { return }
    waveform.samples.withUnsafeBufferPointer { counts in
      var index = first
      while index < last {
        let width = min(8, last - index)
        var block = SIMD8<UInt16>(repeating: 0)
        for lane in 0..<width { block[lane] = counts[index + lane] }
        let excess = (SIMD8<Float>(block) - pedestal) * gain
        let value = logarithm(
          of: 1 + excess.clamped(lowerBound: .zero, upperBound: .init(repeating: 1e6)))
        let fixed = SIMD8<Int16>(
          (value * scale).clamped(lowerBound: .zero, upperBound: .init(repeating: 32767)),
          rounding: .toNearestOrEven)
        for lane in 0..<width {
          trace[2 * (offset + index + lane) + layer.rawValue] = fixed[lane]
        }
        index += 8
      }
    }
  }

  /// ln x for normal x >= 1, better than 2e-5: a sixteenth of a step of the fixed-point numbers.
  ///
  /// With m = x / 2^e in [1, 2) and s = (m - 1) / (m + 1), ln m = 2 (s + s^3/3 + s^5/5 + ...).
  @inline(__always)
  static func logarithm(of x: SIMD8<Float>) -> SIMD8<Float> {
    let bits = unsafeBitCast(x, to: SIMD8<UInt32>.self)
    let exponent = SIMD8<Float>(bits &>> 23) - 127
    let mantissa = unsafeBitCast((bits & 0x7f_ffff) | 0x3f80_0000, to: SIMD8<Float>.self)
    let s = (mantissa - 1) / (mantissa + 1)
    let s2 = s * s
    var series = SIMD8<Float>(repeating: 2 / 9)
    series = series * s2 + SIMD8<Float>(repeating: 2 / 7)
    series = series * s2 + SIMD8<Float>(repeating: 2 / 5)
    series = series * s2 + SIMD8<Float>(repeating: 2 / 3)
    series = series * s2 + SIMD8<Float>(repeating: 2)
    return exponent * Float(0.693147180559945) + series * s
  }
}
