internal import ShowerModel

/// Signs that exchange the two members of some pairs: what chance does where both samples are
/// alike.
struct PairExchange {
  /// 1, or -1 for a pair that is exchanged.
  let signs: [Int32]

  /// Nothing is exchanged.
  init(count: Int) { signs = [Int32](repeating: 1, count: count) }

  /// Each pair is exchanged with probability one half.
  init(count: Int, seed: UInt64, replica: Int) {
    var random = CounterRandom(seed: seed, event: replica, stream: .pairExchange)
    var (signs, bits) = ([Int32](), UInt32(0))
    signs.reserveCapacity(count)
    for index in 0..<count {
      if index % 32 == 0 { bits = random.word() }
      signs.append(bits & 1 == 0 ? 1 : -1)
      bits >>= 1
    }
    self.signs = signs
  }
}
