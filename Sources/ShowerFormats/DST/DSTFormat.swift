/// Numbers of the DST format of the University of Utah: blocks of a fixed length with banks in
/// them.
///
/// Source: description of the format in Documentation/import.md, checked in both directions against
/// files of the experiment's own library.
enum DSTFormat {
  static let blockLength = 32_000
  /// Where a block ends with its check sum.
  static let checkSumPlace = 31_994
  /// Marks come in pairs, of which this is the first byte.
  static let mark: UInt8 = 0x60
  static let filler: UInt8 = 0x64
  /// Longest bank that is believed: 50,000 waveforms.
  static let longestBank = 64 << 20

  /// Second bytes of the marks.
  enum Mark: UInt8 {
    case blockStart = 0x61
    case blockEnd = 0x62
    case checkSum = 0x63
    case bankStart = 0x07
    case bankContinued = 0x08
    case bankEnd = 0x0E
    case bankGoesOn = 0x0F
  }

  /// Banks that are read or written, by their numbers.
  enum Bank: Int32 {
    case eventStart = 1_400_000_023
    case eventStop = 1_400_000_101
    /// Truth of a simulated event.
    case truth = 13_105
    /// Waveforms.
    case waveforms = 13_101
    /// Geometry fit of the experiment.
    case geometry = 13_104
    /// Fit of the lateral distribution of the experiment.
    case lateralDistribution = 13_107
  }

  /// The check sum of bytes: CCITT's polynomial, reflected, from 0.
  ///
  /// Eight bytes a step: a byte a step would take half of the time of reading.
  static func checkSum(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    var sum: UInt16 = 0
    var place = 0
    checkSumTables.withUnsafeBufferPointer { tables in
      while place + 8 <= bytes.count {
        let read = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        let word = UInt64(littleEndian: read) ^ UInt64(sum)
        sum =
          tables[7 << 8 + Int(word & 0xFF)] ^ tables[6 << 8 + Int(word >> 8 & 0xFF)]
          ^ tables[5 << 8 + Int(word >> 16 & 0xFF)] ^ tables[4 << 8 + Int(word >> 24 & 0xFF)]
          ^ tables[3 << 8 + Int(word >> 32 & 0xFF)] ^ tables[2 << 8 + Int(word >> 40 & 0xFF)]
          ^ tables[1 << 8 + Int(word >> 48 & 0xFF)] ^ tables[Int(word >> 56)]
        place += 8
      }
      while place < bytes.count {
        sum = sum >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: sum) ^ bytes[place])]
        place += 1
      }
    }
    return Int32(sum)
  }

  /// Table k is the check sum of a byte with k zeros after it.
  private static let checkSumTables: [UInt16] = {
    var tables = (0..<256).map { byte in
      (0..<8).reduce(UInt16(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0x8408 : 0) }
    }
    for index in 256..<8 * 256 {
      let before = tables[index - 256]
      tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
    }
    return tables
  }()
}
