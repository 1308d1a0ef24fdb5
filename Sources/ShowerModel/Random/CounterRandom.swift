/// Counter-based random numbers, Philox4x32-10.
///
/// The key is the seed. The counter names what is drawn: event, station, stream. So the numbers of
/// an event do not depend on the order or the thread in which events are made.
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
public struct CounterRandom: RandomNumberGenerator, Sendable {
  @usableFromInline let key: SIMD2<UInt32>
  @usableFromInline var counter: SIMD4<UInt32>
  /// The last block: its words, as two numbers of 64 bits.
  @usableFromInline var low: UInt64 = 0
  @usableFromInline var high: UInt64 = 0
  /// Words of the block that are used up.
  @usableFromInline var used = 4

  /// The stream of one purpose.
  ///
  /// - Parameters:
  ///   - seed: seed of the run.
  ///   - event: number of the event, up to 2^40.
  ///   - station: number of the station, up to 2^16; 0 where the draw belongs to the event.
  ///   - stream: purpose of the numbers.
  @inlinable public init(
    seed: UInt64, event: Int, station: Int = 0, stream: RandomStream = .generic
  ) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let event = UInt64(bitPattern: Int64(event))
    counter = SIMD4(
      0, UInt32(truncatingIfNeeded: event),
      UInt32(truncatingIfNeeded: (event >> 32) & 0xff) | UInt32(stream.number & 0xff) << 8
        | UInt32(station & 0xffff) << 16, 0)
  }

  /// One block of the generator, for tests against the published vectors.
  @inlinable static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
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

  /// 32 random bits.
  @inlinable @inline(__always) public mutating func word() -> UInt32 {
    if used == 4 {
      refill()
      used = 0
    }
    defer { used += 1 }
    let half = used < 2 ? low : high
    return UInt32(truncatingIfNeeded: half >> (UInt64(used & 1) << 5))
  }

  // Once in four words: not worth its place in every caller.
  @inlinable @inline(never) mutating func refill() {
    let block = CounterRandom.philox(counter: counter, key: key)
    counter.x &+= 1
    low = UInt64(block.x) | UInt64(block.y) << 32
    high = UInt64(block.z) | UInt64(block.w) << 32
  }

  @inlinable @inline(__always) public mutating func next() -> UInt64 {
    let first = UInt64(word())
    return first << 32 | UInt64(word())
  }

  /// Uniform in the open interval (0, 1), 32 bits.
  @inlinable @inline(__always) public mutating func uniform() -> Double {
    (Double(word()) + 0.5) * 0x1p-32
  }
}
