extension EscapedText {
  /// The text as a part of a line on a terminal: no escape sequence, no line break.
  public static func terminal(_ text: String) -> String { visible(text) }

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
