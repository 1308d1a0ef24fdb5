internal import CDeflate

/// zlib streams of bytes by their frequencies and of runs of one byte.
///
/// Strings that come again are not looked for: in noise there are none that pay, and the search
/// takes four fifths of the time. Samples of waveforms become as small as by libdeflate. Formats
/// and readers are those of every gzip filter.
enum LiteralDeflate {
  /// Makes a stream (RFC 1950).
  ///
  /// - Parameters:
  ///   - bytes: what it holds, one at least.
  ///   - blockLength: bytes that have codes of their own, such as those of a plane.
  /// - Returns: the stream.
  static func compress(_ bytes: UnsafeRawBufferPointer, blockLength: Int) -> [UInt8] {
    let starts = stride(from: 0, to: bytes.count, by: blockLength)
    // Two bytes a byte at most, code lengths of each block, header and check sum.
    let bound = 2 * bytes.count + 512 * (starts.underestimatedCount + 1)
    return [UInt8](unsafeUninitializedCapacity: bound) { room, count in
      guard let start = room.baseAddress else { return }
      var bits = DeflateBits(start)
      // Deflate with a window of 32 kB, the fastest level.
      bits.append(0x0178, count: 16)
      for first in starts {
        let end = min(first + blockLength, bytes.count)
        LiteralBlock(UnsafeRawBufferPointer(rebasing: bytes[first..<end]))
          .write(isLast: end == bytes.count, to: &bits)
      }
      bits.fillByte()
      let sum = libdeflate_adler32(1, bytes.baseAddress, bytes.count)
      bits.append(UInt64(sum.byteSwapped), count: 32)
      count = bits.byteCount
    }
  }
}

/// A block of deflate with codes of its own: literals, and matches with the byte before.
private struct LiteralBlock {
  /// Equal bytes that become a run; it has a word of eight of them, whatever its place.
  private static let leastRun = 16
  private static let longestMatch = 258
  private static let endOfBlock = 256
  /// Four codes must fit into the 56 bits that are written at once.
  private static let longestCode = 14
  private static let symbolCount = 286

