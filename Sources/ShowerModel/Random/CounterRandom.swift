/// Counter-based random numbers, Philox4x32-10.
///
/// The key is the seed. The counter names what is drawn: event, station, stream. So the numbers of
/// an event do not depend on the order or the thread in which events are made.
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
public struct CounterRandom: RandomNumberGenerator, Sendable {
  @usableFromInline let key: SIMD2<UInt32>
  @usableFromInline var counter: SIMD4<UInt32>
  /// The words of the last two blocks.
  @usableFromInline var words = InlineArray<8, UInt32>(repeating: 0)
  /// Words that are used up.
  @usableFromInline var used = 8

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
  @inlinable @inline(__always) static func philox(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>
  ) -> SIMD4<UInt32> {
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
    if used == 8 { refill() }
    defer { used += 1 }
    return words[used]
  }

  // Once in eight words: not worth its place in every caller.
  @inlinable @inline(never) mutating func refill() {
    // Many streams end within a block. Two blocks at once take little longer than one.
    used = counter.x == 0 ? 4 : 0
    for first in stride(from: used, to: 8, by: 4) {
      let block = CounterRandom.philox(counter: counter, key: key)
      counter.x &+= 1
      for index in 0..<4 { words[first + index] = block[index] }
    }
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
