extension EscapedText {
  /// The longest text that is shown whole [scalars]: more than a path or a list of names has.
  private static let longest = 6000

  /// The text as a part of a line on a terminal: no escape sequence, no line break. Of a very long
  /// one, such as a key of a damaged file, begin and end.
  public static func terminal(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > longest else { return visible(text) }
    let (begin, end) = (scalars.prefix(longest / 2), scalars.suffix(longest / 4))
    let left = scalars.count - begin.count - end.count
    return "\(visible(String(begin))) ... (\(left) characters) ... \(visible(String(end)))"
  }

  /// A page of text of ours on a terminal, with its line breaks, into which strings from outside
  /// were put.
  ///
  /// - Parameters:
  ///   - page: the text.
  ///   - strings: what was put in; their own line breaks are written out.
  /// - Returns: the page, with no other control than its line breaks.
  public static func terminal(page: String, with strings: [String]) -> String {
    var page = page
    // The longest first: another one may be a part of it.
    let hidden = Set(strings).filter { string in
      visible(string) != string && string.contains { !$0.isWhitespace }
    }
    for string in hidden.sorted(by: { ($0.count, $0) > ($1.count, $1) }) {
      page = page.replacing(string, with: visible(string))
    }
    return page.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { visible(String($0)) }.joined(separator: "\n")
  }
}
