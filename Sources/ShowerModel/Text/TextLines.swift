extension String {
  /// The lines of a table, empty ones too, without their ends: LF, CR LF or CR.
  ///
  /// Bytes are compared. Characters, of which CR LF is one, take ten times as long, and every
  /// command reads a table of two thousand lines.
  package var lines: [Substring] {
    var lines: [Substring] = []
    var start = utf8.startIndex
    var place = start
    while place < utf8.endIndex {
      let byte = utf8[place]
      let end = place
      utf8.formIndex(after: &place)
      guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else { continue }
      lines.append(self[start..<end])
      if byte == UInt8(ascii: "\r"), place < utf8.endIndex, utf8[place] == UInt8(ascii: "\n") {
        utf8.formIndex(after: &place)
      }
      start = place
    }
    lines.append(self[start...])
    return lines
  }
}

extension Substring {
  /// The fields of a line between its commas, empty ones too, with their blanks.
  package var fields: [Substring] {
    utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(Substring.init)
  }
}
