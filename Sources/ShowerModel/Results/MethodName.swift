/// The rule for names of methods, which are also names of groups in event files and parts of file
/// names.
public enum MethodName {
  /// Longest name.
  public static let lengthLimit = 64

  /// The rule in words, for messages and help.
  public static let rule =
    "letters a-z and A-Z, digits, \"_\", \"-\" and \".\"; the first is a letter; "
    + "at most 64 characters"

  /// Whether a method may be called so.
  ///
  /// Only ASCII counts: other scripts have letters that look alike.
  public static func isValid(_ name: String) -> Bool {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, isLetter(first), scalars.count <= lengthLimit else {
      return false
    }
    return scalars.allSatisfy {
      isLetter($0) || ("0"..."9").contains($0) || "_-.".unicodeScalars.contains($0)
    }
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }
}
