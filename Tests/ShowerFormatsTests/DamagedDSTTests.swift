import Foundation
import ShowerModel
import Testing

@testable import ShowerFormats

/// Files that are no DST files, or not whole.
@Suite struct DamagedDSTTests {
  private static let five = Samples.fixture("dst/airshower_5.rufldf.dst.gz")

  @Test func wrongFiles() throws {
    let folder = try TemporaryFolder()
    #expect(
      Samples.error(of: folder.path("none")) == "FILE: no such file. Check the name.")
    #expect(
      Samples.error(of: folder.url.path) == "FILE: is no regular file. Give a file.")
    let empty = try folder.write([], to: "empty")
    #expect(Samples.error(of: empty)?.hasPrefix("FILE: is empty. Give a DST file") == true)
    let text = try folder.write(Array("event,energy\n1,2\n".utf8), to: "text.dst")
    #expect(
      Samples.error(of: text)?.hasPrefix("FILE: is of no format that import reads. Give a DST file")
        == true)
  }

  @Test func cutFiles() throws {
    let folder = try TemporaryFolder()
    let bytes = try Samples.unpacked(Self.five)
    let inBlock = try folder.write(Array(bytes.prefix(100_000)), to: "cut")
    #expect(
      Samples.error(of: inBlock)
        == "FILE: the file is cut: its last block has 4000 of 32000 bytes (block 3, byte 0). "
        + "The file is damaged: copy it again.")
    let inEvent = try folder.write(Array(bytes.prefix(32_000)), to: "cut")
    #expect(
      Samples.error(of: inEvent)
        == "FILE: the file ends within a bank (block 0, byte 90). "
        + "The file is damaged: copy it again.")
    let packed = try Data(contentsOf: URL(filePath: Self.five))
    let inPacking = try folder.write([UInt8](packed.prefix(50_000)), to: "cut")
    let message = try #require(Samples.error(of: inPacking))
    #expect(message.hasPrefix("FILE: the gzip data end early (byte 50000, block "))
    #expect(message.hasSuffix("). The file is damaged: copy it again."))
  }

  @Test func wrongCheckSums() throws {
    let folder = try TemporaryFolder()
    var bytes = try Samples.unpacked(Self.five)
    bytes[32_000 + 5000] ^= 4
    let block = try folder.write(bytes, to: "block")
    let message = try #require(Samples.error(of: block))
    #expect(message.hasPrefix("FILE: the block has the check sum "))
    #expect(
      message.hasSuffix(
        " as it states (block 1, byte 31996). The file is damaged: copy it again."))
    // The same with a block whose check sum is right.
    Self.mend(&bytes, block: 1)
    let bank = try folder.write(bytes, to: "bank")
    let other = try #require(Samples.error(of: bank))
    #expect(other.hasPrefix("FILE: bank 13101 has the check sum "))
    #expect(
      other.hasSuffix(" as it states (block 0, byte 90). The file is damaged: copy it again."))
  }

  /// Three thousand random changes: each is found, or harmless; none ends the process.
  ///
  /// A third of them have blocks with right check sums. Most are of the first event alone, which
  /// is shorter.
  @Test func mutationsAreFound() throws {
    let folder = try TemporaryFolder()
    let whole = try Samples.unpacked(Self.five)
    let small = try firstEvent(folder)
    var random = CounterRandom(seed: 5, event: 0, stream: .altitudes)
    var found = 0
    for round in 0..<3000 {
      var bytes = round < 30 ? whole : small
      var changed: Set<Int> = []
      for _ in 0..<Int(1 + 3 * random.uniform()) {
        let place = Int(random.uniform() * Double(bytes.count))
        changed.insert(place / 32_000)
        switch Int(4 * random.uniform()) {
        case 0: bytes[place] = UInt8(256 * random.uniform())
        case 1: bytes[place] ^= 1 << UInt8(8 * random.uniform())
        case 2: bytes[place] = 0xFF
        default:
          let count = min(4, bytes.count - place)
          bytes.replaceSubrange(
            place..<place + count, with: [0xFF, 0xFF, 0xFF, 0x7F].prefix(count))
        }
      }
      if round % 3 == 0 {
        for block in changed { Self.mend(&bytes, block: block) }
      }
      if round % 50 == 1 { bytes = Array(bytes.prefix(Int(random.uniform() * 32_000))) }
      let path = try folder.write(bytes, to: "mutated")
      guard let message = Samples.error(of: path) else { continue }
      found += 1
      let known = message.contains("(block ") && message.contains(", byte ")
      #expect(
        known || message.hasPrefix("FILE: is of no format") || message.hasPrefix("FILE: is empty")
          || message.hasPrefix("FILE: has no event"), "\(message)")
    }
    #expect(found > 2500)
  }

  /// The bytes of a file with the first event: eight of its windows, and all its results.
  private func firstEvent(_ folder: TemporaryFolder) throws -> [UInt8] {
    var event = try #require(try Samples.events(Self.five).first).event
    event.hits = Array(event.hits.prefix(8))
    let path = folder.path("first")
    let made = try DSTWriter(
      path: folder.path("unused"), name: "unused", packs: false,
      array: Samples.array("telescope-array"), sampleCount: 128
    ).content(of: event)
    let writer = BankWriter(try PackedOutput(path: path, name: path, packs: false))
    let reader = BankReader(try PackedFile(path: Self.five))
    while let bank = try reader.next() {
      switch DSTFormat.Bank(rawValue: bank.number) {
      case .truth: for bank in made { try writer.write(bank) }
      case .waveforms: break
      default: try writer.write(BankBytes(of: bank))
      }
      if bank.number == DSTFormat.Bank.eventStop.rawValue { break }
    }
    try writer.finish()
    #expect(try Samples.events(path).first?.results.count == 2)
    return try Samples.unpacked(path)
  }

  /// Gives a block the check sum that it needs.
  private static func mend(_ bytes: inout [UInt8], block: Int) {
    let range = block * 32_000..<block * 32_000 + 31_996
    guard range.upperBound + 4 <= bytes.count else { return }
    let sum = Array(bytes[range]).withUnsafeBytes(DSTFormat.checkSum)
    withUnsafeBytes(of: sum.littleEndian) {
      bytes.replaceSubrange(range.upperBound..<range.upperBound + 4, with: $0)
    }
  }
}
