/// The lines of a text file one after the other, packed or not.
final class LineReader {
  let input: PackedFile
  /// Of the last line, counted from 1.
  private(set) var number = 0
  private let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
  private var bytes: [UInt8] = []
  private var start = 0

  /// Longest line that is believed.
  private static let longestLine = 1 << 20

  init(_ input: PackedFile) { self.input = input }

  deinit { part.deallocate() }

  /// The next line without its end, nil after the last.
  ///
  /// - Throws: `FormatError` for a line that is too long for a text.
  func next() throws(FormatError) -> Substring? {
    while true {
      if let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
        return line(to: end, next: end + 1)
      }
      bytes.removeFirst(start)
      start = 0
      guard bytes.count < Self.longestLine else {
        throw FormatError(
          input.path, "a line of more than \(Self.longestLine) bytes", at: "line \(number + 1)",
          remedy: "Give a text file")
      }
      let count = try input.read(into: part)
      guard count > 0 else {
        return bytes.isEmpty ? nil : line(to: bytes.count, next: bytes.count)
      }
      bytes += part[..<count]
    }
  }

  private func line(to end: Int, next: Int) -> Substring {
    defer { start = next }
    number += 1
    return Substring(decoding: bytes[start..<end], as: UTF8.self)
  }
}
