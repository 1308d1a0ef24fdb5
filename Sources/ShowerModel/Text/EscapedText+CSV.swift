extension EscapedText {
  /// The text as a field of a CSV file (RFC 4180), in quotes where it needs them.
  ///
  /// A spreadsheet takes a field that begins with `=`, `+`, `-` or `@` for a formula. Such a text
  /// gets an apostrophe in front. For text only: numbers may begin with a sign.
  public static func csv(_ text: String) -> String {
    var field = visible(text)
    if let first = field.unicodeScalars.first, "=+-@".unicodeScalars.contains(first) {
      field = "'" + field
    }
    let needsQuotes = field.unicodeScalars.contains { $0 == "," || $0 == "\"" }
    return needsQuotes ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
  }
}
