import Testing

@testable import ShowerStore

/// Streams of literals and runs, read again by libdeflate.
@Suite struct LiteralDeflateTests {
  private func expectRoundTrip(_ bytes: [UInt8], blockLength: Int? = nil) {
    let stream = bytes.withUnsafeBytes {
      LiteralDeflate.compress($0, blockLength: blockLength ?? bytes.count)
    }
    #expect(Deflate.decompress(stream, limit: bytes.count) == bytes)
  }

  /// Numbers that repeat after 2^32 only.
  private func words(_ count: Int) -> [UInt32] {
    (0..<UInt32(count)).map { index in
      var z = index &* 0x9E37_79B9
      z = (z ^ z >> 16) &* 0x85EB_CA6B
      return z ^ z >> 13
    }
  }

  @Test(arguments: [1, 2, 3, 15, 16, 17, 258, 259, 260, 261, 262, 516, 519, 65_536])
  func runsOfAllLengths(length: Int) {
    for before in [[], [1], [1, 2, 3], [UInt8](1...9)] {
      for after in [[], [0], [7], [7, 7, 8]] as [[UInt8]] {
        expectRoundTrip(before + [UInt8](repeating: 7, count: length) + after)
      }
    }
  }

  @Test func neighbouringRuns() {
    expectRoundTrip(
      (1...40).flatMap { [UInt8](repeating: UInt8($0 % 3), count: 13 * $0) })
  }

  @Test(arguments: [1, 5, 1000, 4096])
  func noiseInBlocks(blockLength: Int) {
    expectRoundTrip(words(4096).map { UInt8($0.nonzeroBitCount) }, blockLength: blockLength)
    expectRoundTrip(words(4096).map { UInt8(truncatingIfNeeded: $0) }, blockLength: blockLength)
  }

  @Test func rareSymbolsWithLongCodes() {
    // Each symbol half as often as the one before, so that codes of the best length have 20 bits.
    let bytes = (0..<21).flatMap { [UInt8](repeating: UInt8($0), count: 1 << (20 - $0)) }
    var mixed = bytes
    for (index, word) in words(bytes.count).enumerated() where index > 0 {
      mixed.swapAt(index, Int(word) % index)
    }
    expectRoundTrip(mixed)
  }

  @Test func codesAreCompleteAndShort() {
    let counts: [UInt32] = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 0, 233, 377, 610, 987]
    let code = HuffmanCode(counts: counts, longest: 9)
    #expect(code.lengths.allSatisfy { $0 <= 9 })
    #expect(code.lengths.filter { $0 > 0 }.map { 512 >> Int($0) }.reduce(0, +) == 512)
    #expect(code.lengths[12] == 0)
    let free = HuffmanCode(counts: [45, 13, 12, 16, 9, 5], longest: 15)
    #expect(free.lengths == [1, 3, 3, 3, 4, 4])
  }

  @Test func noiseIsSmallerThanWithStringsOfLibdeflate() {
    // Sums of bits are binomial, like noise around a pedestal.
    let bytes = words(32_768).map { UInt8(($0 & 0xFFFF).nonzeroBitCount) }
    bytes.withUnsafeBytes {
      #expect(
        LiteralDeflate.compress($0, blockLength: bytes.count).count < Deflate.compress($0).count)
    }
  }
}
