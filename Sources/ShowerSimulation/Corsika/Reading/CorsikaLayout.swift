/// How the records of a particle file lie in it, which its first bytes tell.
///
/// A record is 21 sub-blocks of 273 words (standard) or 312 (thinned), usually between two markers
/// with its length.
public struct CorsikaLayout: Equatable, Sendable {
  /// Whether rows carry a weight.
  public let isThinned: Bool
  /// Bytes of a record marker: 4, 8 (some compilers), or 0 without markers.
  public let markerBytes: Int

  static let blocksPerRecord = 21
  static let rowsPerBlock = 39
  /// Bytes of the start of a file that tell the layout.
  static let startBytes = 1252

  var rowBytes: Int { isThinned ? 32 : 28 }
  var blockBytes: Int { Self.rowsPerBlock * rowBytes }
  /// Bytes of a record without its markers.
  var recordBytes: Int { Self.blocksPerRecord * blockBytes }
  var bytesOnDisk: Int { recordBytes + 2 * markerBytes }

  init(isThinned: Bool, markerBytes: Int) {
    self.isThinned = isThinned
    self.markerBytes = markerBytes
  }

  private static let all = [4, 8, 0].flatMap { marker in
    [false, true].map { CorsikaLayout(isThinned: $0, markerBytes: marker) }
  }

  /// The layout of a file that begins with some bytes, `startBytes` or the whole file.
  ///
  /// - Throws: `.notCorsika`, `.byteSwapped`, `.truncated`.
  init(start: UnsafeRawBufferPointer, file: String) throws(CorsikaError) {
    func word(_ offset: Int) -> UInt32 {
      offset + 4 <= start.count
        ? UInt32(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) : 0
    }
    guard start.count > 0 else { throw CorsikaError(file: file, .notCorsika(found: "nothing")) }
    for layout in Self.all where layout.markerBytes > 0 {
      let length = UInt32(layout.recordBytes)
      guard word(layout.markerBytes) == CorsikaBlock.runHeader.code else { continue }
      if word(0) == length, layout.markerBytes == 4 || word(4) == 0 {
        self = layout
        return
      }
      // A marker of 8 bytes in the opposite order has its number at the end.
      if word(layout.markerBytes - 4).byteSwapped == length {
        throw CorsikaError(file: file, .byteSwapped)
      }
    }
    if word(0) == CorsikaBlock.runHeader.code {
      for layout in Self.all where layout.markerBytes == 0 {
        let next = word(layout.blockBytes)
        guard next == CorsikaBlock.eventHeader.code || next == CorsikaBlock.runEnd.code else {
          continue
        }
        // The number of observation levels tells the order of bytes where no marker does.
        if !(1...10).contains(Float(bitPattern: word(16))),
          (1...10).contains(Float(bitPattern: word(16).byteSwapped))
        {
          throw CorsikaError(file: file, .byteSwapped)
        }
        self = layout
        return
      }
      if start.count < Self.startBytes {
        throw CorsikaError(file: file, block: 1, .truncated(missing: "the end of its first block"))
      }
    }
    throw CorsikaError(file: file, .notCorsika(found: Self.text(start)))
  }

  /// Whether bytes may be the start of a particle file, in either order of bytes, or of a packed
  /// one.
  public static func mayBegin(with start: [UInt8]) -> Bool {
    let name = Array("RUNH".utf8)
    return CorsikaBytes.isPacked(start)
      || [0, 4, 8].contains { start.count >= $0 + 4 && Array(start[$0..<$0 + 4]) == name }
  }

  private static func text(_ start: UnsafeRawBufferPointer) -> String {
    let bytes = start.prefix(8)
    return bytes.allSatisfy { (32..<127).contains($0) }
      ? "\"\(String(decoding: bytes, as: UTF8.self))\""
      : "the bytes " + bytes.map { String($0, radix: 16) }.joined(separator: " ")
  }
}

/// The named sub-blocks; all others hold particles.
enum CorsikaBlock: String, CaseIterable {
  case runHeader = "RUNH"
  case eventHeader = "EVTH"
  case longitudinal = "LONG"
  case eventEnd = "EVTE"
  case runEnd = "RUNE"

  /// The four letters as a number.
  var code: UInt32 { rawValue.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) } }

  private static let blocks = Dictionary(uniqueKeysWithValues: allCases.map { ($0.code, $0) })

  @inline(__always) init?(code: UInt32) {
    // "RUNx", "EVTx", "LONG": no description of a particle is such a number, as these are whole.
    guard let block = Self.blocks[code] else { return nil }
    self = block
  }
}
