/// What is wrong with the text of a condition, and where.
package struct ConditionError: Error, Equatable, CustomStringConvertible {
  package let text: String
  /// Characters of the text that are wrong; an empty range at its end where something is missing.
  package let range: Range<Int>
  package let reason: String

  init(_ text: [Character], _ range: Range<Int>, _ reason: String) {
    self.text = String(text)
    self.range = range
    self.reason = reason
  }

  /// The reason, the text, and a line that points at the place.
  package var lines: [String] {
    let letters = Array(text)
    let before = EscapedText.visible(String(letters[..<range.lowerBound])).count
    let width = EscapedText.visible(String(letters[range])).count
    return [
      EscapedText.visible(reason), "  \(EscapedText.visible(text))",
      "  " + String(repeating: " ", count: before) + String(repeating: "^", count: max(width, 1)),
    ]
  }

  package var description: String { lines.joined(separator: "\n") }
}
