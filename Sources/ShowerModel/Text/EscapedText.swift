/// Text from outside, made safe for one target: gnuplot, a web page, JSON, CSV or a terminal.
///
/// Names, notes and provenance of files, names of files, and options come from outside. They are
/// data: no target takes a part of them as a command. Characters that a reader could not see, or
/// that would change the text around them, are written out. A line break becomes `\n`. All
/// functions work on Unicode scalars, because a `Character` such as CR LF can hold several.
public enum EscapedText {
  /// The text with controls, line separators, marks of writing direction and other invisible
  /// scalars written out.
  ///
  /// A backslash stays as it is: the result is for reading, not for decoding.
  public static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isHidden(scalar) {
        result.append(contentsOf: code(of: scalar).unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Whether a scalar has no picture of its own. These are controls (C0, DEL, C1), formats such as
  /// marks of writing direction and zero-width joiners, line and paragraph separators, and
  /// unassigned scalars.
  static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20..<0x7F).contains(scalar.value) { return false }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
    default: false
    }
  }

  private static func code(of scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(hexadecimal(scalar.value, digits: 2))}"
    }
  }

  /// A number in capital hexadecimal digits, at least so many.
  static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
  }
}
