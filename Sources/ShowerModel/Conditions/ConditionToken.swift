/// The smallest part of a condition, with its place in the text.
struct ConditionToken: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case number(Double)
    /// A quantity, a function, or a named value.
    case name(String)
    /// A named value in quotes.
    case quoted(String)
    /// An operator or a parenthesis.
    case symbol(String)
    case end
  }

  let kind: Kind
  let range: Range<Int>

  /// Longest text of a condition.
  static let lengthLimit = 4000

  private static let symbols = [
    "&&", "||", "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "!", "(", ")",
  ]
  /// What other languages write, and what to write here.
  private static let foreign = [
    "=": "==", "&": "&&", "|": "||", "≤": "<=", "≥": ">=", "≠": "!=", "∧": "&&", "∨": "||",
    "×": "*",
  ]

  /// Divides a text.
  ///
  /// - Parameters:
  ///   - text: of the condition.
  ///   - names: of quantities. A name may hold "-", as names of methods do: the longest one that
  ///     stands in the text counts.
  /// - Returns: the tokens, and an end.
  /// - Throws: `ConditionError` for a character that has no meaning.
  static func all(
    of text: [Character], names: [String]
  ) throws(ConditionError) -> [ConditionToken] {
    guard text.count <= lengthLimit else {
      throw ConditionError(
        text, lengthLimit..<lengthLimit + 1, "a condition has at most \(lengthLimit) characters")
    }
    let unusual = names.filter { $0.contains("-") }.map(Array.init)
    var (tokens, start) = ([ConditionToken](), 0)
    while start < text.count {
      if text[start].isWhitespace {
        start += 1
        continue
      }
      let token = try next(in: text, from: start, unusual)
      tokens.append(token)
      start = token.range.upperBound
    }
    return tokens + [ConditionToken(kind: .end, range: text.count..<text.count)]
  }

  private static func next(
    in text: [Character], from start: Int, _ unusual: [[Character]]
  ) throws(ConditionError) -> ConditionToken {
    let first = text[start]
    if isDigit(first) || first == "." { return try number(in: text, from: start) }
    if isLetter(first) {
      var end = start
      while end < text.count, isPartOfName(text[end]) { end += 1 }
      for name in unusual where text[start...].starts(with: name) {
        let other = start + name.count
        if other > end, other == text.count || !isPartOfName(text[other]) { end = other }
      }
      return ConditionToken(kind: .name(String(text[start..<end])), range: start..<end)
    }
    if first == "\"" || first == "'" {
      guard let end = text[(start + 1)...].firstIndex(of: first) else {
        throw ConditionError(text, start..<start + 1, "the quote \(first) is not closed")
      }
      return ConditionToken(
        kind: .quoted(String(text[start + 1..<end])), range: start..<end + 1)
    }
    if let symbol = symbols.first(where: { text[start...].starts(with: $0) }) {
      return ConditionToken(kind: .symbol(symbol), range: start..<start + symbol.count)
    }
    let remedy = foreign[String(first)].map { "write \($0) for \(first)" }
    throw ConditionError(
      text, start..<start + 1, remedy ?? "\"\(first)\" has no meaning in a condition")
  }

  private static func number(
    in text: [Character], from start: Int
  ) throws(ConditionError) -> ConditionToken {
    var end = start
    func skipDigits() { while end < text.count, isDigit(text[end]) { end += 1 } }
    skipDigits()
    if end < text.count, text[end] == "." {
      end += 1
      skipDigits()
    }
    if end < text.count, text[end] == "e" || text[end] == "E" {
      var place = end + 1
      if place < text.count, text[place] == "-" || text[place] == "+" { place += 1 }
      if place < text.count, isDigit(text[place]) {
        end = place
        skipDigits()
      }
    }
    var tail = end
    while tail < text.count, isPartOfName(text[tail]) || text[tail] == "°" { tail += 1 }
    guard tail == end else {
      throw ConditionError(
        text, end..<tail,
        "a number has no unit here: energies are in EeV, angles in degrees, lengths in m")
    }
    guard let value = Double(digits(text[start..<end])), value.isFinite else {
      throw ConditionError(text, start..<end, "not a number")
    }
    return ConditionToken(kind: .number(value), range: start..<end)
  }

  /// The number as Swift reads it: with a digit on either side of the point.
  private static func digits(_ text: ArraySlice<Character>) -> String {
    var digits = String(text)
    if digits.hasPrefix(".") { digits = "0" + digits }
    guard let point = digits.firstIndex(of: ".") else { return digits }
    let after = digits.index(after: point)
    if after == digits.endIndex || !isDigit(digits[after]) { digits.insert("0", at: after) }
    return digits
  }

  private static func isDigit(_ letter: Character) -> Bool { ("0"..."9").contains(letter) }

  private static func isLetter(_ letter: Character) -> Bool {
    ("a"..."z").contains(letter) || ("A"..."Z").contains(letter) || letter == "_"
  }

  private static func isPartOfName(_ letter: Character) -> Bool {
    isLetter(letter) || isDigit(letter) || letter == "."
  }
}
