extension EscapedText {
  /// The longest text in a drawing [scalars]; gnuplot cuts what is longer at a place of its own.
  static let gnuplotLimit = 300

  /// The text as a string of a gnuplot script, in single quotes, for the enhanced text mode.
  ///
  /// ASCII letters, digits, spaces and marks without a meaning to gnuplot stay. All others become
  /// `\U+XXXX`, which gnuplot draws as the character and does not read again. So no quote,
  /// backtick, brace, `%`, `$`, `@` or `\` of the text is in the script.
  public static func gnuplot(_ text: String) -> String {
    let scalars = text.unicodeScalars
    var kept = String(String.UnicodeScalarView(scalars.prefix(gnuplotLimit)))
    if scalars.count > gnuplotLimit { kept += "…" }
    // Its SVG reads the one again, and writes the other as it is, which XML forbids.
    kept = kept.replacing("\\U+", with: "\\ U+").replacing("]]>", with: "]] >")
    var result = "'"
    var isAfterCode = false
    for scalar in visible(kept).unicodeScalars {
      // gnuplot reads as many digits as there are.
      if !isPlain(scalar) || (isAfterCode && scalar.properties.isASCIIHexDigit) {
        result += "\\U+" + hexadecimal(scalar.value, digits: 4)
        isAfterCode = true
      } else {
        result.unicodeScalars.append(scalar)
        isAfterCode = false
      }
    }
    return result + "'"
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", " ", ".", ",", ":", ";", "+", "-", "*", "/", "=", "(",
      ")",
      "[", "]", "?":
      true
    default: !scalar.isASCII
    }
  }
}
