internal import ShowerModel

/// From FADC counts to what the network sees: y = ln(1 + 10 x), x >= 0 in VEM per sample.
///
/// Kept as fixed-point numbers of 16 bits, with 4096 steps in a unit (y < 8, 298 VEM a sample).
/// This is half of the memory of floats, and finer than a count of the FADC everywhere.
enum TraceTransform {
  static let scale: Float = 4096

  /// Puts the samples of a layer into a station's trace `[T, 2]`, from sample `offset` on.
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
    let target = trace + 2 * (offset + first) + layer.rawValue
    waveform.samples.withUnsafeBytes { counts in
      var index = first
      while index + 8 <= last {
        let block = counts.loadUnaligned(fromByteOffset: 2 * index, as: SIMD8<UInt16>.self)
        let fixed = value(of: block, pedestal: pedestal, gain: gain)
        for lane in 0..<8 { target[2 * (index - first + lane)] = fixed[lane] }
        index += 8
      }
      guard index < last else { return }
      var block = SIMD8<UInt16>(repeating: 0)
      for lane in 0..<last - index {
        block[lane] = counts.loadUnaligned(fromByteOffset: 2 * (index + lane), as: UInt16.self)
      }
      let fixed = value(of: block, pedestal: pedestal, gain: gain)
      for lane in 0..<last - index { target[2 * (index - first + lane)] = fixed[lane] }
    }
  }

  /// Fixed-point values of eight samples.
  ///
  /// Integers and floats are exchanged through the lowest bits of 2^23 + n, which rounds to
  /// nearest. Conversions lane by lane would cost more than the logarithm.
  @inline(__always)
  private static func value(
    of counts: SIMD8<UInt16>, pedestal: SIMD8<Float>, gain: SIMD8<Float>
  ) -> SIMD8<Int16> {
    let one = SIMD8<Float>(repeating: 1)
    let excess = (float(SIMD8<UInt32>(truncatingIfNeeded: counts)) - pedestal) * gain
    let held = excess.replacing(with: 0, where: excess .< 0)
    let scaled = logarithm(of: one + held) * scale
    let limited = scaled.replacing(with: 32767, where: scaled .> 32767)
    let bits = unsafeBitCast(limited + magic, to: SIMD8<UInt32>.self) & 0x7f_ffff
    return SIMD8<Int16>(truncatingIfNeeded: bits)
  }

  private static let magic: Float = 8_388_608

  /// Integers below 2^23 as floats.
  @inline(__always)
  private static func float(_ n: SIMD8<UInt32>) -> SIMD8<Float> {
    unsafeBitCast(n | 0x4b00_0000, to: SIMD8<Float>.self) - magic
  }

  /// ln x for normal x >= 1, better than 2e-5: a sixteenth of a step of the fixed-point numbers.
  ///
  /// With m = x / 2^e in [1, 2) and s = (m - 1) / (m + 1), ln m = 2 (s + s^3/3 + s^5/5 + ...).
  @inline(__always)
  static func logarithm(of x: SIMD8<Float>) -> SIMD8<Float> {
    let bits = unsafeBitCast(x, to: SIMD8<UInt32>.self)
    let exponent = float(bits &>> 23) - 127
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
