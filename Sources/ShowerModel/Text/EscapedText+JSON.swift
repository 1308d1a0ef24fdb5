extension EscapedText {
  /// JSON as an encoder made it, with hidden scalars as escapes of JSON: the same values, all
  /// visible.
  ///
  /// An encoder escapes quotes, backslashes and C0 controls, but not DEL, C1 controls, line
  /// separators and marks of writing direction.
  public static func json(_ encoded: String) -> String {
    func needsCode(_ scalar: Unicode.Scalar) -> Bool {
      // Below are the line breaks between the values.
      scalar.value >= 0x7F && isHidden(scalar)
    }
    guard encoded.unicodeScalars.contains(where: needsCode) else { return encoded }
    var result = ""
    for scalar in encoded.unicodeScalars {
      if needsCode(scalar) {
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
          result += "\\u" + hexadecimal(UInt32(unit), digits: 4)
        }
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
