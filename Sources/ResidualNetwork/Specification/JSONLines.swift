/// The lines on which the values of a JSON text begin, by paths such as `grid[2].kernel`.
///
/// For errors in files that JSON's reader has seen, whether it took them or not. Neither what
/// follows a fault nor what lies deeper than any specification is found: a text of 200,000 open
/// brackets must not exhaust the stack.
struct JSONLines {
  private var lines: [String: Int] = [:]

  init(_ text: String) {
    var scanner = Scanner(text: Array(text.utf8))
    scanner.value(at: "")
    lines = scanner.lines
  }

  /// The line of a value, or of the nearest one around it; nil where that is the whole text.
  func line(of path: String) -> Int? {
    var path = path
    while !path.isEmpty {
      if let line = lines[path] { return line }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
      path = String(path[..<end])
    }
    return nil
  }

  private struct Scanner {
    static let deepest = 32
    let text: [UInt8]
    var position = 0
    var line = 1
    var lines: [String: Int] = [:]

    private var next: UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipSpace() {
      while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
        if byte == 0x0A { line += 1 }
        position += 1
      }
    }

    private mutating func take(_ character: Character) -> Bool {
      skipSpace()
      guard next == character.asciiValue else { return false }
      position += 1
      return true
    }

    /// A string, without its escapes resolved: keys of ours have none.
    private mutating func string() -> String {
      guard take("\"") else { return "" }
      let start = position
      while let byte = next, byte != UInt8(ascii: "\"") {
        position += byte == UInt8(ascii: "\\") ? 2 : 1
      }
      let end = min(position, text.count)
      position += 1
      return String(decoding: text[start..<end], as: UTF8.self)
    }

    mutating func value(at path: String, depth: Int = 0) {
      skipSpace()
      guard depth < Self.deepest else {
        position = text.count
        return
      }
      lines[path] = line
      if take("{") {
        while !take("}"), next != nil {
          skipSpace()
          let key = string()
          guard take(":") else { return }
          value(at: path.isEmpty ? key : "\(path).\(key)", depth: depth + 1)
          _ = take(",")
        }
      } else if take("[") {
        var index = 0
        while !take("]"), next != nil {
          value(at: "\(path)[\(index)]", depth: depth + 1)
          index += 1
          _ = take(",")
        }
      } else if next == UInt8(ascii: "\"") {
        _ = string()
      } else {
        let start = position
        while let byte = next, ![0x2C, 0x5D, 0x7D, 0x20, 0x09, 0x0A, 0x0D].contains(byte) {
          position += 1
        }
        // A fault: nothing that could be a value.
        if position == start { position = text.count }
      }
    }
  }
}