  private let bytes: UnsafeRawBufferPointer
  /// Runs without their first byte, from which they are copied.
  private let runs: [Range<Int>]

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    runs = Self.runs(in: bytes)
  }

  func write(isLast: Bool, to bits: inout DeflateBits) {
    let code = HuffmanCode(counts: counts(), longest: Self.longestCode)
    bits.append(isLast ? 1 : 0, count: 1)
    bits.append(0b10, count: 2)
    Self.write(code.lengths, to: &bits)
    writeContent(code, to: &bits)
    bits.append(Self.endOfBlock, of: code)
  }

  // MARK: - Runs

  private static func runs(in bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var word = 0
    while word + 8 <= bytes.count {
      let eight = bytes.loadUnaligned(fromByteOffset: word, as: UInt64.self)
      guard eight == (eight & 0xFF) &* 0x0101_0101_0101_0101 else {
        word += 8
        continue
      }
      var first = word
      var end = word + 8
      let least = runs.last?.upperBound ?? 0
      while first > least, bytes[first - 1] == bytes[word] { first -= 1 }
      while end + 8 <= bytes.count,
        bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self) == eight
      { end += 8 }
      while end < bytes.count, bytes[end] == bytes[word] { end += 1 }
      if end - first >= leastRun { runs.append(first + 1..<end) }
      word = max(end / 8 * 8, word + 8)
    }
    return runs
  }

  /// The matches that copy a run.
  private static func matches(_ run: Range<Int>) -> (whole: Int, rest: Int) {
    // A rest has three bytes at least; else it is literals.
    (run.count / longestMatch, run.count % longestMatch)
  }

  /// Symbol, extra bits and their number of a match of 3 to 258 bytes (RFC 1951, 3.2.5).
  private static func match(_ length: Int) -> (symbol: Int, extra: UInt64, extraCount: UInt64) {
    guard length < longestMatch else { return (285, 0, 0) }
    let value = length - 3
    guard value >= 8 else { return (257 + value, 0, 0) }
    // Four symbols for each number of extra bits.
    let extraCount = Int.bitWidth - 3 - value.leadingZeroBitCount
    let symbol = 257 + 4 * extraCount + value >> extraCount
    return (symbol, UInt64(value & (1 << extraCount - 1)), UInt64(extraCount))
  }

  // MARK: - Content

  /// Ranges of literals, each with the run behind it.
  private func forEachPart(_ body: (_ literals: Range<Int>, _ run: Range<Int>?) -> Void) {
    var done = 0
    for run in runs {
      body(done..<run.lowerBound, run)
      let rest = Self.matches(run).rest
      done = run.upperBound - (rest < 3 ? rest : 0)
    }
    body(done..<bytes.count, nil)
  }

  private func counts() -> [UInt32] {
    // Four counters of each byte, since equal bytes would wait for each other.
    var tables = [UInt32](repeating: 0, count: 4 * 256)
    var counts = [UInt32](repeating: 0, count: Self.symbolCount)
    counts[Self.endOfBlock] = 1
    forEachPart { literals, run in
      tables.withUnsafeMutableBufferPointer { tables in
        for index in literals { tables[(index & 3) << 8 | Int(bytes[index])] &+= 1 }
      }
      guard let run else { return }
      let (whole, rest) = Self.matches(run)
      counts[Self.match(Self.longestMatch).symbol] += UInt32(whole)
      if rest >= 3 { counts[Self.match(rest).symbol] += 1 }
    }
    for index in tables.indices { counts[index & 255] += tables[index] }
    return counts
  }

  private func writeContent(_ code: HuffmanCode, to bits: inout DeflateBits) {
    // Bits and, above them, their number.
    let table = (0..<256).map { UInt64(code.codes[$0]) | UInt64(code.lengths[$0]) << 32 }
    table.withUnsafeBufferPointer { table in
      forEachPart { literals, run in
        write(literals, table, to: &bits)
        guard let run else { return }
        let (whole, rest) = Self.matches(run)
        for _ in 0..<whole { write(match: Self.longestMatch, code, to: &bits) }
        if rest >= 3 { write(match: rest, code, to: &bits) }
      }
    }
  }

  @inline(__always) private func write(
    _ literals: Range<Int>, _ table: UnsafeBufferPointer<UInt64>, to bits: inout DeflateBits
  ) {
    var index = literals.lowerBound
    var writer = bits
    while index &+ 4 <= literals.upperBound {
      let (a, b) = (table[Int(bytes[index])], table[Int(bytes[index &+ 1])])
      let (c, d) = (table[Int(bytes[index &+ 2])], table[Int(bytes[index &+ 3])])
      let (ab, cd) = (a &>> 32 &+ b &>> 32, c &>> 32 &+ d &>> 32)
      let low = a & 0xFFFF | (b & 0xFFFF) &<< (a &>> 32)
      let high = c & 0xFFFF | (d & 0xFFFF) &<< (c &>> 32)
      writer.append(low | high &<< ab, count: ab &+ cd)
      index &+= 4
    }
    for index in index..<literals.upperBound {
      let entry = table[Int(bytes[index])]
      writer.append(entry & 0xFFFF, count: entry &>> 32)
    }
    bits = writer
  }

  /// A match with the byte before.
  private func write(match length: Int, _ code: HuffmanCode, to bits: inout DeflateBits) {
    let (symbol, extra, extraCount) = Self.match(length)
    bits.append(symbol, of: code)
    // Then a distance of 1, the only one: a bit of 0.
    bits.append(extra, count: extraCount + 1)
  }

  // MARK: - Code lengths

  /// Writes the bits of all symbols and of the only distance.
  ///
  /// They are in a complete code of their own, of four bits each: lengths from 0 to 14, and 15 for
  /// 11 to 138 zeros, deflate's symbol 18.
  private static func write(_ lengths: [UInt8], to bits: inout DeflateBits) {
    // Numbers of symbols, of distances, and of lengths of this code.
    bits.append(UInt64(symbolCount - 257), count: 5)
    bits.append(0, count: 5)
    bits.append(18 - 4, count: 4)
    // Symbols 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1; 16 and 17 never come.
    for index in 0..<18 { bits.append(index < 2 ? 0 : 4, count: 3) }
    var rest = (lengths + [1])[...]
    while let first = rest.first {
      let zeros = rest.prefix(138).prefix { $0 == 0 }.count
      if zeros >= 11 {
        bits.append(0b1111, count: 4)
        bits.append(UInt64(zeros - 11), count: 7)
      } else {
        bits.append(UInt64(reversedHalfByte[Int(first)]), count: 4)
      }
      rest = rest.dropFirst(zeros >= 11 ? zeros : 1)
    }
  }

  private static let reversedHalfByte: [UInt8] = [
    0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15,
  ]
}
