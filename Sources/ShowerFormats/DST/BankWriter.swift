internal import CZlib
internal import Glibc

/// Writes banks into the blocks of a DST file.
final class BankWriter {
  private let output: PackedOutput
  private var block: [UInt8] = []
  private var blockNumber: Int32 = 0

  /// Bytes that the end of a block takes: a check sum of a bank, the end of the data, the check sum
  /// of the block.
  private static let end = 20
  /// Fewest bytes of a bank that are worth a place in a block.
  private static let leastRoom = 16

  init(_ output: PackedOutput) {
    self.output = output
    beginBlock()
  }

  /// Writes a bank, in parts where it does not fit.
  func write(_ bank: BankBytes) throws(FormatError) {
    let sum = bank.bytes.withUnsafeBytes(DSTFormat.checkSum)
    if room < Self.leastRoom { try endBlock() }
    var written = 0
    while true {
      let length = min(room, bank.bytes.count - written)
      mark(written == 0 ? .bankStart : .bankContinued)
      append(Int32(length))
      block += bank.bytes[written..<written + length]
      written += length
      guard written < bank.bytes.count else { break }
      mark(.bankGoesOn)
      append(sum)
      try endBlock()
    }
    mark(.bankEnd)
    append(sum)
  }

  /// Writes the last block.
  func finish() throws(FormatError) {
    if block.count > 6 { try endBlock(beginningNext: false) }
    try output.finish()
  }

  /// Bytes of a bank that the block can still take.
  private var room: Int { DSTFormat.blockLength - block.count - Self.end }

  private func beginBlock() {
    block.removeAll(keepingCapacity: true)
    mark(.blockStart)
    append(blockNumber)
    blockNumber += 1
  }

  private func endBlock(beginningNext: Bool = true) throws(FormatError) {
    mark(.blockEnd)
    block += [UInt8](repeating: DSTFormat.filler, count: DSTFormat.checkSumPlace - block.count)
    mark(.checkSum)
    append(block.withUnsafeBytes(DSTFormat.checkSum))
    try output.write(block)
    if beginningNext { beginBlock() }
  }

  private func mark(_ mark: DSTFormat.Mark) { block += [DSTFormat.mark, mark.rawValue] }

  private func append(_ number: Int32) {
    withUnsafeBytes(of: number.littleEndian) { block += $0 }
  }
}

/// The bytes of a bank while it is filled.
struct BankBytes {
  private(set) var bytes: [UInt8] = []

  /// The bytes of a bank that was read.
  init(of bank: Bank) { bytes = bank.bytes }

  init(_ bank: DSTFormat.Bank, version: Int32 = 0) {
    integer(Int(bank.rawValue))
    integer(Int(version))
  }

  mutating func integer(_ value: Int) {
    withUnsafeBytes(of: Int32(truncatingIfNeeded: value).littleEndian) { bytes += $0 }
  }

  mutating func integers(_ values: some Sequence<Int>) { for value in values { integer(value) } }

  mutating func float32(_ value: Double) {
    withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func float64(_ value: Double) {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }
}
