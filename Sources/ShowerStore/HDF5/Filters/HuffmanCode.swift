/// A complete Huffman code of limited length, as deflate wants it.
///
/// Source: RFC 1951 (1996), 3.2.2.
struct HuffmanCode {
  /// Bits of each symbol, 0 where it never comes.
  private(set) var lengths: [UInt8]
  /// The bits of each symbol, the first one lowest.
  private(set) var codes: [UInt16]

  /// - Parameters:
  ///   - counts: how often each symbol comes; two of them at least must come.
  ///   - longest: bits of the longest code, at most 15.
  init(counts: [UInt32], longest: Int) {
    lengths = [UInt8](repeating: 0, count: counts.count)
    codes = [UInt16](repeating: 0, count: counts.count)
    // From the rarest symbol to the most frequent one.
    let leaves = counts.indices.filter { counts[$0] > 0 }
      .map { UInt64(counts[$0]) << 32 | UInt64($0) }.sorted()
    let leavesOfLength = Self.limited(
      Self.depths(leaves.map { $0 >> 32 }), longest: longest)
    var symbols = leaves.map { Int(truncatingIfNeeded: $0 & 0xFFFF_FFFF) }[...]
    for length in stride(from: longest, to: 0, by: -1) {
      for symbol in symbols.prefix(leavesOfLength[length]) { lengths[symbol] = UInt8(length) }
      symbols = symbols.dropFirst(leavesOfLength[length])
    }
    assignCodes(leavesOfLength)
  }

  /// Depths of the leaves of the tree that joins the two rarest nodes again and again.
  private static func depths(_ leaves: [UInt64]) -> [Int] {
    let count = leaves.count
    // Leaves and joined nodes are two queues, both in order of weight.
    var weights = leaves
    var parents = [Int](repeating: 0, count: 2 * count - 1)
    var (leaf, joined) = (0, count)
    for node in count..<2 * count - 1 {
      var weight: UInt64 = 0
      for _ in 0..<2 {
        let child: Int
        if leaf < count, joined == node || weights[leaf] <= weights[joined] {
          child = leaf
          leaf += 1
        } else {
          child = joined
          joined += 1
        }
        parents[child] = node
        weight += weights[child]
      }
      weights.append(weight)
    }
    var depths = [Int](repeating: 0, count: 2 * count - 1)
    for node in stride(from: 2 * count - 3, through: 0, by: -1) {
      depths[node] = depths[parents[node]] + 1
    }
    return Array(depths.prefix(count))
  }

  /// How many leaves have each length, with longer ones shortened.
  private static func limited(_ depths: [Int], longest: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: longest + 1)
    for depth in depths { counts[min(depth, longest)] += 1 }
    let used = (1...longest).reduce(0) { $0 + counts[$1] << (longest - $1) }
    // Each turn gives a leaf a brother one level below it, which was one of the longest.
    for _ in 0..<max(used - 1 << longest, 0) {
      var length = longest - 1
      while counts[length] == 0 { length -= 1 }
      counts[length] -= 1
      counts[length + 1] += 2
      counts[longest] -= 1
    }
    return counts
  }

  private mutating func assignCodes(_ leavesOfLength: [Int]) {
    var next = [Int](repeating: 0, count: leavesOfLength.count + 1)
    for length in 1..<leavesOfLength.count {
      next[length + 1] = (next[length] + leavesOfLength[length]) << 1
    }
    for (symbol, length) in lengths.enumerated() where length > 0 {
      codes[symbol] = Self.reversed(UInt16(next[Int(length)]), length)
      next[Int(length)] += 1
    }
  }

  /// The lowest bits in the other order.
  private static func reversed(_ code: UInt16, _ length: UInt8) -> UInt16 {
    var (rest, result) = (code, UInt16(0))
    for _ in 0..<length {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }
}
