internal import Glibc

/// One bank of a DST file.
struct Bank {
  let number: Int32
  let version: Int32
  /// All bytes, number and version included.
  let bytes: [UInt8]
  /// Where it begins.
  let place: BlockPlace
}

/// A place in a DST file.
struct BlockPlace: CustomStringConvertible {
  /// Counted from 0.
  var block: Int
  /// Counted from the begin of the block.
  var byte: Int

  var description: String { "block \(block), byte \(byte)" }
}

/// Reads the banks of a DST file, and checks the check sums of blocks and banks.
///
/// Memory is that of a block and a bank.
final class BankReader {
  let input: PackedFile
  private let block = UnsafeMutableRawBufferPointer.allocate(
    byteCount: DSTFormat.blockLength, alignment: 8)
  private var place = BlockPlace(block: -1, byte: 0)
  private var isInBlock = false
  private var bank: [UInt8] = []
  /// Where the open bank began, and the check sum that its parts stated.
  private var opened: (place: BlockPlace, checkSum: Int32?)?

  var path: String { input.path }

  init(_ input: PackedFile) { self.input = input }

  deinit { block.deallocate() }

  /// Whether a block begins as one of a DST file does.
  static func mayBegin(_ start: some Sequence<UInt8>) -> Bool {
    start.starts(with: [DSTFormat.mark, DSTFormat.Mark.blockStart.rawValue])
  }

  /// The next bank, nil at the end of the file.
  ///
  /// - Throws: `FormatError` with block and byte for a damaged or cut file.
  func next() throws(FormatError) -> Bank? {
    while true {
      guard isInBlock else {
        guard try readBlock() else {
          if let opened { throw error("the file ends within a bank", at: opened.place) }
          return nil
        }
        continue
      }
      if let bank = try readItem() { return bank }
    }
  }

  /// What follows the next mark of the block; a bank where one is complete.
  private func readItem() throws(FormatError) -> Bank? {
    let start = place
    switch try readMark() {
    case .blockEnd: isInBlock = false
    case .bankStart:
      if let opened { throw error("a bank begins before this one ended", at: opened.place) }
      bank.removeAll(keepingCapacity: true)
      opened = (start, nil)
      try readPart()
    case .bankContinued:
      guard opened != nil else { throw error("a part of a bank without its begin", at: start) }
      try readPart()
    case .bankGoesOn:
      let sum = try integer()
      guard opened != nil else { throw error("a check sum without a bank", at: start) }
      opened?.checkSum = sum
    case .bankEnd:
      let sum = try integer()
      guard let opened else { throw error("a check sum without a bank", at: start) }
      self.opened = nil
      return try closedBank(opened, stated: sum)
    case .blockStart, .checkSum, nil:
      throw error(
        "no mark of the format, but \(hexadecimal(block[start.byte..<start.byte + 2]))", at: start)
    }
    return nil
  }

  private func closedBank(
    _ opened: (place: BlockPlace, checkSum: Int32?), stated: Int32
  ) throws(FormatError) -> Bank {
    guard bank.count >= 8 else {
      throw error("a bank of \(bank.count) bytes, which has no number", at: opened.place)
    }
    let (number, version) = bank.withUnsafeBytes {
      (
        Int32(littleEndian: $0.loadUnaligned(as: Int32.self)),
        Int32(littleEndian: $0.loadUnaligned(fromByteOffset: 4, as: Int32.self))
      )
    }
    let found = bank.withUnsafeBytes(DSTFormat.checkSum)
    guard found == stated, opened.checkSum ?? stated == stated else {
      throw error(
        "bank \(number) has the check sum \(found), not \(stated) as it states", at: opened.place)
    }
    return Bank(number: number, version: version, bytes: bank, place: opened.place)
  }

  private func readMark() throws(FormatError) -> DSTFormat.Mark? {
    try need(2)
    defer { place.byte += 2 }
    guard block[place.byte] == DSTFormat.mark else { return nil }
    return DSTFormat.Mark(rawValue: block[place.byte + 1])
  }

  private func integer() throws(FormatError) -> Int32 {
    try need(4)
    defer { place.byte += 4 }
    return Int32(littleEndian: block.loadUnaligned(fromByteOffset: place.byte, as: Int32.self))
  }

  private func readPart() throws(FormatError) {
    let start = place
    let length = Int(try integer())
    guard length >= 0, length <= DSTFormat.checkSumPlace - place.byte,
      bank.count + length <= DSTFormat.longestBank
    else { throw error("a part of a bank of \(length) bytes", at: start) }
    bank.append(contentsOf: block[place.byte..<place.byte + length])
    place.byte += length
  }

  private func need(_ count: Int) throws(FormatError) {
    guard place.byte + count <= DSTFormat.checkSumPlace else {
      throw error("the block has no end of its data", at: place)
    }
  }

  /// - Returns: whether there was another block.
  private func readBlock() throws(FormatError) -> Bool {
    place = BlockPlace(block: place.block + 1, byte: 0)
    var count = 0
    do {
      count = try input.read(into: block)
    } catch {
      throw FormatError(
        error.file, error.reason,
        at: [error.place, "block \(place.block)"].compactMap(\.self)
          .joined(separator: ", "), remedy: error.remedy)
    }
    guard count > 0 else { return false }
    guard count == DSTFormat.blockLength else {
      throw error(
        "the file is cut: its last block has \(count) of \(DSTFormat.blockLength) bytes", at: place)
    }
    guard Self.mayBegin(block[0..<2]) else {
      throw error("no begin of a block, but \(hexadecimal(block[0..<2]))", at: place)
    }
    let end = DSTFormat.checkSumPlace + 2
    let sums = (
      found: DSTFormat.checkSum(UnsafeRawBufferPointer(rebasing: block[..<end])),
      stated: Int32(littleEndian: block.loadUnaligned(fromByteOffset: end, as: Int32.self))
    )
    guard sums.found == sums.stated else {
      throw error(
        "the block has the check sum \(sums.found), not \(sums.stated) as it states",
        at: BlockPlace(block: place.block, byte: end))
    }
    place.byte = 6
    isInBlock = true
    return true
  }

  /// An error that names block and byte.
  func error(_ reason: String, at place: BlockPlace) -> FormatError {
    FormatError(path, reason, at: "\(place)", remedy: FormatError.copyAgain)
  }

  private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
  }
}
