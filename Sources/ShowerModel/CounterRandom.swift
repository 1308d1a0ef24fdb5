/// Counter-based random numbers, Philox4x32-10.
///
/// The key is the seed, the counter names what is drawn (event, station, stream), so the numbers of
/// an event never depend on the order or the thread in which events are made.
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
public struct CounterRandom: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private var counter: SIMD4<UInt32>
  private var block: SIMD4<UInt32> = .zero
  private var used = 4

  /// The stream of one purpose.
  ///
  /// - Parameters:
  ///   - seed: seed of the run.
  ///   - event: number of the event, up to 2^40.
  ///   - station: number of the station, up to 2^16; 0 where the draw belongs to the event.
  ///   - stream: which of several independent uses, up to 2^8.
  public init(seed: UInt64, event: Int, station: Int = 0, stream: Int = 0) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let event = UInt64(bitPattern: Int64(event))
    counter = SIMD4(
      0, UInt32(truncatingIfNeeded: event),
      UInt32(truncatingIfNeeded: (event >> 32) & 0xff) | UInt32(stream & 0xff) << 8
        | UInt32(station & 0xffff) << 16, 0)
  }

  /// One block of the generator, for tests against the published vectors.
  static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    // Scalars: twice as fast as lanes of the vectors.
    var (c0, c1, c2, c3) = (counter.x, counter.y, counter.z, counter.w)
    var (k0, k1) = (key.x, key.y)
    for _ in 0..<10 {
      let a = UInt64(c0) &* 0xD251_1F53
      let b = UInt64(c2) &* 0xCD9E_8D57
      c0 = UInt32(truncatingIfNeeded: b >> 32) ^ c1 ^ k0
      c1 = UInt32(truncatingIfNeeded: b)
      c2 = UInt32(truncatingIfNeeded: a >> 32) ^ c3 ^ k1
      c3 = UInt32(truncatingIfNeeded: a)
      k0 = k0 &+ 0x9E37_79B9
      k1 = k1 &+ 0xBB67_AE85
    }
    return SIMD4(c0, c1, c2, c3)
  }

  @inline(__always) private mutating func word() -> UInt32 {
    if used == 4 {
      block = CounterRandom.philox(counter: counter, key: key)
      counter.x &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  public mutating func next() -> UInt64 {
    let high = UInt64(word())
    return high << 32 | UInt64(word())
  }

  /// Uniform in the open interval (0, 1), 32 bits.
  public mutating func uniform() -> Double { (Double(word()) + 0.5) * 0x1p-32 }
}
